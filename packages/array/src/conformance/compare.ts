import type { DType } from "../dtype.js";
import { ChainError } from "../errors.js";
import { roundToHalf } from "../half.js";
import type { NdArray } from "../ndarray.js";
import { formatShape, sameShape, type Shape } from "../shape.js";

/** A backend does not do what it has to. */
export class ConformanceError extends ChainError {
  override readonly name = "ConformanceError";
}

/** How far a result may be from what was computed in float64. */
export interface Tolerance {
  /** In units in the last place of the dtype (float64: of 2^-50, as what it is compared with has errors itself). */
  readonly ulps?: number;
  /** Absolute; whichever allows more counts. */
  readonly absolute?: number;
}

export const exact: Tolerance = {};

/** Fails unless the array has this dtype, shape and, within a tolerance, these elements. */
export async function expectArray(
  actual: NdArray,
  expected: ArrayLike<number>,
  dtype: DType,
  shape: Shape,
  tolerance: Tolerance = exact,
  describe: (i: number) => string = () => "",
): Promise<void> {
  if (actual.dtype !== dtype) throw new ConformanceError(`expected dtype ${dtype}, got ${actual.dtype}`);
  if (!sameShape(actual.shape, shape)) {
    throw new ConformanceError(`expected shape ${formatShape(shape)}, got ${formatShape(actual.shape)}`);
  }
  expectElements(await actual.data(), expected, dtype, tolerance, describe);
}

/** Fails unless numbers agree within a tolerance. NaN agrees with NaN, 0 with -0. */
export function expectElements(
  actual: ArrayLike<number>,
  expected: ArrayLike<number>,
  dtype: DType,
  tolerance: Tolerance = exact,
  describe: (i: number) => string = () => "",
): void {
  if (actual.length !== expected.length) {
    throw new ConformanceError(`expected ${expected.length} elements, got ${actual.length}`);
  }
  for (let i = 0; i < expected.length; i++) {
    const got = actual[i] as number;
    if (got === expected[i]) continue;
    const wanted = rounded(expected[i] as number, dtype);
    if (agree(got, wanted, dtype, tolerance)) continue;
    const what = describe(i);
    throw new ConformanceError(`element ${i}${what === "" ? "" : ` (${what})`}: expected ${wanted}, got ${got}`);
  }
}

/** Fails with a message unless something holds. */
export function expectTrue(holds: boolean, message: string): void {
  if (!holds) throw new ConformanceError(message);
}

function agree(actual: number, expected: number, dtype: DType, { ulps = 0, absolute = 0 }: Tolerance): boolean {
  if (actual === expected || (Number.isNaN(actual) && Number.isNaN(expected))) return true;
  if (!Number.isFinite(expected) || !Number.isFinite(actual)) {
    return ulps > 0 && nearOverflow(actual, expected, dtype);
  }
  // Devices may treat numbers below the normal range as 0.
  const subnormal = dtype === "float32" ? 2 ** -126 : 0;
  const allowed = Math.max(absolute, ulps * spacing(expected, dtype), subnormal);
  return Math.abs(actual - expected) <= allowed;
}

/** At the end of the range, an error of a few ulps is the difference to infinity. */
function nearOverflow(actual: number, expected: number, dtype: DType): boolean {
  const largest = dtype === "float16" ? 65504 : dtype === "float32" ? 3.4028235e38 : Number.MAX_VALUE;
  const [a, b] = [actual, expected].map((value) => (Number.isFinite(value) ? value / largest : Math.sign(value)));
  return Math.abs((a as number) - (b as number)) < 1e-5;
}

const fractionBits: Partial<Record<DType, number>> = { float16: 10, float32: 23, float64: 50 };
const smallestExponent: Partial<Record<DType, number>> = { float16: -14, float32: -126, float64: -1022 };

/** Distance of neighbouring numbers of a dtype. */
function spacing(value: number, dtype: DType): number {
  const bits = fractionBits[dtype];
  if (bits === undefined) return 0;
  const exponent = value === 0 ? -Infinity : Math.floor(Math.log2(Math.abs(value)));
  return 2 ** (Math.max(exponent, smallestExponent[dtype] ?? 0) - bits);
}

/** A number as a dtype stores it, if it is a floating one. */
export function rounded(value: number, dtype: DType): number {
  if (dtype === "float32") return Math.fround(value);
  return dtype === "float16" ? roundToHalf(value) : value;
}
