// How much code two programs make a browser load: bundled with esbuild, minified, compressed with gzip. Each is run on the device that a
// page starts on and then on the cpu, and every file that it has loaded by then is counted, whether it was imported at the start or later.
// For a GPU, which is not at hand everywhere, the files that opening one loads are counted. Fails above a budget. Needs a build.
// Usage: node scripts/bundle-sizes.js
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { Session } from "node:inspector/promises";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { gzipSync } from "node:zlib";
import { build } from "esbuild";

/** @typedef {{ infer: (picture: Float32Array) => Promise<unknown>, moveTo: (device: string) => Promise<void> }} Inference */
/** @typedef {{ train: (device: string | null, updates: number) => Promise<unknown> }} Training */

/**
 * A program, what running it is on a device (null: the one that a page starts on), and how many bytes each way to use it may take.
 * @type {{
 *   name: string,
 *   file: string,
 *   run: (module: unknown, device: string | null) => Promise<unknown>,
 *   budgets: Record<"js" | "cpu" | "webgpu" | "one file" | "one file, js alone", number>,
 * }[]}
 */
const programs = [
  {
    name: "inference, MLP",
    file: "infer",
    run: async (module, device) => {
      const { infer, moveTo } = /** @type {Inference} */ (module);
      if (device !== null) await moveTo(device);
      return infer(new Float32Array(784));
    },
    budgets: { js: 60_000, cpu: 101_000, webgpu: 89_500, "one file": 126_500, "one file, js alone": 57_000 },
  },
  {
    name: "training, MLP with Adam",
    file: "train",
    run: (module, device) => /** @type {Training} */ (module).train(device, 2),
    budgets: { js: 70_000, cpu: 110_000, webgpu: 99_500, "one file": 136_000, "one file, js alone": 67_000 },
  },
];
/** The entry points that devices are loaded by; a bundler that is told to leave them out makes a program for `js` alone. */
const devices = ["@chain/array/cpu", "@chain/array/webgpu"];
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
  for (const { name, file, run, budgets } of programs) {
    const outdir = join(work, file);
    const { metafile } = await bundle(file, { outdir, splitting: true });
    const program = await import(pathToFileURL(join(outdir, `${file}.js`)).href);
    const loadedFiles = () =>
      [...loaded].filter((url) => url.startsWith(pathToFileURL(outdir).href)).map((url) => fileURLToPath(url));
    await run(program, null);
    const atStart = loadedFiles();
    await run(program, "cpu");
    const withCpu = loadedFiles();
    const gpuEntry = filesBehind(metafile, "backends/webgpu/index.js").map((path) => join(outdir, basename(path)));
    const whole = await bundle(file, { outdir: join(work, `${file}-whole`) });
    const alone = await bundle(file, { outdir: join(work, `${file}-alone`), external: devices });
    const sizes = {
      js: sizeOf(atStart),
      cpu: sizeOf(withCpu),
      webgpu: sizeOf([...new Set([...atStart, ...gpuEntry])]),
      "one file": sizeOf(Object.keys(whole.metafile.outputs)),
      "one file, js alone": sizeOf(Object.keys(alone.metafile.outputs)),
    };
    console.log(name);
    for (const [use, budget] of Object.entries(budgets)) {
      const size = sizes[/** @type {keyof typeof sizes} */ (use)];
      console.log(`    ${use.padEnd(20)}${kilobytes(size).padStart(9)}   of ${kilobytes(budget)}`);
      if (size > budget) {
        console.log("    that is too much: see what has come in, or state a larger budget and why");
        process.exitCode = 1;
      }
    }
    console.log(`    on the cpu: ${shares(metafile, new Set(withCpu.map((each) => basename(each))))}`);
  }
} finally {
  session.disconnect();
  rmSync(work, { recursive: true, force: true });
}

/** @param {string} file @param {{ outdir: string, splitting?: boolean, external?: string[] }} options */
function bundle(file, { outdir, splitting = false, external = [] }) {
  return build({
    entryPoints: [join(folder, `${file}.ts`)],
    absWorkingDir: "/",
    outdir,
    bundle: true,
    splitting,
    external,
    minify: true,
    format: "esm",
    platform: "browser",
    target: "es2022",
    metafile: true,
    logLevel: "error",
  });
}

/** The files that importing one module loads. @param {import("esbuild").Metafile} metafile @param {string} module the end of its path */
function filesBehind({ outputs }, module) {
  /** @type {string[]} */
  const found = [];
  /** @param {string} path */
  const visit = (path) => {
    if (found.includes(path)) return;
    found.push(path);
    for (const { path: next, kind } of outputs[path]?.imports ?? []) if (kind === "import-statement") visit(next);
  };
  const entry = Object.entries(outputs).find(([, { entryPoint }]) => entryPoint?.endsWith(module));
  if (entry === undefined) throw new Error(`${module} is in no file of its own`);
  visit(entry[0]);
  return found;
}

/** Bytes after compression. @param {string[]} files */
function sizeOf(files) {
  return files.reduce((sum, each) => sum + gzipSync(readFileSync(join("/", each)), { level: 9 }).length, 0);
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
