import { describe, expect, test } from "@jest/globals";
import { fc } from "../../../../testing/property.js";
import {
  convolutionOf,
  gradInputOf,
  gradWeightOf,
  type ConvolutionCase,
} from "../../src/conformance/convolution-oracle.js";
import * as nx from "../../src/index.js";
import "../devices.js";

/** Repeatable numbers, multiples of 1/16 in [-2, 2). */
function numbers(shape: nx.Shape, seed: number): Float64Array {
  let state = seed * 7919 + 1;
  return Float64Array.from({ length: shape.reduce((product, length) => product * length, 1) }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return (state >>> 26) / 16 - 2;
  });
}

interface Sizes {
  batch: number;
  inner: number;
  outputs: number;
  groups: number;
  axes: { length: number; kernel: number; stride: number; pad: number; dilate: number }[];
}

/** Shapes of a convolution; null if a window finds no room. */
function caseOf({ batch, inner, outputs, groups, axes }: Sizes): ConvolutionCase | null {
  const out = axes.map(({ length, kernel, stride, pad, dilate }) =>
    nx.getConvOutsize(length, kernel, stride, pad, { d: dilate }),
  );
  if (out.some((count) => count < 1)) return null;
  const along = (name: keyof Sizes["axes"][0]): number[] => axes.map((axis) => axis[name]);
  return {
    x: [batch, inner * groups, ...along("length")],
    w: [outputs * groups, inner, ...along("kernel")],
    out: [batch, outputs * groups, ...out],
    geometry: { stride: along("stride"), pad: along("pad"), dilate: along("dilate"), groups },
  };
}

async function expectClose(actual: nx.NdArray, expected: Float64Array, shape: nx.Shape): Promise<void> {
  expect(actual.shape).toEqual(shape);
  const have = await actual.data();
  const scale = expected.reduce((most, value) => Math.max(most, Math.abs(value)), 1);
  const worst = expected.reduce((most, value, i) => Math.max(most, Math.abs(value - (have[i] as number))), 0);
  expect(worst).toBeLessThanOrEqual(1e-6 * scale);
}

/** All three functions against plain loops in float64. */
async function check(shapes: ConvolutionCase, device: string, dtype: nx.DType = "float32"): Promise<void> {
  const { x, w, out, geometry } = shapes;
  const [xs, ws, gys] = [numbers(x, 1), numbers(w, 2), numbers(out, 3)];
  const array = (values: Float64Array, shape: nx.Shape): nx.NdArray =>
    nx.array(values, { dtype, device }).reshape(shape);
  const [ax, aw, agy] = [array(xs, x), array(ws, w), array(gys, out)];
  await expectClose(nx.convolution(ax, aw, geometry), convolutionOf(shapes, xs, ws), out);
  await expectClose(nx.convolutionGradInput(agy, aw, x.slice(2), geometry), gradInputOf(shapes, gys, ws), x);
  await expectClose(nx.convolutionGradWeight(ax, agy, w.slice(2), geometry), gradWeightOf(shapes, xs, gys), w);
}

/** Every combination of one value for each name. */
function grid<T extends Record<string, readonly number[]>>(values: T): { [K in keyof T]: number }[] {
  return Object.entries(values).reduce<Record<string, number>[]>(
    (found, [name, list]) => found.flatMap((some) => list.map((value) => ({ ...some, [name]: value }))),
    [{}],
  ) as { [K in keyof T]: number }[];
}

