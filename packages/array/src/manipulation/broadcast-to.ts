import { ValueError } from "../errors.js";
import { broadcastStrides } from "../kernel/layout.js";
import type { NdArray } from "../ndarray.js";
import { broadcastShapes, checkShape, formatShape, type Shape } from "../shape.js";

/**
 * `x` repeated along new axes and axes of length 1 until it has `shape`, as a view without copies (NumPy's
 * `broadcast_to`). Several elements of the view are one element of `x`: do not write to it.
 *
 * @throws ValueError if `x` does not broadcast to `shape`.
 */
export function broadcastTo(x: NdArray, shape: number | Shape): NdArray {
  const target = typeof shape === "number" ? [shape] : shape;
  checkShape(target);
  const lead = target.length - x.ndim;
  const fits = lead >= 0 && x.shape.every((length, i) => length === 1 || length === target[lead + i]);
  if (!fits) {
    throw new ValueError(
      `broadcastTo: shape ${formatShape(x.shape)} does not broadcast to ${formatShape(target)}; axes must be equal or 1`,
    );
  }
  return x.view([...target], broadcastStrides(x, target), x.offset);
}

/** Several arrays broadcast against each other, as views (NumPy's `broadcast_arrays`). */
export function broadcastArrays(...arrays: NdArray[]): NdArray[] {
  const shape = broadcastShapes(...arrays.map((x) => x.shape));
  return arrays.map((x) => broadcastTo(x, shape));
}
