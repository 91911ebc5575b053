// Joins the modules of a built package into few files for Node, under dist/node: it opens a file in 0.3 ms, and there are hundreds.
// Programs for browsers are bundled from the modules, of which they take what they need. Run in the package's folder.
import { readFileSync, rmSync } from "node:fs";
import { posix, join, relative, sep } from "node:path";
import { rolldown } from "rolldown";

const folder = process.cwd();
/** @type {{ exports: Record<string, string | Record<string, string>> }} */
const { exports } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
/** @type {Record<string, string>} */
const input = {};
for (const [name, entry] of Object.entries(exports)) {
  if (typeof entry === "string") continue;
  const { node, default: modules } = entry;
  // What one entry point gave as modules would be loaded a second time, beside the files of another.
  if (!node?.startsWith("./dist/node/") || modules === undefined) {
    throw new Error(`${folder}: the entry point ${name} needs a "node" file under dist/node, and a "default"`);
  }
  input[node.replace("./dist/node/", "").replace(/\.js$/, "")] = join(folder, modules);
}

/**
 * Programs of worker threads stay the modules that they are, which import little; their addresses change with the files that
 * mention them.
 * @type {import("rolldown").Plugin}
 */
const threadPrograms = {
  name: "thread programs",
  transform(code, id) {
    const from = posix.dirname(relative(folder, id).split(sep).join("/"));
    return code.replaceAll(
      /new URL\("(\.\/[^"]+\.js)", import\.meta\.url\)/g,
      (_, path) => `new URL("module:${posix.join(from, path)}", import.meta.url)`,
    );
  },
  renderChunk(code, { fileName }) {
    const from = posix.dirname(posix.join("dist/node", fileName));
    return code.replaceAll(/"module:([^"]+)"/g, (_, path) => JSON.stringify(posix.relative(from, path)));
  },
};

const output = join(folder, "dist/node");
rmSync(output, { recursive: true, force: true });
const bundle = await rolldown({
  input,
  cwd: folder,
  platform: "node",
  external: /^[^./#]/,
  plugins: [threadPrograms],
});
await bundle.write({
  dir: output,
  format: "esm",
  chunkFileNames: "chunks/[name].js",
  codeSplitting: { groups: [{ name: "shared", minShareCount: 2 }] },
  // Names of classes are in messages, and in the names of links.
  keepNames: true,
  comments: false,
});
await bundle.close();
