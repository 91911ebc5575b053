import { array, InvalidType, ValueError, zeros, type NdArray } from "@chain/array";
import { Variable } from "@chain/autograd";
import * as F from "@chain/autograd/functions";
import { describe, expect, test } from "@jest/globals";
import { checkGradients, elements, expectElements, gradientOf, numbers } from "../support.js";

interface Case {
  readonly x: readonly number[];
  readonly W: readonly number[];
  readonly options?: F.ConvolutionOptions;
}

const cases: readonly (readonly [string, Case])[] = [
  ["one dimension", { x: [2, 2, 6], W: [3, 2, 3], options: { pad: 1 } }],
  ["a stride and a dilation", { x: [2, 1, 9], W: [2, 1, 3], options: { stride: 2, dilate: 2, pad: [3] } }],
  ["two dimensions", { x: [2, 2, 4, 5], W: [3, 2, 3, 3], options: { pad: 1 } }],
  ["one element a kernel", { x: [2, 3, 3, 3], W: [2, 3, 1, 1] }],
  ["strides that leave something over", { x: [1, 2, 6, 5], W: [2, 2, 2, 2], options: { stride: [3, 2] } }],
  ["windows that cover all", { x: [1, 2, 6, 6], W: [2, 2, 2, 3], options: { stride: [4, 2], coverAll: true } }],
  ["groups", { x: [2, 4, 4, 3], W: [6, 2, 2, 2], options: { groups: 2, pad: [1, 0] } }],
  ["three dimensions", { x: [1, 2, 3, 2, 3], W: [2, 2, 2, 1, 2], options: { stride: [1, 2, 1], pad: [0, 0, 1] } }],
];

/** The definition for one batch of images of any dimension, window by window. */
function reference(
  x: NdArray,
  W: NdArray,
  b: NdArray,
  out: readonly number[],
  options: F.ConvolutionOptions,
): number[] {
  const along = (given: number | readonly number[] | undefined, otherwise: number, axis: number): number =>
    typeof given === "number" ? given : (given?.[axis] ?? otherwise);
  const indices = (shape: readonly number[]): number[][] =>
    shape.reduce<number[][]>(
      (found, n) => found.flatMap((at) => Array.from({ length: n }, (_, i) => [...at, i])),
      [[]],
    );
  const flat = (shape: readonly number[], at: readonly number[]): number =>
    at.reduce((sum, i, axis) => sum * (shape[axis] as number) + i, 0);
  const [xs, ws, bs] = [elements(x), elements(W), elements(b)];
  const perGroup = (W.shape[0] as number) / (options.groups ?? 1);
  return indices(out).map(([n = 0, o = 0, ...p]) => {
    let sum = bs[o] as number;
    for (const [c = 0, ...k] of indices(W.shape.slice(1))) {
      const at = p.map(
        (window, i) =>
          window * along(options.stride, 1, i) +
          (k[i] as number) * along(options.dilate, 1, i) -
          along(options.pad, 0, i),
      );
      if (at.some((i, axis) => i < 0 || i >= (x.shape[2 + axis] as number))) continue;
      const channel = Math.floor(o / perGroup) * (W.shape[1] as number) + c;
      sum += (xs[flat(x.shape, [n, channel, ...at])] as number) * (ws[flat(W.shape, [o, c, ...k])] as number);
    }
    return sum;
  });
}

describe.each(cases)("convolutionNd with %s", (_, { x: xShape, W: WShape, options = {} }) => {
  const [x, W] = [numbers(xShape), numbers(WShape, { seed: 2 })];
  const b = numbers([WShape[0] as number], { seed: 3 });

  test("is the definition", () => {
    const y = F.convolutionNd(x, W, b, options);
    expectElements(y, reference(x, W, b, y.shape, options), 1e-12);
    const single = F.convolutionNd(x.astype("float32"), W.astype("float32"), b.astype("float32"), options);
    expect(single.dtype).toBe("float32");
    expectElements(single, elements(y), 1e-5);
    expectElements(F.convolutionNd(x, W, options), elements(F.convolutionNd(x, W, null, options)));
  });

  test("has the right derivatives", async () => {
    await checkGradients((p, q, r) => F.convolutionNd(p, q, r, options), [x, W, b]);
  });

  test("deconvolutionNd is its transpose, with the right derivatives", async () => {
    const { coverAll: _unused, ...rest } = options;
    const y = F.convolutionNd(x, W, null, options);
    const outsize = xShape.slice(2);
    const back = F.deconvolutionNd(y, W, null, { ...rest, outsize });
    expect(back.shape).toEqual([...xShape]);
    // Σ conv(x) · gy = Σ x · deconv(gy).
    const gy = numbers(y.shape, { seed: 5 });
    const dot = (p: number[], q: number[]): number => p.reduce((sum, value, i) => sum + value * (q[i] as number), 0);
    const transposed = F.deconvolutionNd(gy, W, null, { ...rest, outsize });
    expect(dot(elements(y), elements(gy))).toBeCloseTo(dot(elements(x), elements(transposed)), 10);
    const bias = numbers([xShape[1] as number], { seed: 4 });
    await checkGradients((p, q, r) => F.deconvolutionNd(p, q, r, { ...rest, outsize }), [gy, W, bias]);
  });
});

