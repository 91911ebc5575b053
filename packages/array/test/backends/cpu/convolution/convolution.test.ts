/** What only the CPU's own convolutions have: blocks, chunks of images, and threads. */
import { beforeAll, describe, expect, test } from "@jest/globals";
import { createCpuBackend } from "../../../../src/backends/cpu/index.js";
import {
  convolutionOf,
  gradInputOf,
  gradWeightOf,
  type ConvolutionCase,
} from "../../../../src/conformance/convolution-oracle.js";
import { fromElements } from "../../../../src/creation/from-host.js";
import { convolution, convolutionGradInput, convolutionGradWeight, type NdArray } from "../../../../src/index.js";
import { double, startThreads } from "../several-threads.js";

const single = createCpuBackend({ threads: 1 });
beforeAll(startThreads);

function numbers(length: number, seed: number): Float32Array {
  let state = seed;
  return Float32Array.from({ length }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 31 - 1;
  });
}

interface Layer {
  readonly x: readonly [number, number, number, number];
  readonly outputs: number;
  readonly kernel: number;
  readonly stride: number;
  readonly pad: number;
  readonly groups: number;
}

/** Sizes at which tiles are cut, kernels deeper than a block, images that come in several chunks or one at a time. */
const layers: readonly (readonly [string, Layer])[] = [
  ["the first of a network", { x: [5, 3, 32, 32], outputs: 16, kernel: 3, stride: 1, pad: 1, groups: 1 }],
  ["many images", { x: [120, 5, 20, 20], outputs: 3, kernel: 3, stride: 1, pad: 1, groups: 1 }],
  [
    "a stride, and odd numbers of everything",
    { x: [7, 13, 23, 21], outputs: 27, kernel: 3, stride: 2, pad: 1, groups: 1 },
  ],
  ["kernels deeper than a block", { x: [2, 70, 9, 9], outputs: 10, kernel: 3, stride: 1, pad: 1, groups: 1 }],
  ["one large image", { x: [1, 1, 500, 601], outputs: 1, kernel: 3, stride: 1, pad: 1, groups: 1 }],
  ["one element a kernel", { x: [3, 40, 17, 17], outputs: 24, kernel: 1, stride: 1, pad: 0, groups: 1 }],
  ["a stride beyond the kernel", { x: [3, 8, 17, 17], outputs: 8, kernel: 1, stride: 2, pad: 0, groups: 1 }],
  ["pairs of channels, and a stride", { x: [5, 24, 15, 23], outputs: 24, kernel: 3, stride: 2, pad: 1, groups: 12 }],
  [
    "every channel by itself, in many blocks",
    { x: [2, 3, 90, 122], outputs: 3, kernel: 5, stride: 1, pad: 2, groups: 3 },
  ],
  ["rows shorter than a vector", { x: [3, 8, 9, 3], outputs: 8, kernel: 3, stride: 1, pad: 1, groups: 8 }],
  ["a stride of three", { x: [3, 8, 19, 19], outputs: 8, kernel: 3, stride: 3, pad: 1, groups: 8 }],
  ["every channel by itself", { x: [5, 24, 15, 15], outputs: 48, kernel: 3, stride: 1, pad: 1, groups: 24 }],
];

function largestError(actual: ArrayLike<number>, expected: Float64Array): number {
  const scale = expected.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  return expected.reduce((most, value, i) => Math.max(most, Math.abs(value - (actual[i] as number))), 0) / scale;
}

describe.each(layers)("%s", (_, { x, outputs, kernel, stride, pad, groups }) => {
  const [batch, channels, height, width] = x;
  const w = [outputs, channels / groups, kernel, kernel];
  const along = (length: number): number => Math.floor((length + 2 * pad - kernel) / stride) + 1;
  const out = [batch, outputs, along(height), along(width)];
  const pair = (value: number): number[] => [value, value];
  const geometry = { stride: pair(stride), pad: pair(pad), dilate: pair(1), groups };
  const shapes: ConvolutionCase = { x, w, out, geometry };
  const [xs, ws, gys] = [x, w, out].map((shape, i) =>
    numbers(
      shape.reduce((product, length) => product * length, 1),
      i + 1,
    ),
  ) as [Float32Array, Float32Array, Float32Array];

  const results = (backend: typeof single): NdArray[] => {
    const array = (values: Float32Array, shape: readonly number[]): NdArray =>
      fromElements(values, "float32", shape, backend);
    const [ax, aw, agy] = [array(xs, x), array(ws, w), array(gys, out)];
    return [
      convolution(ax, aw, geometry),
      convolutionGradInput(agy, aw, [height, width], geometry),
      convolutionGradWeight(ax, agy, [kernel, kernel], geometry),
    ];
  };

  test("is right, and the same to the bit with one thread and with two", () => {
    const [one, two] = [results(single), results(double)];
    const expected = [convolutionOf(shapes, xs, ws), gradInputOf(shapes, gys, ws), gradWeightOf(shapes, xs, gys)];
    one.forEach((result, i) => {
      const data = result.dataSync();
      expect(largestError(data, expected[i] as Float64Array)).toBeLessThan(2e-6);
      expect(Buffer.compare(Buffer.from(data.buffer), Buffer.from((two[i] as NdArray).dataSync().buffer))).toBe(0);
    });
  });
});

test("an image has the same result alone and among others", () => {
  const [xs, ws] = [numbers(6 * 5 * 9 * 9, 1), numbers(7 * 5 * 3 * 3, 2)];
  const w = fromElements(ws, "float32", [7, 5, 3, 3], double);
  const all = convolution(fromElements(xs, "float32", [6, 5, 9, 9], double), w, { pad: 1 }).dataSync();
  const size = 7 * 9 * 9;
  for (let image = 0; image < 6; image++) {
    const own = xs.slice(image * 405, (image + 1) * 405);
    const alone = convolution(fromElements(own, "float32", [1, 5, 9, 9], double), w, { pad: 1 }).dataSync();
    expect(alone).toEqual(all.slice(image * size, (image + 1) * size));
  }
});

test("NaN and infinity stay where their windows are", () => {
  const x = fromElements([1, 1, NaN, 1, 1, 1, Infinity, 1], "float32", [1, 1, 8], single);
  const w = fromElements([1, 1], "float32", [1, 1, 2], single);
  expect([...convolution(x, w).dataSync()]).toEqual([2, NaN, NaN, 2, 2, Infinity, Infinity]);
  expect([...convolution(x, w, { activation: "relu" }).dataSync()]).toEqual([2, NaN, NaN, 2, 2, Infinity, Infinity]);
});
