/** What an index with arrays in it selects: for every element of the result, a position in the array's memory. */
import { fromElements } from "../creation/from-host.js";
import type { Backend } from "../backend.js";
import { IndexError } from "../errors.js";
import { elementwise } from "../kernel/elementwise.js";
import type { Expr } from "../kernel/expr.js";
import { add, mul } from "../kernel/ops.js";
import type { NdArray } from "../ndarray.js";
import { broadcastShapes, contiguousStrides, formatShape, sizeOf, type Shape } from "../shape.js";
import { borrow, offsetsOf, spanOf, type View } from "../views.js";
import { basicView } from "./basic.js";
import { indexArray, maskOffsets, onDevice, type IndexArray } from "./index-array.js";
import type { Step } from "./parse.js";

/** Positions along one axis of the array. */
export interface Pick {
  readonly positions: IndexArray;
  /** Stride of the axis. */
  readonly stride: number;
}

/**
 * Elements of an array, as positions in the flat stretch of memory that it touches. The result has the axes `before`,
 * then those of the index arrays, then `after`; the position of an element is the sum of one number from each.
 */
export interface Selection {
  readonly shape: Shape;
  readonly before: Int32Array;
  readonly picked: { readonly host: Int32Array } | { readonly host: null; readonly device: NdArray };
  readonly after: Int32Array;
  /** Number of elements that the index arrays pick. */
  readonly count: number;
  /** The axes `before`, and `after`. */
  readonly outer: View;
  readonly inner: View;
  /** The stretch of memory that positions count in. */
  readonly span: { readonly start: number; readonly length: number };
}

/** Reads the arrays of an index and resolves it. */
export function select(x: NdArray, steps: readonly Step[]): Selection {
  const { backend } = x.storage;
  const picks: Pick[] = [];
  for (const step of steps) {
    if (step.kind !== "pick") continue;
    const { axis, picker } = step;
    if (step.mask) {
      const end = axis + step.axes;
      const axes = { shape: x.shape.slice(axis, end), strides: x.strides.slice(axis, end), offset: 0 };
      picks.push({ positions: maskOffsets(backend, picker, axes, axis), stride: 1 });
    } else {
      const positions = indexArray(backend, picker, axis, x.shape[axis] as number);
      picks.push({ positions, stride: x.strides[axis] as number });
    }
  }
  return selection(x, basicView(x, steps), placeOf(steps), picks);
}

/**
 * @param view What is left of `x` without the picked axes.
 * @param place Before which axis of `view` the axes of the index arrays go.
 */
export function selection(x: NdArray, view: View, place: number, picks: readonly Pick[]): Selection {
  const shape = pickedShape(picks.map(({ positions }) => positions.shape));
  const outer = { shape: view.shape.slice(0, place), strides: view.strides.slice(0, place), offset: 0 };
  const inner = { shape: view.shape.slice(place), strides: view.strides.slice(place), offset: 0 };
  const span = spanOf(x);
  return {
    shape: [...outer.shape, ...shape, ...inner.shape],
    before: offsetsOf(outer),
    picked: combine(x.storage.backend, picks, shape, view.offset - span.start),
    after: offsetsOf(inner),
    count: sizeOf(shape),
    outer,
    inner,
    span,
  };
}

/** The shape that index arrays broadcast to; NumPy makes it an IndexError if they do not. */
function pickedShape(shapes: readonly Shape[]): number[] {
  try {
    return broadcastShapes(...shapes);
  } catch {
    throw new IndexError(`index arrays of shapes ${shapes.map(formatShape).join(" ")} do not broadcast together`);
  }
}

/** The memory that positions of a selection count in, as an array of one axis. */
export function spanArray(x: NdArray, { span }: Selection): NdArray {
  return borrow(x, { shape: [span.length], strides: [1], offset: span.start });
}

/**
 * Positions of the three groups of axes as operands, with the shape (before, picked, after) that they broadcast to; where
 * there is only the middle one, that has one axis.
 */
export function positionOperands(
  { before, picked, after, count }: Selection,
  backend: Backend,
): { shape: number[]; operands: [NdArray | number, NdArray, NdArray | number] } {
  const device = picked.host === null ? picked.device : fromElements(picked.host, "int32", [count], backend);
  const flat = before.length === 1 && after.length === 1;
  const middle = { shape: flat ? [count] : [count, 1], strides: flat ? [1] : [1, 0], offset: device.offset };
  return {
    shape: flat ? [count] : [before.length, count, after.length],
    operands: [
      before.length === 1 ? 0 : fromElements(before, "int32", [before.length, 1, 1], backend),
      borrow(device, middle),
      after.length === 1 ? 0 : fromElements(after, "int32", [after.length], backend),
    ],
  };
}

/** Positions of all selected elements, in C order, where they are known. */
export function hostPositions({ before, picked, after }: Selection): Int32Array | null {
  if (picked.host === null || (before.length === 1 && after.length === 1)) return picked.host;
  const all = new Int32Array(before.length * picked.host.length * after.length);
  let next = 0;
  for (const b of before) {
    for (const p of picked.host) {
      for (const a of after) all[next++] = b + p + a;
    }
  }
  return all;
}

/**
 * NumPy's rule: the axes of the index arrays go where the arrays stand if they (and integers) stand side by side, else
 * to the front.
 */
function placeOf(steps: readonly Step[]): number {
  let place = 0;
  let axes = 0;
  let runs = 0;
  let inRun = false;
  for (const { kind } of steps) {
    const advanced = kind === "pick" || kind === "integer";
    if (advanced && !inRun) {
      runs++;
      place = axes;
    }
    inRun = advanced;
    if (kind === "slice" || kind === "newaxis") axes++;
  }
  return runs === 1 ? place : 0;
}

const scaleKernel = elementwise("scale_positions", (i: Expr, stride: Expr, base: Expr) => add(mul(i, stride), base));
const stepKernel = elementwise("add_positions", (sum: Expr, i: Expr, stride: Expr) => add(sum, mul(i, stride)));

/** `base + Σ positions · stride`, broadcast to `shape` and flattened. */
function combine(backend: Backend, picks: readonly Pick[], shape: Shape, base: number): Selection["picked"] {
  const hosts = picks.map(({ positions }) => positions.host);
  if (hosts.every((host) => host !== null)) {
    const sum = new Int32Array(sizeOf(shape)).fill(base);
    picks.forEach(({ positions, stride }, i) =>
      accumulate(sum, shape, hosts[i] as Int32Array, positions.shape, stride),
    );
    return { host: sum };
  }
  const [first, ...rest] = picks as [Pick, ...Pick[]];
  let sum = scaleKernel(onDevice(first.positions, backend), first.stride, base);
  for (const { positions, stride } of rest) sum = stepKernel(sum, onDevice(positions, backend), stride);
  return { host: null, device: sum };
}

/** Adds `values · stride`, broadcast from `from` to `shape`, to `sum`. */
function accumulate(sum: Int32Array, shape: Shape, values: Int32Array, from: Shape, stride: number): void {
  if (sum.length === values.length) {
    for (let i = 0; i < sum.length; i++) (sum[i] as number) += (values[i] as number) * stride;
    return;
  }
  const own = contiguousStrides(from);
  const lead = shape.length - from.length;
  const strides = shape.map((_, i) => (i < lead || from[i - lead] === 1 ? 0 : (own[i - lead] as number)));
  const where = offsetsOf({ shape, strides, offset: 0 });
  for (let i = 0; i < sum.length; i++) (sum[i] as number) += (values[where[i] as number] as number) * stride;
}
