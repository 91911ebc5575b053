/** Puts results, which kernels compute one after the other, into arrays that are views. */
import type { NdArray } from "@chain/array/backend";
import { bound, type Run } from "./bindings.js";
import { bufferOf } from "./buffer.js";
import type { Gpu, KernelSource, Values } from "./gpu.js";
import { kernelSource } from "./source/writer.js";

/** Where the elements of a view lie in its storage. */
export interface View {
  readonly shape: readonly number[];
  readonly strides: readonly number[];
  readonly offset: number;
}

/** An axis that is walked forwards in the storage; a position along it counts `block` in the results. */
interface Axis {
  readonly stride: number;
  readonly length: number;
  readonly block: number;
}

/** Whether a view is all of its storage, in C order. */
function isWhole({ shape, strides, offset }: View, elements: number): boolean {
  let expected = 1;
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    const length = shape[axis] as number;
    if (length !== 1 && strides[axis] !== expected) return false;
    expected *= length;
  }
  return offset === 0 && expected === elements;
}

/** Copies results into elements that the host reaches. */
function placeOnHost(elements: Float32Array, results: Float32Array, { shape, strides, offset }: View): void {
  const last = shape.length - 1;
  let next = 0;
  const walk = (axis: number, at: number): void => {
    const [length, stride] = [shape[axis] as number, strides[axis] as number];
    for (let i = 0, p = at; i < length; i++, p += stride) {
      if (axis === last) elements[p] = results[next++] as number;
      else walk(axis + 1, p);
    }
  };
  if (shape.length === 0) elements[offset] = results[0] as number;
  else walk(0, offset);
}

/** Stores results. Kernels write nothing but whole arrays, so a storage of which they are a part is made anew. */
export class Placer {
  private readonly kernels = new Map<number, Run>();

  constructor(private readonly gpu: Gpu) {}

  /** Makes results, one after the other in C order of a view, the elements of an array. */
  store({ storage, dtype }: NdArray, results: Values, view: View): void {
    const buffer = bufferOf(storage.buffer);
    const count = storage.bytes / (dtype === "bool" ? 1 : 4);
    if (isWhole(view, count)) {
      buffer.adopt(results, dtype);
      return;
    }
    const old = buffer.numbers(dtype);
    const axes = this.gpu.onHost ? null : forwardAxes(view);
    if (axes !== null) buffer.adopt(this.merge(old, count, results, axes), dtype);
    else {
      const elements = this.gpu.download(old).slice();
      placeOnHost(elements, this.gpu.download(results), view);
      buffer.adopt(this.gpu.upload(elements), dtype);
    }
    this.gpu.release(results);
  }

  private merge(old: Values, count: number, results: Values, { axes, start, base }: ForwardView): Values {
    let run = this.kernels.get(axes.length);
    if (run === undefined) {
      run = bound(placeSource(axes.length), this.gpu);
      this.kernels.set(axes.length, run);
    }
    const numbers = new Map([
      ["f0", start],
      ["f1", base],
    ]);
    axes.forEach(({ stride, length, block }, axis) => {
      numbers.set(`d0_${axis}`, stride).set(`n${axis}`, length).set(`d1_${axis}`, block);
    });
    const arrays = new Map([
      ["a0", old],
      ["a1", results],
    ]);
    return run(count, { arrays, numbers });
  }
}

/** A view by axes that are walked forwards: where it starts in the storage, and in the results. */
interface ForwardView {
  readonly axes: readonly Axis[];
  readonly start: number;
  readonly base: number;
}

/** Axes by falling strides, none of them backwards; null if steps along inner ones reach beyond one along an outer one. */
function forwardAxes({ shape, strides, offset }: View): ForwardView | null {
  const axes: Axis[] = [];
  let [start, base] = [offset, 0];
  for (let axis = shape.length - 1, block = 1; axis >= 0; axis--) {
    const [length, stride] = [shape[axis] as number, strides[axis] as number];
    if (length > 1) {
      const backwards = stride < 0;
      if (backwards) {
        start += stride * (length - 1);
        base += block * (length - 1);
      }
      axes.push({ stride: Math.abs(stride), length, block: backwards ? -block : block });
    }
    block *= length;
  }
  axes.sort((a, b) => b.stride - a.stride);
  let reach = 0;
  for (const { stride, length } of axes.toReversed()) {
    if (stride <= reach) return null;
    reach += stride * (length - 1);
  }
  return { axes, start, base };
}

function placeSource(rank: number): KernelSource {
  const lines = [
    "const t = this.thread.x;",
    "let rest = t - f0;",
    "let position = f1;",
    "let inside = rest >= 0 ? 1.0 : 0.0;",
  ];
  for (let axis = 0; axis < rank; axis++) {
    lines.push(
      `const x${axis} = Math.max(quotient(rest, d0_${axis}), 0);`,
      `if (x${axis} >= n${axis}) inside = 0;`,
      `rest = rest - x${axis} * d0_${axis};`,
      `position = position + x${axis} * d1_${axis};`,
    );
  }
  lines.push("if (rest !== 0) inside = 0;", "if (inside === 0) return a0[t];", "return a1[position];");
  return kernelSource(lines);
}
