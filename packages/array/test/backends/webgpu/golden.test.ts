/** NumPy's stored results again, computed on a GPU. */
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { NdArray, setDefaultDevice, toDeviceAsync } from "../../../src/index.js";
import { errorNamed, expectGolden, goldenCases, runCase, type GoldenCase } from "../../golden/golden.js";
import { describeGpu } from "./gpu.js";

const files = ["arrays.json", "shapes.json", "calculations.json"];

/** Functions whose result, or its shape, depends on elements that they have to look at (masks are among the indices). */
const readingFunctions = (
  "add_at allclose argwhere array_equal bincount compress delete det extract flatnonzero getitem intersect1d inv " +
  "nonzero norm repeat setdiff1d setitem union1d unique where"
).split(" ");

/** Functions that check positions where they can look at them, and bring them into range elsewhere. */
const uncheckedFunctions = ["choose", "getitem", "take", "take_along_axis", "unravel_index"];

/** float64 does not exist there. */
const isPossible = ({ args, kwargs }: GoldenCase): boolean => !JSON.stringify([args, kwargs]).includes('"float64"');

/** Results on the cpu, where they can be compared at once. */
async function fetched(result: unknown): Promise<unknown> {
  if (Array.isArray(result)) return Promise.all(result.map(fetched));
  if (!(result instanceof NdArray)) return result;
  return toDeviceAsync(result, "cpu");
}

describeGpu.each(files)("%s on webgpu", (file) => {
  beforeAll(() => setDefaultDevice("webgpu"));
  afterAll(() => setDefaultDevice("cpu"));

  test.each(goldenCases(file).filter(isPossible))("$id", async (golden) => {
    let result: unknown;
    try {
      result = runCase(golden);
    } catch (error) {
      if (golden.raises !== undefined && error instanceof errorNamed(golden.raises)) return;
      expect(error).toMatchObject({ name: "DeviceError" });
      expect((error as Error).message).toMatch(/read synchronously/);
      expect(readingFunctions).toContain(golden.name);
      return;
    }
    if (golden.raises === undefined) expectGolden(await fetched(result), golden);
    else expect(uncheckedFunctions).toContain(golden.name);
  });
});
