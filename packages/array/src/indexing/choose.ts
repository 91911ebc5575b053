import { ValueError } from "../errors.js";
import { elementwise } from "../kernel/elementwise.js";
import type { Expr } from "../kernel/expr.js";
import { eq } from "../kernel/ops.js";
import { commonDType } from "../manipulation/concatenate.js";
import { copyto } from "../manipulation/copy.js";
import { scope } from "../memory/scope.js";
import { NdArray } from "../ndarray.js";
import { broadcastShapes } from "../shape.js";
import { indexArray, onDevice, valueErrors, type IndexMode } from "./index-array.js";
import { where } from "./where.js";

const equalsKernel = elementwise("equals", (a: Expr, b: Expr) => eq(a, b));

/**
 * `out[i] = choices[indices[i]][i]`, all broadcast (NumPy's `choose`).
 *
 * @throws ValueError if there are no choices, or an index is out of range.
 */
export function choose(
  indices: NdArray,
  choices: readonly NdArray[],
  options: { readonly mode?: IndexMode } = {},
): NdArray {
  const [first, ...others] = choices;
  if (first === undefined) throw new ValueError("choose: at least one choice is needed");
  const shape = broadcastShapes(indices.shape, ...choices.map((choice) => choice.shape));
  return scope(() => {
    const which = onDevice(
      valueErrors("choose", () => indexArray(indices.storage.backend, indices, 0, choices.length, options.mode)),
      indices.storage.backend,
    );
    let result = NdArray.allocate(indices.storage.backend, commonDType(choices), shape);
    copyto(result, first);
    others.forEach((choice, k) => (result = where(equalsKernel(which, k + 1), choice, result)));
    return result;
  });
}
