import { ValueError } from "./errors.js";

/** Lengths of an array's axes. */
export type Shape = readonly number[];

/** Number of elements of an array of this shape. */
export function sizeOf(shape: Shape): number {
  let size = 1;
  for (let i = 0; i < shape.length; i++) size *= shape[i] as number;
  return size;
}

/** Strides, in elements, of a C-contiguous array. */
export function contiguousStrides(shape: Shape): number[] {
  const strides = new Array<number>(shape.length);
  let stride = 1;
  for (let i = shape.length - 1; i >= 0; i--) {
    strides[i] = stride;
    stride *= shape[i] as number;
  }
  return strides;
}

/** Whether elements lie in C order without gaps; axes of length 1 do not matter, and an empty array always is. */
export function isContiguous(shape: Shape, strides: readonly number[]): boolean {
  let expected = 1;
  for (let i = shape.length - 1; i >= 0; i--) {
    const length = shape[i] as number;
    if (length === 0) return true;
    if (length !== 1 && strides[i] !== expected) return false;
    expected *= length;
  }
  return true;
}

/** Whether two shapes are equal. */
export function sameShape(a: Shape, b: Shape): boolean {
  if (a === b) return true;
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}

/** NumPy's broadcasting: the common shape of several, or a `ValueError` that names them. */
export function broadcastShapes(...shapes: Shape[]): number[] {
  const ndim = shapes.reduce((n, shape) => Math.max(n, shape.length), 0);
  const result: number[] = new Array<number>(ndim).fill(1);
  for (const shape of shapes) {
    const lead = ndim - shape.length;
    for (let i = 0; i < shape.length; i++) {
      const length = shape[i] as number;
      const soFar = result[lead + i] as number;
      if (length === soFar || length === 1) continue;
      if (soFar !== 1) {
        throw new ValueError(
          `operands could not be broadcast together with shapes ${shapes.map(formatShape).join(" ")}; axes must be equal or 1`,
        );
      }
      result[lead + i] = length;
    }
  }
  return result;
}

/** A shape as people write it: `(2, 3)`, `(4,)`, `()`. */
export function formatShape(shape: Shape): string {
  return shape.length === 1 ? `(${shape[0]},)` : `(${shape.join(", ")})`;
}

/** Checks a shape given by a caller: whole numbers, none negative. */
export function checkShape(shape: Shape): void {
  for (const length of shape) {
    if (!Number.isInteger(length) || length < 0) {
      throw new ValueError(`a shape holds whole numbers from 0 up, got ${formatShape(shape)}`);
    }
  }
}

/** Resolves an axis that may count from the end; throws `ValueError` when out of range. */
export function normalizeAxis(axis: number, ndim: number, name = "axis"): number {
  const resolved = axis < 0 ? axis + ndim : axis;
  if (!Number.isInteger(axis) || resolved < 0 || resolved >= ndim) {
    throw new ValueError(`${name} ${axis} is out of bounds for an array of dimension ${ndim}`);
  }
  return resolved;
}

/** An `axis` argument: one axis, several, or `null` (all of them). */
export type Axis = number | readonly number[] | null;

/** Resolves an `axis` argument to ascending axis numbers without repeats. */
export function normalizeAxes(axis: Axis | undefined, ndim: number): number[] {
  if (axis === null || axis === undefined) return Array.from({ length: ndim }, (_, i) => i);
  if (typeof axis === "number") return [normalizeAxis(axis, ndim)];
  const axes = axis.map((a) => normalizeAxis(a, ndim)).sort((a, b) => a - b);
  for (let i = 1; i < axes.length; i++) {
    if (axes[i] === axes[i - 1]) throw new ValueError(`duplicate value in axis: [${axis.join(", ")}]`);
  }
  return axes;
}
