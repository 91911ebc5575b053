import { fillWith } from "../creation/filled.js";
import { ValueError } from "../errors.js";
import { copyKernel } from "../kernel/elementwise-core.js";
import { elementwise } from "../kernel/elementwise.js";
import { NdArray } from "../ndarray.js";
import { contiguousStrides, formatShape, type Shape } from "../shape.js";
import { borrow, type View } from "../views.js";

const assign = elementwise("assign", (x) => x);

/** A C-contiguous copy with memory of its own (NumPy's `copy`). */
export function copy(x: NdArray): NdArray {
  return copyKernel(x);
}

/** `x` itself if its elements lie in C order without gaps, else a copy that does. */
export function ascontiguousarray(x: NdArray): NdArray {
  return x.contiguous ? x : copyKernel(x);
}

/** A copy of `x`'s elements, in C order, as an array of `shape`, which holds as many. */
export function copyReshaped(x: NdArray, shape: Shape): NdArray {
  const result = NdArray.allocate(x.storage.backend, x.dtype, shape);
  assign.into(borrow(result, { shape: x.shape, strides: contiguousStrides(x.shape), offset: 0 }), x);
  return result;
}

/**
 * Writes `value`, broadcast and converted to its dtype, over all elements of `out` (NumPy's `copyto`).
 *
 * @returns `out`.
 * @throws ValueError if `value` does not broadcast to `out`'s shape.
 */
export function copyto(out: NdArray, value: NdArray | number): NdArray {
  if (typeof value === "number") {
    fillWith(out, value);
    return out;
  }
  checkFits(value.shape, out.shape);
  assign.into(out, value.ndim > out.ndim ? borrow(value, withoutLeadingOnes(value, out.ndim)) : value);
  return out;
}

/** As in NumPy's assignments, a value may have more axes than its target if the first ones have length 1. */
export function withoutLeadingOnes(view: View, ndim: number): View {
  let drop = 0;
  while (view.shape.length - drop > ndim && view.shape[drop] === 1) drop++;
  return { shape: view.shape.slice(drop), strides: view.strides.slice(drop), offset: view.offset };
}

/** Throws unless values of shape `given` can be stored in `target`. */
export function checkFits(given: Shape, target: Shape): void {
  if (!fitsInto(given, target)) {
    throw new ValueError(
      `a value of shape ${formatShape(given)} does not broadcast to ${formatShape(target)}, where it is to be stored`,
    );
  }
}

/** Whether values of shape `given`, less axes of length 1 in front, broadcast to `target`. */
export function fitsInto(given: Shape, target: Shape): boolean {
  const lead = target.length - given.length;
  return given.every((length, i) => length === 1 || length === target[lead + i]);
}
