import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { transformSync } from "@swc/core";
import { plainManifest } from "../../plain-manifest.js";
import { describeGpu } from "./gpu.js";

const sources = fileURLToPath(new URL("../../../src", import.meta.url));
const modules = fileURLToPath(new URL("../../../node_modules", import.meta.url));
let folder: string;

/** Runs a program that has all of this package as `nx`, in a process of its own. */
function runProgram(
  program: string,
  env: NodeJS.ProcessEnv = {},
): { status: number | null; stdout: string; stderr: string } {
  const file = join(folder, "program.js");
  writeFileSync(file, `import * as nx from "./index.js";\n${program}\nconsole.log("done");`);
  const { status, stdout, stderr } = spawnSync(process.execPath, [file], {
    encoding: "utf8",
    timeout: 60_000,
    env: { ...process.env, ...env },
  });
  return { status, stdout, stderr };
}

// The package as plain JavaScript, where it finds the packages that it needs.
beforeAll(() => {
  folder = mkdtempSync(join(modules, ".chain-exit-"));
  for (const file of readdirSync(sources, { recursive: true, encoding: "utf8" })) {
    if (!file.endsWith(".ts")) continue;
    const { code } = transformSync(readFileSync(join(sources, file), "utf8"), {
      jsc: { target: "es2022", parser: { syntax: "typescript" }, keepClassNames: true },
      module: { type: "es6" },
    });
    const target = join(folder, file.replace(/\.ts$/, ".js"));
    mkdirSync(dirname(target), { recursive: true });
    writeFileSync(target, code);
  }
  writeFileSync(join(folder, "package.json"), plainManifest());
});

afterAll(() => rmSync(folder, { recursive: true }));

describeGpu("a process that uses webgpu", () => {
  test.each([
    [
      "after reading a result",
      "const x = nx.ones([3]); console.log(JSON.stringify(await nx.add(x, 1).tolist()));",
      "[2,2,2]\n",
    ],
    ["with work that nobody waits for", "for (let i = 0; i < 100; i++) nx.add(nx.ones([1000]), i);", ""],
    ["without any work", "", ""],
    [
      "after its device was lost",
      `(await nx.openDevice("webgpu")).device.destroy();
       await nx.ones([3]).data().catch((error) => console.log(error.name));`,
      "DeviceError\n",
    ],
  ])(
    "ends by itself %s",
    (_, program, output) => {
      const result = runProgram(`await nx.setDefaultDevice("webgpu");\n${program}`);
      expect({ status: result.status, stdout: result.stdout }).toEqual({ status: 0, stdout: `${output}done\n` });
    },
    70_000,
  );
});

test("without a driver the error says what was tried and what to install", () => {
  const none = { VK_DRIVER_FILES: "/nowhere/icd.json", VK_ICD_FILENAMES: "/nowhere/icd.json" };
  const result = runProgram(
    `await nx.openDevice("webgpu").catch((error) => console.log(error.name, error.message));
     console.log(JSON.stringify(await nx.add(nx.ones([2]), 1).tolist()));`,
    { ...none, CHAIN_WEBGPU_ADAPTER: "no such adapter" },
  );
  expect(result.status).toBe(0);
  expect(result.stdout).toMatch(
    /^DeviceError no WebGPU adapter whose name contains "no such adapter" was found. Tried: VK_DRIVER_FILES=\/nowhere\/icd.json.*apt-get install libvulkan1 chromium.*cpu device/,
  );
  expect(result.stdout).toMatch(/\n\[2,2\]\ndone\n$/);
}, 70_000);
