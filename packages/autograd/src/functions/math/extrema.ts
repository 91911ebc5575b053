/** The larger and the smaller of two, and limits. */
import * as k from "@chain/array/kernel";
import { ValueError } from "@chain/array";
import type { Variable, VariableLike } from "../../variable.js";
import { elementwiseFunction } from "../elementwise-function.js";

/** The larger of two; operands broadcast. Where they are equal, the first one gets the gradient. */
export const maximum = elementwiseFunction("maximum", (x1, x2) => k.max(x1, x2));
/** The smaller of two; operands broadcast. Where they are equal, the first one gets the gradient. */
export const minimum = elementwiseFunction("minimum", (x1, x2) => k.min(x1, x2));

const clipped = elementwiseFunction("clip", (x, low, high) => k.min(k.max(x, low), high));

/**
 * Limits elements to `xMin` and `xMax` (Chainer's `clip`); null for no limit. The gradient passes at the limits
 * themselves.
 *
 * @throws ValueError if there is no limit, or the lower is above the upper.
 */
export function clip(x: VariableLike, xMin: number | null, xMax: number | null): Variable {
  if (xMin === null && xMax === null) throw new ValueError("clip: give xMin, xMax or both");
  if (xMin !== null && xMax !== null && xMin > xMax) {
    throw new ValueError(`clip: xMin must not be above xMax, got ${xMin} and ${xMax}`);
  }
  return clipped(x, xMin ?? -Infinity, xMax ?? Infinity);
}
