import type { NdArray } from "../ndarray.js";
import { axisFrom, type OptionalAxis } from "../options.js";
import { concatenate } from "./concatenate.js";

/** `values` joined to the end of `x` along an axis, or both flattened if there is none (NumPy's `append`). */
export function append(x: NdArray, values: NdArray, options?: OptionalAxis): NdArray {
  return concatenate([x, values], { axis: axisFrom(options, null) });
}
