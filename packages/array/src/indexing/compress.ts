import { ValueError } from "../errors.js";
import type { NdArray } from "../ndarray.js";
import { axisFrom, type OptionalAxis } from "../options.js";
import { normalizeAxis } from "../shape.js";
import { truePositions } from "./index-array.js";
import type { IndexList } from "./parse.js";
import { readNow } from "./read-now.js";
import { take } from "./take.js";

/**
 * The parts of `x` along an axis (of the flattened array if none is given) at which `condition`, of one axis, holds
 * (NumPy's `compress`). A short condition leaves out the rest.
 *
 * @throws DeviceError if `condition` is an array on a device that cannot be read synchronously.
 */
export function compress(
  condition: NdArray | readonly (boolean | number)[],
  x: NdArray,
  options?: OptionalAxis,
): NdArray {
  if (!isList(condition) && condition.ndim !== 1) {
    throw new ValueError(`compress: the condition has one axis, got ${condition.ndim}`);
  }
  const axis = axisFrom(options, null);
  return take(x, positionsIn(condition, "compress"), { axis: axis === null ? null : normalizeAxis(axis, x.ndim) });
}

/**
 * The elements of `x` at which `condition`, with equally many elements, holds, along one axis (NumPy's `extract`).
 *
 * @throws DeviceError as {@link compress}.
 */
export function extract(condition: NdArray, x: NdArray): NdArray {
  return take(x, positionsIn(condition, "extract"));
}

function positionsIn(condition: NdArray | readonly (boolean | number)[], name: string): IndexList {
  const values = isList(condition)
    ? condition.map(Number)
    : readNow(condition, name, "give the positions to take() instead");
  return [...(truePositions(values, [values.length])[0] as Int32Array)];
}

function isList(condition: NdArray | readonly (boolean | number)[]): condition is readonly (boolean | number)[] {
  return Array.isArray(condition);
}
