import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { transformSync } from "@swc/core";
import { plainManifest } from "../../../plain-manifest.js";

const sources = fileURLToPath(new URL("../../../../src", import.meta.url));
const folder = mkdtempSync(join(tmpdir(), "chain-exit-"));

/** The runtime as plain JavaScript, for a process of its own. */
beforeAll(() => {
  const files = readdirSync(join(sources, "backends/cpu"), { recursive: true, encoding: "utf8" })
    .filter((file) => file.endsWith(".ts"))
    .map((file) => join("backends/cpu", file));
  for (const file of ["errors.ts", "platform-node.ts", ...files]) {
    const { code } = transformSync(readFileSync(join(sources, file), "utf8"), {
      jsc: { target: "es2022", parser: { syntax: "typescript" } },
      module: { type: "es6" },
    });
    const target = join(folder, file.replace(/\.ts$/, ".js"));
    mkdirSync(dirname(target), { recursive: true });
    writeFileSync(target, code);
  }
  writeFileSync(join(folder, "package.json"), plainManifest());
});

afterAll(() => rmSync(folder, { recursive: true }));

/** Runs a program in a process of its own; it has 3 threads and a kernel that adds to an array. */
function runProgram(program: string): { status: number | null; stdout: string; stderr: string } {
  const file = join(folder, "program.js");
  writeFileSync(
    file,
    `import { CpuRuntime } from "./backends/cpu/runtime.js";
     import { ModuleBuilder } from "./backends/cpu/wasm/assembler.js";
     const runtime = new CpuRuntime({ threads: 3 });
     const module = new ModuleBuilder({ memory: runtime.memory.type });
     const f = module.function("run", { params: ["i32", "i32", "i32"], results: [] });
     f.get(f.param(0)).i32(0).load("i32.load").op("drop").op("drop");
     const kernel = runtime.loadKernel(module);
     ${program}
     console.log("done");`,
  );
  const { status, stdout, stderr } = spawnSync(process.execPath, [file], { encoding: "utf8", timeout: 60_000 });
  return { status, stdout, stderr };
}

test.each([
  ["workers that have just been asked to start", "runtime.parallelFor(kernel, 0, 1000, 1e4);"],
  ["workers that look for work", "await runtime.ready(); runtime.parallelFor(kernel, 0, 1000, 1e4);"],
  [
    "workers that sleep",
    "await runtime.ready(); runtime.parallelFor(kernel, 0, 1000, 1e4); await new Promise((r) => setTimeout(r, 50));",
  ],
  ["no job at all", ""],
])("a process ends by itself with %s", (_, program) => {
  expect(runProgram(program)).toEqual({ status: 0, stdout: "done\n", stderr: "" });
});

test("process.exit ends it at once", () => {
  const program =
    "await runtime.ready(); runtime.parallelFor(kernel, 0, 1000, 1e4); console.log('x'); process.exit(7);";
  expect(runProgram(program)).toMatchObject({ status: 7, stdout: "x\n" });
});
