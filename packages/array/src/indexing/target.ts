/** What assignments to parts of an array have in common. */
import { fromHost, type ArrayLikeValue } from "../creation/from-host.js";
import { ValueError } from "../errors.js";
import { NdArray } from "../ndarray.js";
import { formatShape } from "../shape.js";

/** Throws if several elements of a view are one element in memory, so that writing to it makes no sense. */
export function checkWritable(x: NdArray): void {
  x.checkAlive();
  if (x.size > 0 && x.shape.some((length, axis) => length > 1 && x.strides[axis] === 0)) {
    throw new ValueError(
      `the array of shape ${formatShape(x.shape)} is a broadcast view, whose elements share memory; copy() it to write to it`,
    );
  }
}

/** A value to be stored in `x`: an array on its device, or a number. */
export function valueFor(x: NdArray, value: ArrayLikeValue): NdArray | number {
  if (value instanceof NdArray || typeof value === "number") return value;
  return typeof value === "boolean" ? Number(value) : fromHost(value, { dtype: x.dtype, device: x.device });
}
