/** What is chosen for a GPU of silicon (teams with barriers, tiles in shared memory), also where there is only software. */
import { expect, test } from "@jest/globals";
import { createWebGpuBackend } from "../../../src/backends/webgpu/index.js";
import { conformanceCases } from "../../../src/conformance/index.js";
import { registerBackend } from "../../../src/index.js";
import { describeGpu } from "./gpu.js";

const name = "webgpu-hardware";
registerBackend(name, () => createWebGpuBackend({ name, kind: "discrete" }));

// These alone differ; the largest take minutes on software.
const cases = conformanceCases(name).filter(
  (c) => /^(reduction|row|matmul|scan|softmax|convolution: (float|sizes))/i.test(c.name) && !c.name.includes("float64"),
);

describeGpu("conformance of the kernels for hardware", () => {
  test("there are cases", () => {
    expect(cases.length).toBeGreaterThan(20);
  });

  test.each(cases)("$name", async ({ run }) => expect(await run()).toBe("passed"), 120_000);
});
