import { fromElements } from "../creation/from-host.js";
import { isFloating, type TypedArray } from "../dtype.js";
import { InvalidType, ValueError } from "../errors.js";
import { readNow } from "../indexing/read-now.js";
import type { NdArray } from "../ndarray.js";
import { optionalArray } from "../options.js";
import { formatShape, sameShape } from "../shape.js";

/** Options of {@link bincount}. */
export interface BincountOptions {
  /** The least number of bins; 0 by default. */
  readonly minlength?: number;
}

/**
 * How often each number from 0 on occurs in a 1-d array of integers that are not negative: int32 (NumPy's `bincount`).
 * With `weights`, their sums, in their floating dtype or else float32.
 *
 * @throws ValueError for negative numbers or other shapes; DeviceError on devices that cannot be read synchronously: use
 * `await bincountAsync(x)`.
 */
export function bincount(x: NdArray, weights?: NdArray | null | BincountOptions, options?: BincountOptions): NdArray {
  const [weighting, settings = {}] = optionalArray(weights, options);
  check(x, weighting, settings);
  const remedy = "use await bincountAsync(x)";
  return count(
    x,
    readNow(x, "bincount", remedy),
    weighting,
    weighting === null ? null : readNow(weighting, "bincount", remedy),
    settings,
  );
}

/** {@link bincount} on devices of every kind. */
export async function bincountAsync(
  x: NdArray,
  weights?: NdArray | null | BincountOptions,
  options?: BincountOptions,
): Promise<NdArray> {
  const [weighting, settings = {}] = optionalArray(weights, options);
  check(x, weighting, settings);
  return count(x, await x.data(), weighting, weighting === null ? null : await weighting.data(), settings);
}

function check(x: NdArray, weights: NdArray | null, { minlength = 0 }: BincountOptions): void {
  if (isFloating(x.dtype)) throw InvalidType.of("bincount", "integers", x.dtype);
  if (x.ndim !== 1) throw new ValueError(`bincount: expected a 1-d array, got shape ${formatShape(x.shape)}`);
  if (weights !== null && !sameShape(weights.shape, x.shape)) {
    throw new ValueError(
      `bincount: weights have shape ${formatShape(weights.shape)}, the array ${formatShape(x.shape)}`,
    );
  }
  if (!Number.isInteger(minlength) || minlength < 0) {
    throw new ValueError(`bincount: minlength must be a whole number from 0 up, got ${minlength}`);
  }
}

function count(
  x: NdArray,
  values: TypedArray,
  weights: NdArray | null,
  weightValues: TypedArray | null,
  { minlength = 0 }: BincountOptions,
): NdArray {
  let length = minlength;
  for (const value of values) {
    if (value < 0) throw new ValueError(`bincount: numbers must not be negative, got ${value}`);
    if (value >= length) length = value + 1;
  }
  const totals = new Float64Array(length);
  for (let i = 0; i < values.length; i++) {
    const bin = values[i] as number;
    totals[bin] = (totals[bin] as number) + (weightValues === null ? 1 : (weightValues[i] as number));
  }
  const dtype = weights === null ? "int32" : isFloating(weights.dtype) ? weights.dtype : "float32";
  return fromElements(totals, dtype, [length], x.storage.backend);
}
