import { inputs } from "../contestant.js";

/** A layer of a residual network for 32×32 pictures; kernels are square, and padded so that a stride of 1 keeps the size. */
export interface Layer {
  readonly inChannels: number;
  readonly outChannels: number;
  /** Height and width of the input. */
  readonly size: number;
  readonly kernel: number;
  readonly stride: number;
}

const batch = 128;

function layer(inChannels: number, outChannels: number, size: number, kernel = 3, stride = 1): Layer {
  return { inChannels, outChannels, size, kernel, stride };
}

/** The layers of ResNet-20, each kind once. A workload's size is a place in this list. */
export const layers: readonly Layer[] = [
  layer(3, 16, 32),
  layer(16, 16, 32),
  layer(16, 32, 32, 3, 2),
  layer(16, 32, 32, 1, 2),
  layer(32, 32, 16),
  layer(32, 64, 16, 3, 2),
  layer(64, 64, 8),
];

/** Shapes and numbers of a layer's convolution of a minibatch. */
export function problem(index: number): {
  readonly x: readonly [number, number, number, number];
  readonly w: readonly [number, number, number, number];
  readonly y: readonly [number, number, number, number];
  readonly stride: number;
  readonly pad: number;
  readonly values: (name: "x" | "w" | "y") => Float32Array<ArrayBuffer>;
} {
  const { inChannels, outChannels, size, kernel, stride } = layers[index] as Layer;
  const out = size / stride;
  const shapes = {
    x: [batch, inChannels, size, size],
    w: [outChannels, inChannels, kernel, kernel],
    y: [batch, outChannels, out, out],
  } as const;
  const seeds = { x: 1, w: 2, y: 3 };
  const values = (name: "x" | "w" | "y"): Float32Array<ArrayBuffer> =>
    inputs(
      shapes[name].reduce((product, length) => product * length, 1),
      seeds[name],
    );
  return { ...shapes, stride, pad: (kernel - 1) / 2, values };
}

/** Floating-point operations of a layer's convolution, and of each of its gradients. */
export function operations(index: number): number {
  const { w, y } = problem(index);
  const count = (shape: readonly number[]): number => shape.reduce((product, length) => product * length, 1);
  return (2 * count(y) * count(w)) / w[0];
}

/** `16→32, 32×32, 3×3 / 2`. */
export function title(index: number): string {
  const { inChannels, outChannels, size, kernel, stride } = layers[index] as Layer;
  return `${inChannels}→${outChannels}, ${size}×${size}, ${kernel}×${kernel}${stride === 1 ? "" : ` / ${stride}`}`;
}
