import { elementwise } from "../kernel/elementwise.js";
import type { Expr } from "../kernel/expr.js";
import { fmod, idiv } from "../kernel/ops.js";
import type { NdArray } from "../ndarray.js";
import { contiguousStrides, type Shape } from "../shape.js";
import type { IndexArray } from "./index-array.js";
import { selection, type Selection } from "./selection.js";

/** The elements of `x` at positions in its C order, whatever its strides. */
export function flatSelection(x: NdArray, positions: IndexArray): Selection {
  const axes = unravel(positions, x.shape);
  return selection(
    x,
    { shape: [], strides: [], offset: x.offset },
    0,
    axes.map((index, axis) => ({ positions: index, stride: x.strides[axis] as number })),
  );
}

const coordinate = elementwise("coordinate", (i: Expr, stride: Expr, length: Expr) => fmod(idiv(i, stride), length));

/** Positions in C order as positions along each axis (0-d arrays have one axis of length 1 for this). */
export function unravel(positions: IndexArray, given: Shape): IndexArray[] {
  const shape = given.length === 0 ? [1] : given;
  return contiguousStrides(shape).map((stride, axis): IndexArray => {
    const length = shape[axis] as number;
    return positions.host === null
      ? { shape: positions.shape, host: null, device: coordinate(positions.device, stride, length) }
      : { shape: positions.shape, host: positions.host.map((i) => Math.floor(i / stride) % length) };
  });
}
