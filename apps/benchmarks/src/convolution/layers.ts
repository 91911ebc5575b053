import { inputs } from "../contestant.js";

/** A convolution of a minibatch of pictures; kernels are square, and padded so that a stride of 1 keeps the size. */
export interface Layer {
  readonly batch: number;
  readonly inChannels: number;
  readonly outChannels: number;
  /** Height and width of the input. */
  readonly size: number;
  readonly kernel: number;
  readonly stride: number;
  readonly groups: number;
}

function layer(inChannels: number, outChannels: number, size: number, kernel = 3, stride = 1): Layer {
  return { batch: 128, inChannels, outChannels, size, kernel, stride, groups: 1 };
}

/** A convolution of every channel by itself. */
function depthwise(channels: number, size: number, kernel = 3, stride = 1): Layer {
  return { batch: 32, inChannels: channels, outChannels: channels, size, kernel, stride, groups: channels };
}

/**
 * The layers of ResNet-20, each kind once, two of ResNet-50's and those of networks for small devices. A workload's size is
 * a place in this list; `python/with_pytorch.py` has the same.
 */
export const layers: readonly Layer[] = [
  layer(3, 16, 32),
  layer(16, 16, 32),
  layer(16, 32, 32, 3, 2),
  layer(16, 32, 32, 1, 2),
  layer(32, 32, 16),
  layer(32, 64, 16, 3, 2),
  layer(32, 64, 16, 1, 2),
  layer(64, 64, 8),
  { ...layer(64, 64, 56), batch: 4 },
  { ...layer(256, 64, 56, 1), batch: 4 },
  depthwise(64, 56),
  depthwise(128, 56, 3, 2),
  depthwise(256, 14),
  depthwise(64, 28, 5),
];

/** Shapes and numbers of a layer's convolution of a minibatch. */
export function problem(index: number): {
  readonly x: readonly [number, number, number, number];
  readonly w: readonly [number, number, number, number];
  readonly y: readonly [number, number, number, number];
  readonly stride: number;
  readonly pad: number;
  readonly groups: number;
  readonly values: (name: "x" | "w" | "y") => Float32Array<ArrayBuffer>;
} {
  const { batch, inChannels, outChannels, size, kernel, stride, groups } = layers[index] as Layer;
  const out = size / stride;
  const shapes = {
    x: [batch, inChannels, size, size],
    w: [outChannels, inChannels / groups, kernel, kernel],
    y: [batch, outChannels, out, out],
  } as const;
  const seeds = { x: 1, w: 2, y: 3 };
  const values = (name: "x" | "w" | "y"): Float32Array<ArrayBuffer> =>
    inputs(
      shapes[name].reduce((product, length) => product * length, 1),
      seeds[name],
    );
  return { ...shapes, stride, pad: (kernel - 1) / 2, groups, values };
}

/** Floating-point operations of a layer's convolution, and of each of its gradients. */
export function operations(index: number): number {
  const { w, y } = problem(index);
  const count = (shape: readonly number[]): number => shape.reduce((product, length) => product * length, 1);
  return (2 * count(y) * count(w)) / w[0];
}

/** `16→32, 32×32, 3×3 / 2`. */
export function title(index: number): string {
  const { batch, inChannels, outChannels, size, kernel, stride, groups } = layers[index] as Layer;
  const channels = groups === inChannels ? `${inChannels} depthwise` : `${inChannels}→${outChannels}`;
  const images = batch === 128 ? "" : `, n=${batch}`;
  return `${channels}, ${size}×${size}, ${kernel}×${kernel}${stride === 1 ? "" : ` / ${stride}`}${images}`;
}