test("the names for one, two and three dimensions take that many spatial axes", () => {
  const x = [
    [1, 2, 5],
    [1, 2, 5, 4],
    [1, 2, 5, 4, 3],
  ].map((shape) => numbers(shape));
  const W = [
    [3, 2, 2],
    [3, 2, 2, 2],
    [3, 2, 2, 2, 2],
  ].map((shape) => numbers(shape, { seed: 2 }));
  const names = [F.convolution1d, F.convolution2d, F.convolution3d] as unknown as F.Convolution<readonly number[]>[];
  names.forEach((convolution, i) => {
    const [own, weights] = [x[i] as NdArray, W[i] as NdArray];
    expectElements(convolution(own, weights), elements(F.convolutionNd(own, weights)));
    expect(() => convolution(x[(i + 1) % 3] as NdArray, W[(i + 1) % 3] as NdArray)).toThrow(InvalidType);
  });
  const y = x.map((own, i) => F.convolutionNd(own, W[i] as NdArray));
  const transposed = [F.deconvolution1d, F.deconvolution2d, F.deconvolution3d] as unknown as F.Deconvolution<
    readonly number[]
  >[];
  transposed.forEach((deconvolution, i) => {
    expectElements(
      deconvolution(y[i] as Variable, W[i] as NdArray),
      elements(F.deconvolutionNd(y[i] as Variable, W[i] as NdArray)),
    );
    expect(() => deconvolution(x[(i + 1) % 3] as NdArray, W[(i + 1) % 3] as NdArray)).toThrow(InvalidType);
  });
});

test("only wanted gradients are computed, and only what they need is kept", () => {
  const [x, W] = [numbers([1, 2, 5, 5]), numbers([3, 2, 3, 3])];
  const creator = (p: Variable | NdArray, q: Variable | NdArray): boolean[] =>
    (F.convolution2d(p, q).creator?.retainedInputArrays() ?? []).map((kept) => kept !== null);
  expect(creator(new Variable(x), W)).toEqual([false, true]);
  expect(creator(x, new Variable(W))).toEqual([true, false]);
  expect(creator(new Variable(x), new Variable(W))).toEqual([true, true]);
});

describe("what convolutions refuse", () => {
  const [x, W] = [zeros([1, 2, 5, 5]), zeros([3, 2, 3, 3])];
  test.each<[string, () => unknown, RegExp]>([
    [
      "other channels",
      () => F.convolution2d(x, zeros([3, 1, 3, 3])),
      /convolution2d \(forward\): expected x.shape\[1\] == W.shape\[1\] \* groups, got 2 != 1/,
    ],
    [
      "outputs that do not fall into groups",
      () => F.convolution2d(x, zeros([3, 1, 3, 3]), { groups: 2 }),
      /multiple of groups, 2, got 3/,
    ],
    ["a bias of another length", () => F.convolution2d(x, W, zeros([2])), /b.shape\[0\] == W.shape\[0\], got 2 != 3/],
    ["whole numbers", () => F.convolution2d(x.astype("int32"), W.astype("int32")), /floating dtype, got int32/],
    ["different dtypes", () => F.convolution2d(x, W.astype("float64")), /x.dtype == W.dtype/],
    [
      "an input smaller than a window",
      () => F.convolution2d(zeros([1, 2, 2, 5]), W),
      /room for a window of \(3, 3\).*spatial axes \(2, 5\)/,
    ],
    ["weights with other axes", () => F.convolution2d(x, zeros([3, 2, 3])), /W.ndim == 4, got 3/],
    ["a deconvolution of other channels", () => F.deconvolution2d(x, W), /x.shape\[1\] == W.shape\[0\], got 2 != 3/],
    [
      "an outsize that no convolution has",
      () => F.deconvolution2d(zeros([1, 3, 2, 2]), W, { outsize: [6, 4] }),
      /2 windows along spatial axis 0, got 6, which has 4/,
    ],
    [
      "an outsize of other axes",
      () => F.deconvolutionNd(zeros([1, 3, 2, 2]), W, { outsize: [4] }),
      /outsize.length == spatial axes of x, got 1 != 2/,
    ],
    [
      "a result of nothing",
      () => F.deconvolution2d(zeros([1, 3, 1, 1]), zeros([3, 2, 2, 2]), { pad: 1 }),
      /at least one element/,
    ],
    [
      "depthwise: other channels",
      () => F.depthwiseConvolution2d(x, zeros([1, 3, 2, 2])),
      /x.shape\[1\] == W.shape\[1\], got 2 != 3/,
    ],
    [
      "local: another size",
      () => F.localConvolution2d(x, zeros([1, 2, 2, 2, 3, 3])),
      /W.shape\[1\] == rows of windows in x, got 2 != 3/,
    ],
    [
      "deformable: other offsets",
      () => F.deformableConvolution2dSampler(x, zeros([1, 4, 3, 3]), W),
      /2 \* W.shape\[2\] \* W.shape\[3\], got 4 != 18/,
    ],
  ])("%s", (_, run, message) => {
    expect(run).toThrow(InvalidType);
    expect(run).toThrow(message);
  });

  test("sizes that make no sense", () => {
    expect(() => F.convolution2d(x, W, { stride: 0 })).toThrow(ValueError);
    expect(() => F.convolution2d(x, W, { pad: -1 })).toThrow(ValueError);
    expect(() => F.convolutionNd(x, W, { dilate: [1, 1, 1] })).toThrow(ValueError);
    expect(() => F.deconvolution2d(zeros([1, 3, 2, 2]), W, { groups: 0.5 })).toThrow(ValueError);
  });
});

