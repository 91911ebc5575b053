import { inputs } from "../contestant.js";

/** Pooling of a minibatch of pictures without padding. */
interface Pooling {
  readonly shape: readonly [number, number, number, number];
  readonly kernel: number;
  readonly stride: number;
}

/** A workload's size is a place in this list; `python/with_pytorch.py` has the same. */
export const poolings: readonly Pooling[] = [
  { shape: [128, 16, 32, 32], kernel: 2, stride: 2 },
  { shape: [128, 16, 33, 33], kernel: 3, stride: 2 },
  { shape: [32, 64, 57, 57], kernel: 3, stride: 2 },
];

/** A pooling's sizes, and the elements of its input and of the gradient of its output. */
export function problem(index: number): Pooling & {
  readonly out: readonly [number, number, number, number];
  readonly x: () => Float32Array<ArrayBuffer>;
  readonly gy: () => Float32Array<ArrayBuffer>;
} {
  const { shape, kernel, stride } = poolings[index] as Pooling;
  const [batch, channels, height] = shape;
  const along = Math.floor((height - kernel) / stride) + 1;
  const out = [batch, channels, along, along] as const;
  return { shape, kernel, stride, out, x: () => inputs(count(shape), 1), gy: () => inputs(count(out), 2) };
}

/** Bytes of the input and of the output, float32: what has to be moved at least. */
export function bytes(index: number): number {
  const { shape, out } = problem(index);
  return 4 * (count(shape) + count(out));
}

/** `3×3 / 2 of [32,64,57,57]`. */
export function title(index: number): string {
  const { shape, kernel, stride } = poolings[index] as Pooling;
  return `${kernel}×${kernel} / ${stride} of [${shape.join()}]`;
}

function count(shape: readonly number[]): number {
  return shape.reduce((product, length) => product * length, 1);
}
