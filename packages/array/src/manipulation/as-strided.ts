import { ValueError } from "../errors.js";
import type { NdArray } from "../ndarray.js";
import { checkShape, formatShape, type Shape } from "../shape.js";
import { spanOf } from "../views.js";

/**
 * A view with any shape and strides (Chainer's and NumPy's `as_strided`). Strides and the offset count elements, not
 * bytes; the offset is that of the first element in the storage, `x`'s own by default.
 *
 * @throws ValueError if the view would leave the array's memory.
 */
export function asStrided(
  x: NdArray,
  shape: Shape,
  strides: readonly number[],
  options: { readonly storageOffset?: number | null } = {},
): NdArray {
  checkShape(shape);
  const offset = options.storageOffset ?? x.offset;
  if (strides.length !== shape.length || ![offset, ...strides].every(Number.isInteger)) {
    throw new ValueError(
      `asStrided: one whole stride an axis and a whole offset are needed, got shape ${formatShape(shape)}, ` +
        `strides ${formatShape(strides)} and offset ${offset}`,
    );
  }
  const view = { shape: [...shape], strides: [...strides], offset };
  const { start, length } = spanOf(view);
  const available = Math.floor(x.storage.bytes / x.itemsize);
  if (length > 0 && (start < 0 || start + length > available)) {
    throw new ValueError(
      `asStrided: shape ${formatShape(shape)} with strides ${formatShape(strides)} from element ${offset} on reaches ` +
        `elements ${start} to ${start + length - 1} of an array's memory of ${available} elements`,
    );
  }
  return x.view(view.shape, view.strides, offset);
}
