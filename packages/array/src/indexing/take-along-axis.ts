import type { ArrayLikeValue } from "../creation/from-host.js";
import { ValueError } from "../errors.js";
import { checkFits } from "../manipulation/copy.js";
import { scope } from "../memory/scope.js";
import { NdArray } from "../ndarray.js";
import { axisFrom, type OptionalAxis } from "../options.js";
import { formatShape, normalizeAxis } from "../shape.js";
import { flatSelection } from "./flat-selection.js";
import { gather } from "./gather.js";
import { indexArray } from "./index-array.js";
import { scatter } from "./scatter.js";
import { selection, type Pick, type Selection } from "./selection.js";
import { checkWritable, valueFor } from "./target.js";

/**
 * `out[…, i, …] = x[…, indices[…, i, …], …]` along an axis, as for the result of `argsort` or an `argmax` with
 * `keepdims` (NumPy's `take_along_axis`). The other axes of `x` and `indices` broadcast. With `axis: null`, `x` is
 * flattened and `indices` has one axis.
 *
 * @throws IndexError if a position is out of range, ValueError if the numbers of axes differ.
 */
export function takeAlongAxis(x: NdArray, indices: NdArray, axis: OptionalAxis): NdArray {
  return scope(() => {
    const chosen = axisFrom(axis, null);
    return gather(
      x,
      chosen === null
        ? flatSelection(x, indexArray(x.storage.backend, indices, 0, x.size))
        : alongAxis("takeAlongAxis", x, indices, chosen),
    );
  });
}

/**
 * `x[…, indices[…, i, …], …] = values[…, i, …]` along an axis, in place (NumPy's `put_along_axis`); the inverse of
 * {@link takeAlongAxis}.
 *
 * @returns `x`.
 * @throws as {@link takeAlongAxis}, and ValueError if `values` does not broadcast to `indices`.
 */
export function putAlongAxis(x: NdArray, indices: NdArray, values: ArrayLikeValue, axis: OptionalAxis): NdArray {
  checkWritable(x);
  scope(() => {
    const chosen = axisFrom(axis, null);
    const source = valueFor(x, values);
    const selected =
      chosen === null
        ? flatSelection(x, indexArray(x.storage.backend, indices, 0, x.size))
        : alongAxis("putAlongAxis", x, indices, chosen);
    if (source instanceof NdArray) checkFits(source.shape, selected.shape);
    scatter(x, selected, source);
  });
  return x;
}

/** The index that has `indices` on one axis and, on the others, every position. */
function alongAxis(name: string, x: NdArray, indices: NdArray, axis: number): Selection {
  if (indices.ndim !== x.ndim) {
    throw new ValueError(
      `${name}: indices and array must have equally many axes, got shapes ${formatShape(indices.shape)} and ${formatShape(x.shape)}`,
    );
  }
  const chosen = normalizeAxis(axis, x.ndim);
  const picks = x.shape.map((length, i): Pick => {
    const stride = x.strides[i] as number;
    if (i === chosen) return { positions: indexArray(x.storage.backend, indices, i, length), stride };
    const shape = x.shape.map((_, k) => (k === i ? length : 1));
    return { positions: { shape, host: Int32Array.from({ length }, (_, k) => k) }, stride };
  });
  return selection(x, { shape: [], strides: [], offset: x.offset }, 0, picks);
}
