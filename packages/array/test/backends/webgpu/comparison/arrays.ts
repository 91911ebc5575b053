/** Arrays that fast-check makes up, and whether two devices say the same of them. */
import { expect } from "@jest/globals";
import { fc } from "../../../../../../testing/property.js";
import { expectElements, type Tolerance } from "../../../../src/conformance/compare.js";
import { array, broadcastTo, getItem, slice, transpose, type DType, type NdArray } from "../../../../src/index.js";

export const floats = [0, -0, 1, -1, 0.5, 2.75, -13.25, 1e-3, 3e4, NaN, Infinity, -Infinity];
export const integers = [0, 1, 2, 3, 7, 100, 255];
/** Sums of some thousand products of these are exact in float32, in whatever order they are added. */
export const exactFloats = [0, 1, -1, 0.5, 2, -3.25];

/** An array as the recipe to make it on a device: stored elements, then a view of them. */
export interface Recipe {
  readonly shape: number[];
  readonly dtype: DType;
  readonly stored: number[];
  readonly storedShape: number[];
  readonly order: number[];
  /** Of the slice along every axis; 0 for an axis that is broadcast. */
  readonly steps: number[];
}

/** An array whose axes are stored in any order, reversed, with gaps, or but once (step 0: not to be written into). */
export function recipe(
  shape: number[],
  dtype: DType,
  values: readonly number[],
  anyStep: readonly number[] = [1, 1, -1, 2, 0],
): fc.Arbitrary<Recipe> {
  return fc
    .tuple(
      fc.shuffledSubarray(
        shape.map((_, axis) => axis),
        { minLength: shape.length },
      ),
      fc.array(fc.constantFrom(...anyStep), { minLength: shape.length, maxLength: shape.length }),
    )
    .chain(([order, steps]) => {
      // Axis i of the view is axis order[i] of what is stored.
      const storedShape = shape.map(() => 0);
      order.forEach((at, axis) => {
        const step = steps[axis] as number;
        storedShape[at] = step === 0 ? 1 : (shape[axis] as number) * Math.abs(step);
      });
      const size = storedShape.reduce((a, b) => a * b, 1);
      return fc
        .array(fc.constantFrom(...values), { minLength: size, maxLength: size })
        .map((stored) => ({ shape, dtype, stored, storedShape, order, steps }));
    });
}

export function make({ shape, dtype, stored, storedShape, order, steps }: Recipe, device: string): NdArray {
  const base = array(stored, { dtype, device }).reshape(storedShape);
  const slices = storedShape.map((_, at) => slice(null, null, steps[order.indexOf(at)] || 1));
  return broadcastTo(transpose(getItem(base, slices), order), shape);
}

export const shapes = fc.array(fc.integer({ min: 1, max: 5 }), { minLength: 0, maxLength: 4 });
export const floatTypes = fc.constantFrom<DType>("float32", "float32", "float16");
export const anyType = fc.constantFrom<DType>("float32", "float16", "int32", "uint32", "uint8", "bool");

export function valuesFor(dtype: DType): readonly number[] {
  if (dtype === "bool") return [0, 1];
  return dtype === "float32" || dtype === "float16" ? floats : integers;
}

/** An array of any dtype and layout. */
export const anyArray = fc
  .tuple(shapes, anyType)
  .chain(([shape, dtype]) => recipe(shape, dtype, valuesFor(dtype)).map((r) => ({ shape, r })));

/** Fails unless both devices give the same, floats within so many units in their last place. */
export async function expectSame(compute: (device: string) => NdArray, ulps = 0): Promise<void> {
  await expectAllSame((device) => [compute(device)], [{ ulps }]);
}

/** Fails unless both devices give the same arrays, each within its tolerance; `name` says which one it was. */
export async function expectAllSame(
  compute: (device: string) => readonly NdArray[],
  tolerances: readonly Tolerance[] = [],
  name: (k: number) => string = (k) => `result ${k}`,
): Promise<void> {
  const [actual, expected] = [compute("webgpu"), compute("cpu")];
  expect(actual.map(({ dtype, shape }) => [dtype, shape])).toEqual(expected.map(({ dtype, shape }) => [dtype, shape]));
  const [found, wanted] = await Promise.all([actual, expected].map((all) => Promise.all(all.map((x) => x.data()))));
  expected.forEach(({ dtype, shape }, k) => {
    const where = (i: number): string => `${name(k)} of shape (${shape.join()}), at ${i}`;
    expectElements(found?.[k] ?? [], wanted?.[k] ?? [], dtype, tolerances[k], where);
  });
}
