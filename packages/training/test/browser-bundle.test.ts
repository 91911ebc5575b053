/** What a bundler makes of programs for browsers: no module of Node is in them, and they run. */
import { execFile } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect, test } from "@jest/globals";
import { build, type Metafile } from "esbuild";

interface Bundle {
  readonly metafile: Metafile;
  /** Code by the name of its file. */
  readonly files: ReadonlyMap<string, Uint8Array>;
}

async function bundle(program: string): Promise<Bundle> {
  const { outputFiles, metafile } = await build({
    entryPoints: [fileURLToPath(new URL(`bundle/${program}.ts`, import.meta.url))],
    conditions: ["@chain/source"],
    bundle: true,
    splitting: true,
    minify: true,
    format: "esm",
    platform: "browser",
    target: "es2022",
    outdir: "/out",
    write: false,
    metafile: true,
    logLevel: "silent",
  });
  return {
    metafile,
    files: new Map(outputFiles.map(({ path, contents }) => [path.replace(/^.*[\\/]/, ""), contents])),
  };
}

test.each(["train", "infer"])(
  "%s: nothing of Node is left in it, and no Dawn",
  async (program) => {
    const made = await bundle(program);
    const imports = Object.values(made.metafile.outputs).flatMap((output) => output.imports);
    expect(imports.filter(({ external }) => external === true)).toEqual([]);
    const code = [...made.files.values()].map((contents) => Buffer.from(contents).toString()).join("\n");
    expect(code).not.toMatch(/(import\(|from\s?|require\()["']node:/);
    const inputs = Object.keys(made.metafile.inputs);
    expect(inputs.some((path) => path.includes("array/src/backends/webgpu"))).toBe(true);
    expect(inputs.filter((path) => /node_modules\/(webgpu|koffi)\//.test(path))).toEqual([]);
  },
  60_000,
);

test("a bundle trains", async () => {
  const folder = await mkdtemp(join(tmpdir(), "chain-bundle-"));
  try {
    const { files } = await bundle("train");
    await Promise.all([...files].map(([name, contents]) => writeFile(join(folder, name), contents)));
    await writeFile(join(folder, "package.json"), '{ "type": "module" }');
    const program = 'import { train } from "./train.js"; console.log(JSON.stringify(await train("cpu", 100)));';
    await writeFile(join(folder, "main.js"), program);
    const { stdout } = await promisify(execFile)(process.execPath, ["main.js"], { cwd: folder });
    const { first, last } = JSON.parse(stdout) as { first: number; last: number };
    expect(last).toBeLessThan(0.5 * first);
  } finally {
    await rm(folder, { recursive: true });
  }
}, 60_000);
