import { NdArray } from "@chain/array";
import { Variable, type VariableLike } from "../variable.js";

/**
 * Whether an options object stands where an optional array could have been: `linear(x, W, { nBatchAxes: 2 })` for
 * `linear(x, W, null, { nBatchAxes: 2 })`.
 */
export function isLeftOut<O extends object>(given: VariableLike | O | null | undefined): given is O {
  return typeof given === "object" && given !== null && !(given instanceof Variable) && !(given instanceof NdArray);
}
