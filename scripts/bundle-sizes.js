// How much code two programs make a browser load: bundled with esbuild, minified, compressed with gzip. Each is run, and every file
// that it loads by then is counted, whether it was imported at the start or later. Fails above a budget. Needs a build.
// Usage: node scripts/bundle-sizes.js
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { Session } from "node:inspector/promises";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { gzipSync } from "node:zlib";
import { build } from "esbuild";

/** @typedef {{ infer?: (device: string, picture: Float32Array) => Promise<unknown>, train?: (device: string, updates: number) => Promise<unknown> }} Module */

/** @type {{ name: string, file: string, aim: number, budget: number, run: (module: Module) => Promise<unknown> | undefined }[]} */
const programs = [
  {
    name: "inference, MLP",
    file: "infer",
    aim: 60_000,
    // 0.5 kB of it decide when threads share work, and start reductions together.
    budget: 101_000,
    run: ({ infer }) => infer?.("cpu", new Float32Array(784)),
  },
  {
    name: "training, MLP with Adam",
    file: "train",
    aim: 110_000,
    budget: 112_000,
    run: ({ train }) => train?.("cpu", 2),
  },
];
const folder = fileURLToPath(new URL("../packages/training/test/bundle/", import.meta.url));

const session = new Session();
session.connect();
/** @type {Set<string>} */
const loaded = new Set();
session.on("Debugger.scriptParsed", ({ params: { url } }) => loaded.add(url));
await session.post("Debugger.enable");

const work = mkdtempSync(join(tmpdir(), "chain-sizes-"));
try {
  writeFileSync(join(work, "package.json"), '{ "type": "module" }');
  for (const { name, file, aim, budget, run } of programs) {
    const outdir = join(work, file);
    const { metafile } = await build({
      entryPoints: [join(folder, `${file}.ts`)],
      outdir,
      bundle: true,
      splitting: true,
      minify: true,
      format: "esm",
      platform: "browser",
      target: "es2022",
      metafile: true,
      logLevel: "error",
    });
    const entry = pathToFileURL(join(outdir, `${file}.js`)).href;
    if ((await run(await import(entry))) === undefined) throw new Error(`${file} did not run`);
    const files = [...loaded]
      .filter((url) => url.startsWith(pathToFileURL(outdir).href))
      .map((url) => fileURLToPath(url));
    const size = files.reduce((sum, each) => sum + gzipSync(readFileSync(each), { level: 9 }).length, 0);
    console.log(
      `${name}: ${kilobytes(size)} in ${files.length} files (aim ${kilobytes(aim)}, budget ${kilobytes(budget)})`,
    );
    console.log(`    ${shares(metafile, new Set(files.map((each) => basename(each))))}`);
    if (size > budget) {
      console.log("    that is too much: see what has come in, or state a larger budget and why");
      process.exitCode = 1;
    }
  }
} finally {
  session.disconnect();
  rmSync(work, { recursive: true, force: true });
}

/** @param {number} bytes */
function kilobytes(bytes) {
  return `${(bytes / 1000).toFixed(1)} kB`;
}

/**
 * Where the code comes from, in shares of what it is before compression.
 * @param {import("esbuild").Metafile} metafile @param {Set<string>} files the names of the files that count
 */
function shares({ outputs }, files) {
  /** @type {Map<string, number>} */
  const sums = new Map();
  for (const [path, { inputs }] of Object.entries(outputs)) {
    if (!files.has(basename(path))) continue;
    for (const [input, { bytesInOutput }] of Object.entries(inputs)) {
      const [, place = "the program"] = /packages\/([a-z]+(?:\/dist\/(?:backends\/)?[a-z]+(?=\/))?)/.exec(input) ?? [];
      const part = place.replace("/dist", "");
      sums.set(part, (sums.get(part) ?? 0) + bytesInOutput);
    }
  }
  const total = [...sums.values()].reduce((sum, bytes) => sum + bytes, 0);
  const parts = [...sums].sort(([, a], [, b]) => b - a).map(([part, bytes]) => [part, (100 * bytes) / total]);
  return parts
    .filter(([, share]) => Number(share) >= 2)
    .map(([part, share]) => `${part} ${Number(share).toFixed(0)} %`)
    .join(", ");
}
