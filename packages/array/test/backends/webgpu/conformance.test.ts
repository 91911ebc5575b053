import { expect, test } from "@jest/globals";
import { conformanceCases } from "../../../src/conformance/index.js";
import { describeGpu } from "./gpu.js";

describeGpu("conformance on webgpu", () => {
  test.each(conformanceCases("webgpu"))(
    "$name",
    async ({ name, run }) => {
      const outcome = await run();
      // The only dtype that WebGPU has not.
      expect(outcome).toBe(name.includes("float64") ? "skipped" : "passed");
    },
    60_000,
  );
});
