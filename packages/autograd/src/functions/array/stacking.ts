import { formatShape, sameShape } from "../../shape.js";
import { invalidType } from "../../type-check.js";
import type { VariableLike } from "../../variable.js";

/**
 * Throws `InvalidType` unless all arrays have one number of axes and, where that is at most `ndim`, one shape. (Arrays
 * with more axes are checked when they are joined.)
 */
export function expectSameShapes(label: string, xs: readonly VariableLike[], ndim: number): void {
  const [first] = xs;
  if (first === undefined) throw invalidType(label, "at least one array", "an empty list");
  const fits = xs.every((x) => x.ndim === first.ndim && (x.ndim > ndim || sameShape(x.shape, first.shape)));
  if (fits) return;
  throw invalidType(label, "arrays of one shape", xs.map(({ shape }) => formatShape(shape)).join(" and "));
}
