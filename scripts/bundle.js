// Joins the modules of a built package into few files for Node, under dist/node: it opens a file in 0.3 ms, and there are hundreds.
// Programs for browsers are bundled from the modules, of which they take what they need. Run in the package's folder.
import { readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { rolldown } from "rolldown";

const folder = process.cwd();
/** @type {{ exports: Record<string, string | Record<string, string>> }} */
const { exports } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
/** @type {Record<string, string>} */
const input = {};
for (const entry of Object.values(exports)) {
  if (typeof entry === "string") continue;
  const { node, default: modules } = entry;
  if (node === undefined || modules === undefined) continue;
  input[node.replace("./dist/node/", "").replace(/\.js$/, "")] = join(folder, modules);
}

const output = join(folder, "dist/node");
rmSync(output, { recursive: true, force: true });
const bundle = await rolldown({
  input,
  cwd: folder,
  platform: "node",
  external: /^[^./]/,
  // The program of a worker thread is a file of its own.
  experimental: { resolveNewUrlToAsset: true },
});
await bundle.write({
  dir: output,
  format: "esm",
  chunkFileNames: "chunks/[name].js",
  assetFileNames: "chunks/[name].js",
  codeSplitting: { groups: [{ name: "shared", minShareCount: 2 }] },
  // Names of classes are in messages, and in the names of links.
  keepNames: true,
  comments: false,
});
await bundle.close();
