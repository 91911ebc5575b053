// Checks what would be published: packs every package, lints the tarballs and their types, installs them into an empty
// project outside the workspace, type-checks that project and runs it. Needs a build.
// Usage: node scripts/check-packages.js
import { spawnSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));
const work = mkdtempSync(join(tmpdir(), "chain-packages-"));
const windows = process.platform === "win32";
let passed = 0;
let failed = 0;

/**
 * Runs a program to its end; prints what it said only when it fails.
 * @param {string} program @param {string[]} args @param {string} cwd
 * @returns {boolean} whether it exited with 0
 */
function succeeds(program, args, cwd) {
  const { status, stdout, stderr, error } = spawnSync(program, args, { cwd, encoding: "utf8", shell: windows });
  if (status === 0) return true;
  process.stdout.write(`$ ${[program, ...args].join(" ")}\n${stdout ?? ""}${stderr ?? ""}${error ? `${error}\n` : ""}`);
  return false;
}

/** @param {string} name @param {() => boolean} run */
function check(name, run) {
  const ok = run();
  if (ok) passed += 1;
  else failed += 1;
  console.log(`${ok ? "ok  " : "FAIL"} ${name}`);
  return ok;
}

/** @param {string} name the name of a program among the development dependencies */
function tool(name) {
  return join(root, "node_modules", ".bin", windows ? `${name}.cmd` : name);
}

/** @param {string} file */
function readJson(file) {
  return JSON.parse(readFileSync(file, "utf8"));
}

/** @typedef {{ name: string, exports: Record<string, unknown>, file: string }} Tarball */

/** @param {Tarball[]} tarballs @param {string} folder */
function makeConsumer(tarballs, folder) {
  mkdirSync(folder);
  cpSync(join(root, "scripts/consumer"), folder, { recursive: true });
  // A package of ours that is missing among the tarballs must not come from a registry instead.
  writeFileSync(
    join(folder, ".npmrc"),
    "@chain:registry=http://127.0.0.1:9/\nfetch-retries=0\naudit=false\nfund=false\n",
  );
  writeFileSync(
    join(folder, "package.json"),
    JSON.stringify({ name: "consumer", version: "1.0.0", private: true, type: "module" }, null, 2),
  );
  const entries = tarballs.flatMap(({ name, exports }) =>
    Object.keys(exports)
      .filter((entry) => entry !== "./package.json")
      .map((entry) => name + entry.slice(1)),
  );
  const lines = entries.map((entry, i) => `import * as entry${i} from "${entry}";`);
  const list = entries.map((entry, i) => `  "${entry}": entry${i},`);
  writeFileSync(
    join(folder, "entries.ts"),
    `${lines.join("\n")}\n\nexport const entries: Record<string, object> = {\n${list.join("\n")}\n};\n`,
  );
}

try {
  const { packageManager } = readJson(join(root, "package.json"));
  const packed = check("pack", () =>
    succeeds(
      windows ? "npx.cmd" : "npx",
      ["-y", packageManager, "--recursive", "--filter", "./packages/*", "pack", "--pack-destination", work],
      root,
    ),
  );
  if (packed) {
    const manifests = readdirSync(join(root, "packages")).map((name) =>
      readJson(join(root, "packages", name, "package.json")),
    );
    const tarballs = manifests.map(({ name, version, exports }) => ({
      name,
      exports,
      file: join(work, `${name.replace("@", "").replace("/", "-")}-${version}.tgz`),
    }));
    for (const { name, file } of tarballs) {
      check(`publint ${name}`, () => succeeds(tool("publint"), ["run", file, "--strict"], work));
      check(`types of ${name}`, () =>
        succeeds(tool("attw"), [file, "--profile", "esm-only", "--no-definitely-typed", "--no-color"], work),
      );
    }
    const folder = join(work, "consumer");
    makeConsumer(tarballs, folder);
    const installed = check("install the tarballs into an empty project", () =>
      succeeds(
        windows ? "npm.cmd" : "npm",
        ["install", "--ignore-scripts", ...tarballs.map(({ file }) => file)],
        folder,
      ),
    );
    if (installed) {
      check("type-check that project (bundler resolution)", () =>
        succeeds(
          tool("tsc"),
          ["-p", "tsconfig.json", "--noEmit", "--module", "preserve", "--moduleResolution", "bundler"],
          folder,
        ),
      );
      const compiled = check("compile that project", () => succeeds(tool("tsc"), ["-p", "tsconfig.json"], folder));
      if (compiled) {
        check("run that project", () => succeeds(process.execPath, ["out/main.js"], folder));
        check("name a device of another package there", () => succeeds(process.execPath, ["out/device.js"], folder));
      }
    }
  }
} finally {
  rmSync(work, { recursive: true, force: true });
}
console.log(`packages: ${passed} passed, ${failed} failed`);
if (failed > 0) process.exitCode = 1;
