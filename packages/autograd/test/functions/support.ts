/** Inputs and checks that tests of functions share. */
import { array, empty, isFloating, setItem, slice, type DType, type NdArray } from "@chain/array";
import { checkBackward, checkDoubleBackward, Variable, type CheckedFunction } from "@chain/autograd";
import { expect } from "@jest/globals";
import { checkOnDevices } from "./devices.js";

/** Numbers in [low, high), the same in every run, float64; none within `gap` of the numbers to avoid. */
export function numbers(
  shape: readonly number[],
  {
    low = -2,
    high = 2,
    seed = 1,
    avoid = [],
    gap = 0.05,
  }: { low?: number; high?: number; seed?: number; avoid?: readonly number[]; gap?: number } = {},
): NdArray {
  const size = shape.reduce((product, length) => product * length, 1);
  let state = seed * 7919 + 17;
  const next = (): number => {
    state = (Math.imul(state, 1103515245) + 12345) & 0x7fffffff;
    return low + ((high - low) * (state >>> 8)) / 0x7fffff;
  };
  const values = Float64Array.from({ length: size }, () => {
    let value = next();
    while (avoid.some((kink) => Math.abs(value - kink) < gap)) value = next();
    return value;
  });
  return array(values, { device: "cpu" }).reshape(shape);
}

/** Whole numbers as int32, on the default device. */
export function integers(values: readonly number[], shape: readonly number[] = [values.length]): NdArray {
  return array(Int32Array.from(values)).reshape(shape);
}

/** The same elements in other layouts: contiguous, axes reversed in memory, every second element of a larger array. */
export function layouts(x: NdArray): [string, NdArray][] {
  const sparse = empty(
    x.shape.map((length) => 2 * length + 1),
    { dtype: x.dtype },
  );
  const every = x.shape.map((length) => slice(1, 2 * length + 1, 2));
  const sliced = sparse.get(...every);
  setItem(sliced, [], x);
  return [
    ["contiguous", x.copy()],
    ["transposed", x.transpose().copy().transpose()],
    ["sliced", sliced],
  ];
}

/** The same layout for every array: one list for each layout. */
export function inLayouts(xs: readonly NdArray[]): [string, NdArray[]][] {
  const each = xs.map((x) => layouts(x));
  return ["contiguous", "transposed", "sliced"].map((name, i) => [
    name,
    each.map((list) => (list[i] as [string, NdArray])[1]),
  ]);
}

interface GradientOptions {
  readonly noGrads?: readonly boolean[];
  /** Further arguments, on the function's device, whose gradients are not checked. */
  readonly fixed?: readonly NdArray[];
  /** Whether second derivatives are checked too; true by default. */
  readonly double?: boolean;
  /** Whether the function looks at elements, so that devices which cannot be read at once refuse it. */
  readonly reads?: boolean;
}

/**
 * Checks first and second derivatives in float64 against numerical ones, in all layouts, then results and derivatives on
 * every other device against the cpu's. Arrays that `fn` needs are inputs, `fixed`, or made by it, so that they are on its device.
 */
export async function checkGradients(
  fn: CheckedFunction,
  variable: readonly NdArray[],
  { fixed = [], noGrads = [], double = true, reads = false }: GradientOptions = {},
): Promise<void> {
  const inputs = [...variable, ...fixed];
  const unchecked = inputs.map((_, i) => i >= variable.length || noGrads[i] === true);
  for (const [, xs] of inLayouts(inputs)) {
    const result = fn(...xs.map((x) => new Variable(x)));
    const ys = result instanceof Variable ? [result] : result;
    const gys = ys.map((y, i) => numbers(y.shape, { seed: 31 + i }));
    await checkBackward(fn, xs, gys, { noGrads: unchecked });
    if (double) {
      const wanted = xs.filter((x, i) => x.dtype === "float64" && unchecked[i] === false);
      const first = wanted.map((x, i) => numbers(x.shape, { seed: 41 + i }));
      await checkDoubleBackward(fn, xs, gys, first, { noGrads: unchecked });
    }
  }
  const wanted = inputs.map((x, i) => isFloating(x.dtype) && unchecked[i] === false);
  const gradient = (shape: readonly number[], seed: number): NdArray => numbers(shape, { seed });
  await checkOnDevices({ fn, inputs, wanted, double, gradient, reads });
}

/** Elements in C order. */
export function elements(x: Variable | NdArray): number[] {
  return Array.from(x instanceof Variable ? x.array.dataSync() : x.dataSync());
}

/** Compares with numbers in C order; the tolerance is that of the dtype. */
export function expectElements(actual: Variable | NdArray, expected: ArrayLike<number>, digits?: number): void {
  const have = elements(actual);
  const tolerance =
    digits ?? ({ float16: 2e-3, float32: 2e-6 } as Partial<Record<DType, number>>)[actual.dtype] ?? 1e-12;
  expect(have.length).toBe(expected.length);
  have.forEach((value, i) => {
    const want = expected[i] as number;
    if (Object.is(value, want) || value === want) return;
    if (!(Math.abs(value - want) <= tolerance * Math.max(1, Math.abs(want)))) {
      throw new Error(`element ${i} is ${value}, expected ${want}`);
    }
  });
}

/** The gradient of `Σ fn(x) · gy` by x. */
export function gradientOf(fn: (x: Variable) => Variable, x: NdArray, gy?: NdArray): NdArray {
  const variable = new Variable(x);
  const y = fn(variable);
  y.grad = gy ?? array(new Float64Array(y.size).fill(1), { dtype: y.dtype }).reshape(y.shape);
  y.backward();
  if (variable.grad === null) throw new Error("no gradient");
  return variable.grad;
}