// The CPU has routines of its own; what is composed runs on plain JavaScript, and where reading has to be awaited.
describe.each(["cpu", "js", "deferred"])("convolutions on %s", (device) => {
  const lengths = device === "cpu" ? [1, 2, 5, 8, 19] : [1, 5];
  test.each([1, 2, 3])("in %d dimensions: strides, pads, dilations, groups and sizes", async (axes) => {
    let count = 0;
    for (const { length, kernel, stride, pad, dilate, groups } of grid({
      length: axes === 3 ? [1, 4] : lengths,
      kernel: [1, 2, 3],
      stride: [1, 2, 3],
      pad: [0, 1, 2],
      dilate: [1, 2],
      groups: device === "cpu" || axes === 1 ? [1, 2] : [2],
    })) {
      // Axes differ a little, so that none can be taken for another.
      const along = Array.from({ length: axes }, (_, i) => ({
        length: length + i,
        kernel: Math.max(1, kernel - (i % 2)),
        stride: Math.max(1, stride - (i % 2)),
        pad,
        dilate,
      }));
      const shapes = caseOf({ batch: 2, inner: 2, outputs: 3, groups, axes: along });
      if (shapes === null) continue;
      count++;
      if (device !== "cpu" && count % (2 * axes) !== 0) continue;
      await check(shapes, device);
    }
    expect(count).toBeGreaterThan(50);
  });

  test("of other dtypes", async () => {
    const shapes = caseOf({
      batch: 2,
      inner: 3,
      outputs: 2,
      groups: 1,
      axes: [5, 4].map((length) => ({ length, kernel: 3, stride: 2, pad: 1, dilate: 1 })),
    });
    if (shapes === null) throw new Error("no room");
    await check(shapes, device, "float64");
    const half = nx.array([1, 2, 3, 4], { dtype: "float16", device }).reshape([1, 1, 4]);
    const kernel = nx.array([1, 0.5], { dtype: "float16", device }).reshape([1, 1, 2]);
    expect(await nx.convolution(half, kernel).tolist()).toEqual([[[2, 3.5, 5]]]);
    const whole = nx.array([1, 2, 3, 4], { dtype: "int32", device }).reshape([1, 1, 4]);
    expect(await nx.convolution(whole, whole.get(nx.slice(), nx.slice(), nx.slice(0, 2))).tolist()).toEqual([
      [[5, 8, 11]],
    ]);
  });

  test("of views", async () => {
    const x = nx.arange(2 * 3 * 4 * 5, { dtype: "float32", device }).reshape([5, 4, 3, 2]);
    const w = nx.arange(3 * 2 * 2 * 2, { dtype: "float32", device }).reshape([2, 2, 2, 3]);
    const [view, flipped] = [x.transpose([3, 2, 0, 1]), w.transpose([3, 0, 1, 2])];
    const wide = flipped.get(nx.slice(), nx.slice(null, null, -1));
    const narrow = view.get(nx.slice(), nx.slice(0, 3, 2));
    const [plain, weights] = [narrow.copy(), wide.copy()];
    const y = nx.convolution(plain, weights);
    expect(await nx.convolution(narrow, wide).tolist()).toEqual(await y.tolist());
    expect(await nx.convolutionGradInput(y.copy(), wide, [5, 4]).tolist()).toEqual(
      await nx.convolutionGradInput(y, weights, [5, 4]).tolist(),
    );
    expect(await nx.convolutionGradWeight(narrow, y, [2, 2]).tolist()).toEqual(
      await nx.convolutionGradWeight(plain, y, [2, 2]).tolist(),
    );
  });

  test("with a bias, an activation and more windows than fit", async () => {
    const x = nx.array([1, 2, 3, 4, 5], { dtype: "float32", device }).reshape([1, 1, 5]);
    const w = nx.array([1, -1, 1, 1], { dtype: "float32", device }).reshape([2, 1, 2]);
    const bias = nx.array([0.5, -6], { dtype: "float32", device });
    const options = { stride: 2, bias, activation: "relu", outsize: [3] } as const;
    expect(await nx.convolution(x, w, options).tolist()).toEqual([
      [
        [0, 0, 5.5],
        [0, 1, 0],
      ],
    ]);
  });

  test("of nothing", async () => {
    const zeros = (shape: nx.Shape): nx.NdArray => nx.zeros(shape, { device });
    expect(nx.convolution(zeros([0, 2, 4, 4]), zeros([3, 2, 3, 3])).shape).toEqual([0, 3, 2, 2]);
    expect(nx.convolution(zeros([1, 2, 4]), zeros([0, 2, 3])).shape).toEqual([1, 0, 2]);
    const bias = nx.array([1, 2], { device, dtype: "float32" });
    expect(await nx.convolution(zeros([1, 0, 3]), zeros([2, 0, 3]), { bias }).tolist()).toEqual([[[1], [2]]]);
    expect(await nx.convolutionGradWeight(zeros([0, 1, 3]), zeros([0, 1, 2]), [2]).tolist()).toEqual([[[0, 0]]]);
    expect(await nx.convolutionGradInput(zeros([1, 0, 2]), zeros([0, 1, 2]), [3]).tolist()).toEqual([[[0, 0, 0]]]);
  });
});

test("any shapes", async () => {
  const axis = fc.record({
    length: fc.integer({ min: 1, max: 12 }),
    kernel: fc.integer({ min: 1, max: 4 }),
    stride: fc.integer({ min: 1, max: 4 }),
    pad: fc.integer({ min: 0, max: 5 }),
    dilate: fc.integer({ min: 1, max: 3 }),
  });
  const sizes = fc.record({
    batch: fc.integer({ min: 1, max: 3 }),
    inner: fc.integer({ min: 1, max: 5 }),
    outputs: fc.integer({ min: 1, max: 11 }),
    groups: fc.integer({ min: 1, max: 3 }),
    axes: fc.array(axis, { minLength: 1, maxLength: 3 }),
  });
  await fc.assert(
    fc.asyncProperty(sizes, async (drawn) => {
      const shapes = caseOf(drawn);
      fc.pre(shapes !== null);
      if (shapes !== null) await check(shapes, "cpu");
    }),
    { numRuns: 150, seed: 5 },
  );
});

