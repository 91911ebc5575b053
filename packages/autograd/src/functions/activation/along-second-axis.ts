import { formatShape, sameShape } from "../../shape.js";
import { expectFloating, expectSameDtype, expectThat } from "../../type-check.js";
import { asArray, type VariableLike } from "../../variable.js";
import { reshape } from "../array/reshape.js";

/**
 * An array that belongs to the axes of `x` after the batch axis, with axes of length 1 around it so that it broadcasts.
 * Throws `InvalidType` if it does not fit, or one of the two is not floating.
 */
export function alongSecondAxis(label: string, x: VariableLike, name: string, w: VariableLike): VariableLike {
  const array = asArray(x);
  const own = asArray(w);
  expectFloating(label, "x", array);
  expectSameDtype(label, "x", array, name, own);
  expectThat(
    label,
    array.ndim > own.ndim && sameShape(array.shape.slice(1, 1 + own.ndim), own.shape),
    () => `${name}.shape to be the first axes of x.shape after the batch axis`,
    () => `${formatShape(own.shape)} for x of shape ${formatShape(array.shape)}`,
  );
  return reshape(w, [1, ...own.shape, ...array.shape.slice(1 + own.ndim).map(() => 1)]);
}