test("depthwiseConvolution2d convolves every channel by itself", async () => {
  const [x, W, b] = [numbers([2, 3, 4, 4]), numbers([2, 3, 2, 2], { seed: 2 }), numbers([6], { seed: 3 })];
  const y = F.depthwiseConvolution2d(x, W, b, { stride: 2, pad: 1 });
  const [all, weights, biases] = [elements(x), elements(W), elements(b)];
  const channels = [0, 1, 2].flatMap((c) =>
    [0, 1].map((m) =>
      F.convolution2d(
        array(Float64Array.from([0, 1].flatMap((n) => all.slice((n * 3 + c) * 16, (n * 3 + c + 1) * 16)))).reshape([
          2, 1, 4, 4,
        ]),
        array(Float64Array.from(weights.slice((m * 3 + c) * 4, (m * 3 + c + 1) * 4))).reshape([1, 1, 2, 2]),
        array(Float64Array.from([biases[2 * c + m] as number])),
        { stride: 2, pad: 1 },
      ),
    ),
  );
  expectElements(y, elements(F.concat(channels, { axis: 1 })), 1e-12);
  await checkGradients((p, q, r) => F.depthwiseConvolution2d(p, q, r, { stride: 2, pad: 1 }), [x, W, b]);
});

test("dilatedConvolution2d is convolution2d with gaps", () => {
  const [x, W] = [numbers([1, 2, 7, 7]), numbers([2, 2, 3, 3], { seed: 2 })];
  const y = F.dilatedConvolution2d(x, W, null, { dilate: 2, pad: 1 });
  expect(y.shape).toEqual([1, 2, 5, 5]);
  expectElements(y, elements(F.convolution2d(x, W, { dilate: 2, pad: 1 })));
});

test("localConvolution2d with one kernel everywhere is a convolution, and is differentiable twice", async () => {
  const [x, kernel] = [numbers([2, 2, 5, 4]), numbers([3, 2, 2, 2], { seed: 2 })];
  const W = F.broadcastTo(F.reshape(kernel, [3, 1, 1, 2, 2, 2]), [3, 2, 3, 2, 2, 2]).array.copy();
  const y = F.localConvolution2d(x, W, null, { stride: [3, 1] });
  expectElements(y, elements(F.convolution2d(x, kernel, { stride: [3, 1] })), 1e-12);
  const [own, b] = [numbers([3, 2, 3, 2, 2, 2], { seed: 3 }), numbers([3, 2, 3], { seed: 4 })];
  await checkGradients((p, q, r) => F.localConvolution2d(p, q, r, { stride: [3, 1] }), [x, own, b]);
});

test("deformableConvolution2dSampler without offsets is a convolution", async () => {
  const [x, W, b] = [numbers([2, 2, 5, 5]), numbers([3, 2, 3, 2], { seed: 2 }), numbers([3], { seed: 3 })];
  const none = zeros([2, 12, 3, 3], { dtype: "float64" });
  const options = { stride: 2, pad: 1 } as const;
  expectElements(
    F.deformableConvolution2dSampler(x, none, W, b, options),
    elements(F.convolution2d(x, W, b, options)),
    1e-9,
  );
  const offset = numbers([1, 8, 2, 2], { low: -0.45, high: -0.05 });
  const [image, kernel] = [numbers([1, 1, 3, 3]), numbers([1, 1, 2, 2])];
  await checkGradients(
    (p, q, r) => F.deformableConvolution2dSampler(p, q, r, null, { pad: 1, stride: 2 }),
    [image, offset, kernel],
  );
});

test("the gradient of the bias is a sum over images and places", () => {
  const [x, W] = [numbers([2, 1, 3, 3]), numbers([2, 1, 2, 2])];
  const gb = gradientOf((b) => F.convolution2d(x, W, b), zeros([2], { dtype: "float64" }));
  expect(elements(gb)).toEqual([8, 8]);
});