test("a convolution that is not differentiated leaves no memory behind, on whatever device", () => {
  for (const device of ["cpu", "js"]) {
    const x = nx.ones([2, 4, 5, 5], { device });
    const w = nx.ones([6, 2, 3, 3], { device });
    const run = (): void => {
      const options = { stride: 2, pad: 1, groups: 2 };
      const y = nx.convolution(x, w, options);
      nx.convolutionGradInput(y, w, [5, 5], options).dispose();
      nx.convolutionGradWeight(x, y, [3, 3], options).dispose();
      y.dispose();
    };
    run();
    const before = nx.memoryInfo()[device];
    run();
    expect(nx.memoryInfo()[device]).toMatchObject({ arrays: before?.arrays, bytes: before?.bytes });
  }
});

describe("what is refused", () => {
  const [x, w] = [nx.zeros([1, 4, 5, 5]), nx.zeros([2, 4, 3, 3])];
  test.each<[string, () => unknown, RegExp]>([
    [
      "an input smaller than a window",
      () => nx.convolution(nx.zeros([1, 4, 2, 5]), w),
      /\(2, 5\) is smaller.*\(3, 3\)/,
    ],
    ["a kernel of no elements", () => nx.convolution(x, nx.zeros([2, 4, 0, 3])), /kernel of shape \(0, 3\) is empty/],
    [
      "other channels",
      () => nx.convolution(x, nx.zeros([2, 3, 3, 3])),
      /x.shape\[1\] == w.shape\[1\] \* groups, got 4 != 3 \* 1/,
    ],
    [
      "groups that outputs do not fall into",
      () => nx.convolution(x, nx.zeros([3, 2, 3, 3]), { groups: 2 }),
      /output channels, 3/,
    ],
    ["other numbers of axes", () => nx.convolution(x, nx.zeros([2, 4, 3])), /the same number of spatial axes/],
    ["no spatial axes", () => nx.convolution(nx.zeros([1, 4]), nx.zeros([2, 4])), /at least one/],
    [
      "a stride of 0",
      () => nx.convolution(x, w, { stride: 0 }),
      /stride is one whole number, or 2 of them, from 1 up, got 0/,
    ],
    ["a pad too many", () => nx.convolution(x, w, { pad: [1, 1, 1] }), /pad is .* got \(1, 1, 1\)/],
    ["half a dilation", () => nx.convolution(x, w, { dilate: 1.5 }), /dilate .* got 1.5/],
    ["no groups", () => nx.convolution(x, w, { groups: 0 }), /groups is a whole number from 1 up, got 0/],
    [
      "a bias of another length",
      () => nx.convolution(x, w, { bias: nx.zeros(3) }),
      /bias has shape \(3,\), expected \(2,\)/,
    ],
    [
      "gradients of other channels",
      () => nx.convolutionGradInput(x, w, [7, 7]),
      /gy.shape\[1\] == w.shape\[0\], got 4 != 2/,
    ],
    [
      "another batch",
      () => nx.convolutionGradWeight(x, nx.zeros([2, 2, 3, 3]), [3, 3]),
      /x.shape\[0\] == gy.shape\[0\], got 1 != 2/,
    ],
  ])("%s", (_, run, message) => {
    expect(run).toThrow(nx.ValueError);
    expect(run).toThrow(message);
  });

  test("different dtypes", () => {
    expect(() => nx.convolution(x, w.astype("float64"))).toThrow(nx.InvalidType);
    expect(() => nx.convolution(x, w, { bias: nx.zeros(2, { dtype: "float64" }) })).toThrow(nx.InvalidType);
    expect(() => nx.convolutionGradInput(nx.zeros([1, 2, 3, 3]), w.astype("float64"), [5, 5])).toThrow(nx.InvalidType);
  });
});

test("getConvOutsize and getDeconvOutsize count as Chainer's", () => {
  expect(nx.getConvOutsize(7, 3, 2, 0)).toBe(3);
  expect(nx.getConvOutsize(8, 3, 2, 0)).toBe(3);
  expect(nx.getConvOutsize(8, 3, 2, 0, { coverAll: true })).toBe(4);
  expect(nx.getConvOutsize(9, 3, 1, 1, { d: 2 })).toBe(7);
  expect(nx.getDeconvOutsize(3, 3, 2, 0)).toBe(7);
  expect(nx.getDeconvOutsize(4, 3, 2, 0, { coverAll: true })).toBe(8);
  expect(nx.getDeconvOutsize(7, 3, 1, 1, { d: 2 })).toBe(9);
});
