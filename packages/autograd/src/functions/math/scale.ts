import { expectAxis, invalidType } from "../../type-check.js";
import { formatShape, sameShape } from "../../shape.js";
import type { Variable, VariableLike } from "../../variable.js";
import { reshape } from "../array/reshape.js";
import { add, mul } from "./basic-math.js";

/** Where the second operand's axes lie in the first. */
export interface ScaleOptions {
  /** The axis of `x` that the first axis of `y` goes along. Default 1. */
  readonly axis?: number;
}

/** `y` with axes of length 1 around it, so that it broadcasts from `axis` on. */
function aligned(label: string, x: VariableLike, y: VariableLike, axis: number): Variable {
  const start = y.ndim === 0 && axis >= x.ndim ? x.ndim : expectAxis(label, "axis", axis, x.ndim);
  const covered = x.shape.slice(start, start + y.ndim);
  if (!sameShape(covered, y.shape)) {
    throw invalidType(
      label,
      `y.shape == x.shape[${start}:${start + y.ndim}]`,
      `${formatShape(y.shape)} != ${formatShape(covered)}`,
    );
  }
  const after = x.ndim - start - y.ndim;
  return reshape(y, [...x.shape.slice(0, start).map(() => 1), ...y.shape, ...new Array<number>(after).fill(1)]);
}

/**
 * `x · y`, where `y` goes along some axes of `x` and is repeated along the others (Chainer's `scale`).
 *
 * @throws InvalidType if `y`'s shape is not that of those axes.
 */
export function scale(x: VariableLike, y: VariableLike, { axis = 1 }: ScaleOptions = {}): Variable {
  return mul(x, aligned("scale", x, y, axis));
}

/**
 * `x + y`, where `y` goes along some axes of `x` and is repeated along the others (Chainer's `bias`).
 *
 * @throws InvalidType if `y`'s shape is not that of those axes.
 */
export function bias(x: VariableLike, y: VariableLike, { axis = 1 }: ScaleOptions = {}): Variable {
  return add(x, aligned("bias", x, y, axis));
}
