import { filled } from "../creation/filled.js";
import { fromHost, type ArrayLikeValue } from "../creation/from-host.js";
import { promoteNumber } from "../dtype.js";
import { scope } from "../memory/scope.js";
import { NdArray } from "../ndarray.js";
import { axisFrom, type OptionalAxis } from "../options.js";
import { concatenate } from "./concatenate.js";

/**
 * `values` (an array, a list or a number) joined to the end of `x` along an axis, or both flattened if there is none
 * (NumPy's `append`).
 */
export function append(x: NdArray, values: ArrayLikeValue, options?: OptionalAxis): NdArray {
  const axis = axisFrom(options, null);
  if (values instanceof NdArray) return concatenate([x, values], { axis });
  return scope(() => {
    const { backend } = x.storage;
    const added =
      typeof values === "number"
        ? filled([], values, promoteNumber(x.dtype, values), backend)
        : fromHost(values, { device: x.device });
    return concatenate([x, added], { axis });
  });
}
