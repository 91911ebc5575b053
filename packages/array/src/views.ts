/** Views as plain data: functions that only change shape, strides and offset are written on these. */
import { NdArray } from "./ndarray.js";
import { isContiguous, sizeOf, type Shape } from "./shape.js";

/** How elements are reached in some storage. An NdArray is one. */
export interface View {
  readonly shape: Shape;
  readonly strides: readonly number[];
  readonly offset: number;
}

/** The array that `view` describes, on the memory of `x`. */
export function viewOf(x: NdArray, view: View): NdArray {
  return x.view(view.shape, view.strides, view.offset);
}

/**
 * As {@link viewOf}, for use inside one function only: it does not count as a reference to the memory, so that nobody
 * has to dispose of it. It must not be returned.
 */
export function borrow(x: NdArray, view: View): NdArray {
  x.checkAlive();
  const { shape, strides, offset } = view;
  const contiguous = isContiguous(shape, strides);
  return new NdArray(x.storage, x.dtype, shape, strides, offset, sizeOf(shape), contiguous, x.base ?? x);
}

/** The part of one axis from `start`, `length` elements `step` apart. */
export function sliceAxis(view: View, axis: number, start: number, length: number, step = 1): View {
  const stride = view.strides[axis] as number;
  return {
    shape: view.shape.with(axis, length),
    strides: view.strides.with(axis, stride * step),
    offset: length === 0 ? view.offset : view.offset + start * stride,
  };
}

/** Axes in another order: axis `i` of the result is axis `axes[i]` of `view`. */
export function permuteAxes(view: View, axes: readonly number[]): View {
  return {
    shape: axes.map((axis) => view.shape[axis] as number),
    strides: axes.map((axis) => view.strides[axis] as number),
    offset: view.offset,
  };
}

/** All axes in the opposite order. */
export function reverseAxes({ shape, strides, offset }: View): View {
  if (shape.length !== 2) return { shape: [...shape].reverse(), strides: [...strides].reverse(), offset };
  // Every linear layer does this: literals are several times faster.
  const [rows, columns] = shape as [number, number];
  const [down, right] = strides as [number, number];
  return { shape: [columns, rows], strides: [right, down], offset };
}

/** Axes of length 1 put in front of an array of `view`'s shape until it has `ndim` of them. */
export function withLeadingAxes(view: View, ndim: number): View {
  const missing = ndim - view.shape.length;
  if (missing <= 0) return view;
  const ones = new Array<number>(missing).fill(1);
  return { shape: [...ones, ...view.shape], strides: [...ones.fill(0), ...view.strides], offset: view.offset };
}

/** The flat stretch of memory from the first to the last element that `x` touches, to be read at computed positions. */
export function spanOf(x: View): { start: number; length: number } {
  let low = x.offset;
  let high = x.offset;
  for (let i = 0; i < x.shape.length; i++) {
    const length = x.shape[i] as number;
    if (length === 0) return { start: x.offset, length: 0 };
    const reach = (length - 1) * (x.strides[i] as number);
    if (reach < 0) low += reach;
    else high += reach;
  }
  return { start: low, length: high - low + 1 };
}

/** Offsets of all elements of a view, in C order. */
export function offsetsOf({ shape, strides }: View): Int32Array {
  const offsets = new Int32Array(sizeOf(shape));
  let filled = 1;
  // Grows the first block by one axis at a time, from the last axis on.
  for (let axis = shape.length - 1; axis >= 0 && offsets.length > 0; axis--) {
    const length = shape[axis] as number;
    const stride = strides[axis] as number;
    for (let i = 1; i < length; i++) {
      for (let j = 0; j < filled; j++) offsets[i * filled + j] = (offsets[j] as number) + i * stride;
    }
    filled *= length;
  }
  return offsets;
}
