/** What is chosen for a GPU of silicon (teams with barriers, tiles in shared memory), also where there is only software. */
import { expect, test } from "@jest/globals";
import { createWebGpuBackend, type WebGpuOptions } from "../../../src/backends/webgpu/index.js";
import { compileProgram } from "../../../src/backends/webgpu/launcher.js";
import { conformanceCases } from "../../../src/conformance/index.js";
import { registerBackend } from "../../../src/index.js";
import { describeGpu } from "./gpu.js";

function hardware(name: string, options: WebGpuOptions): string {
  registerBackend(name, () => createWebGpuBackend({ ...options, name, kind: "discrete" }));
  return name;
}

const subgroups = hardware("hardware", {});
const memory = hardware("hardware without subgroups", { subgroups: false });

// As where a subgroup may be larger than a team: no instruction for a whole subgroup will do.
const shuffles = "hardware with subgroups of unknown size";
registerBackend(shuffles, async () => {
  const backend = await createWebGpuBackend({ name: shuffles, kind: "discrete" });
  const adapter = { ...backend.adapter, subgroups: { min: 4, max: 128 } };
  const { stream, pool, pipelines } = backend;
  backend.compile = (program) => compileProgram(program, { stream, pool, pipelines, adapter });
  return backend;
});

/** These alone differ; the largest take minutes on software. `products.test.ts` has products of all sizes and layouts. */
const products = /^(matmul: (bias|batches)|scan|convolution: (float32|sizes)|pooling: float)/i;
const teams = /^(reduction|row|softmax)/i;

const cases = [
  { device: subgroups, which: [products, teams] },
  { device: memory, which: [teams] },
  { device: shuffles, which: [teams] },
].flatMap(({ device, which }) =>
  conformanceCases(device)
    .filter(({ name }) => which.some((kind) => kind.test(name)) && !name.includes("float64"))
    .map((each) => ({ ...each, device })),
);

describeGpu("conformance of the kernels for hardware", () => {
  test("there are cases of every device", () => {
    for (const name of [subgroups, memory, shuffles]) {
      expect(cases.filter(({ device }) => device === name).length).toBeGreaterThan(10);
    }
  });

  test.each(cases)("$device: $name", async ({ run }) => expect(await run()).toBe("passed"), 120_000);
});
