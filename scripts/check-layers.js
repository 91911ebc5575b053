// Checks what each package and app may import. Packages depend on each other in one direction only:
// training → optimizers → links → autograd → array; nobody imports an app, an undeclared dependency or another
// package's insides; TypeScript's project references say the same as package.json.
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { builtinModules } from "node:module";
import { dirname, join, relative, resolve, sep } from "node:path";
import { fileURLToPath } from "node:url";

/** Lowest first. A package that is not named here is optional: it may use all of these, and none of these may use it. */
const LAYERS = ["@chain/array", "@chain/autograd", "@chain/links", "@chain/optimizers", "@chain/training"];

const root = fileURLToPath(new URL("..", import.meta.url));

/**
 * @typedef {{ exports?: Record<string, unknown>, imports?: Record<string, unknown>, name: string, [field: string]: unknown }} Manifest
 * @typedef {{ directory: string, app: boolean, manifest: Manifest }} Workspace
 */

/** @returns {Workspace[]} */
function workspaces() {
  return ["packages", "apps"].flatMap((group) =>
    readdirSync(join(root, group), { withFileTypes: true })
      .filter((entry) => entry.isDirectory() && existsSync(join(root, group, entry.name, "package.json")))
      .map((entry) => {
        const directory = join(root, group, entry.name);
        return { directory, app: group === "apps", manifest: readJson(join(directory, "package.json")) };
      }),
  );
}

/** @param {string} file @returns {Manifest} */
function readJson(file) {
  return JSON.parse(readFileSync(file, "utf8"));
}

/** @param {Manifest} manifest @param {string[]} fields @returns {string[]} */
function namesIn(manifest, ...fields) {
  return fields.flatMap((field) => Object.keys(manifest[field] ?? {}));
}

/** @param {string} directory @returns {string[]} */
function sourceFiles(directory) {
  if (!existsSync(directory)) return [];
  return readdirSync(directory, { recursive: true, encoding: "utf8" })
    .filter((file) => /\.[cm]?[jt]s$/.test(file))
    .map((file) => join(directory, file));
}

/**
 * The module specifiers of a file, with their line numbers: `from "x"`, `import "x"`, `import("x")`, `import.meta.resolve("x")`.
 * @param {string} file @returns {[specifier: string, line: number][]}
 */
function importsOf(file) {
  /** @type {[string, number][]} */
  const found = [];
  let inBlockComment = false;
  for (const [index, line] of readFileSync(file, "utf8").split("\n").entries()) {
    const code = line.trim();
    if (code.startsWith("/*")) inBlockComment = true;
    if (!inBlockComment && !code.startsWith("//")) {
      const specifiers = code.matchAll(
        /(?:^|[\s;}])(?:from|import)\s*\(?\s*"([^"]+)"|import\.meta\.resolve\(\s*"([^"]+)"/g,
      );
      for (const match of specifiers) found.push([match[1] ?? match[2] ?? "", index + 1]);
    }
    if (code.includes("*/")) inBlockComment = false;
  }
  return found;
}

const all = workspaces();
const byName = new Map(all.map((workspace) => [workspace.manifest.name, workspace]));
const rootTools = namesIn(readJson(join(root, "package.json")), "devDependencies");
/** @type {string[]} */
const problems = [];

/**
 * @param {string} from @param {string} to @returns {boolean} whether the package `from` may depend on the package `to`
 */
function mayDependOn(from, to) {
  if (byName.get(to)?.app !== false) return false;
  if (byName.get(from)?.app === true) return true;
  const [lower, upper] = [LAYERS.indexOf(to), LAYERS.indexOf(from)];
  return upper === -1 ? true : lower !== -1 && lower < upper;
}

/** @param {Workspace} workspace */
function checkManifest({ directory, manifest }) {
  const ours = namesIn(manifest, "dependencies", "peerDependencies", "optionalDependencies", "devDependencies").filter(
    (name) => byName.has(name),
  );
  const where = relative(root, join(directory, "package.json"));
  for (const name of ours) {
    if (!mayDependOn(manifest.name, name)) problems.push(`${where}: ${manifest.name} may not depend on ${name}`);
  }
  const config = join(directory, "tsconfig.json");
  const references = [...readFileSync(config, "utf8").matchAll(/"path":\s*"([^"]+)"/g)].map(
    ([, path]) => readJson(join(directory, path ?? "", "package.json")).name,
  );
  if (references.toSorted().join() !== [...new Set(ours)].toSorted().join()) {
    problems.push(
      `${relative(root, config)}: references must name exactly the dependencies in package.json: ${ours.join(", ")}`,
    );
  }
}

/** @param {Workspace} workspace @param {string} file @param {string} part `src` or `test` */
function checkFile({ directory, manifest }, file, part) {
  const declared = namesIn(manifest, "dependencies", "peerDependencies", "optionalDependencies");
  if (part === "test") declared.push(...namesIn(manifest, "devDependencies"), ...rootTools);
  for (const [specifier, line] of importsOf(file)) {
    /** @param {string} what */
    const complain = (what) => problems.push(`${relative(root, file)}:${line}: "${specifier}" ${what}`);
    if (specifier.startsWith(".")) {
      const home = part === "src" ? join(directory, "src") : directory;
      const target = resolve(dirname(file), specifier);
      const shared = part === "test" && target.startsWith(join(root, "testing") + sep);
      if (!shared && !target.startsWith(home + sep)) {
        complain(`is outside ${relative(root, home)}: import the package by its name`);
      }
      continue;
    }
    if (specifier.startsWith("node:") || specifier in (manifest.imports ?? {})) continue;
    if (builtinModules.includes(specifier)) {
      complain(`is a module of Node: write "node:${specifier}"`);
      continue;
    }
    const name = specifier.split("/", specifier.startsWith("@") ? 2 : 1).join("/");
    const target = byName.get(name);
    if (target !== undefined && name !== manifest.name && !mayDependOn(manifest.name, name)) {
      complain(`may not be imported by ${manifest.name}`);
    } else if (name !== manifest.name && !declared.includes(name)) {
      complain(`is not a dependency in ${relative(root, join(directory, "package.json"))}`);
    } else if (target !== undefined && !("." + specifier.slice(name.length) in (target.manifest.exports ?? {}))) {
      complain(`is not an entry point of ${name}`);
    }
  }
}

for (const workspace of all) {
  checkManifest(workspace);
  for (const part of ["src", "test"]) {
    for (const file of sourceFiles(join(workspace.directory, part))) checkFile(workspace, file, part);
  }
}
for (const problem of problems) console.error(problem);
if (problems.length > 0) process.exitCode = 1;
