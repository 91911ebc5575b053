import { ValueError } from "../errors.js";
import type { NdArray } from "../ndarray.js";
import { contiguousStrides, formatShape, sizeOf, type Shape } from "../shape.js";
import { borrow, permuteAxes, type View } from "../views.js";
import { copy, copyReshaped } from "./copy.js";

/** Options of {@link reshape}. */
export interface ReshapeOptions {
  /** In which order elements are read and placed: the last axis fastest ("C", the default) or the first ("F"). */
  readonly order?: "C" | "F";
}

/**
 * The same elements in another shape (NumPy's `reshape`). One length may be -1 and follows from the rest. The result is
 * a view wherever strides can express it, else a copy.
 *
 * @throws ValueError if the number of elements differs.
 */
export function reshape(x: NdArray, shape: number | Shape, options?: ReshapeOptions): NdArray {
  const target = resolveShape(x.size, typeof shape === "number" ? [shape] : shape);
  if (options?.order === "F") return reshapeFortran(x, target);
  if (x.contiguous) return x.view(target, contiguousStrides(target), x.offset);
  const strides = reshapedStrides(x, target);
  return strides === null ? copyReshaped(x, target) : x.view(target, strides, x.offset);
}

/** Replaces the one -1 of a shape and checks that it holds `size` elements. */
export function resolveShape(size: number, shape: Shape): number[] {
  let unknown = -1;
  let known = 1;
  for (let i = 0; i < shape.length; i++) {
    const length = shape[i] as number;
    if (length === -1 && unknown < 0) unknown = i;
    else if (length >= 0 && Number.isInteger(length)) known *= length;
    else
      throw new ValueError(
        `reshape: a shape holds whole numbers from 0 up and at most one -1, got ${formatShape(shape)}`,
      );
  }
  const resolved = [...shape];
  if (unknown >= 0 && known > 0) resolved[unknown] = size / known;
  if (unknown >= 0 ? known === 0 || size % known !== 0 : known !== size) {
    throw new ValueError(`reshape: an array of ${size} elements does not fit into shape ${formatShape(shape)}`);
  }
  return resolved;
}

/**
 * Strides with which the elements of `view`, in C order, form `shape`; null where there are none. Both have the same
 * number of elements.
 */
export function reshapedStrides(view: View, shape: Shape): number[] | null {
  if (sizeOf(shape) === 0) return contiguousStrides(shape);
  const from = view.shape.map((length, axis) => ({ length, stride: view.strides[axis] as number }));
  const axes = from.filter(({ length }) => length !== 1);
  const strides = new Array<number>(shape.length).fill(0);
  let next = 0;
  for (let start = 0; start < shape.length;) {
    // The shortest run of new axes and of old axes with equally many elements.
    let end = start + 1;
    let wanted = shape[start] as number;
    if (wanted === 1) {
      start = end;
      continue;
    }
    const first = next;
    let have = (axes[next++] as { length: number }).length;
    while (wanted !== have) {
      if (wanted < have) wanted *= shape[end++] as number;
      else have *= (axes[next++] as { length: number }).length;
    }
    for (let i = first; i + 1 < next; i++) {
      const [outer, inner] = [axes[i], axes[i + 1]] as [(typeof axes)[0], (typeof axes)[0]];
      if (outer.stride !== inner.length * inner.stride) return null;
    }
    let stride = (axes[next - 1] as { stride: number }).stride;
    for (let i = end - 1; i >= start; i--) {
      strides[i] = stride;
      stride *= shape[i] as number;
    }
    start = end;
  }
  return strides;
}

/** Fortran's order is C's order of the axes reversed. */
function reshapeFortran(x: NdArray, target: readonly number[]): NdArray {
  const reversed = reverseAxes(x);
  const shape = target.toReversed();
  const strides = reshapedStrides(reversed, shape);
  if (strides !== null) return x.view(target, strides.toReversed(), x.offset);
  const ordered = copyReshaped(borrow(x, reversed), shape);
  const result = copy(borrow(ordered, reverseAxes(ordered)));
  ordered.dispose();
  return result;
}

function reverseAxes(view: View): View {
  const last = view.shape.length - 1;
  return permuteAxes(
    view,
    view.shape.map((_, i) => last - i),
  );
}
