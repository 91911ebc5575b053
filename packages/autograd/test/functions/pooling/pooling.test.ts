import { array, InvalidType, ValueError, zeros, type NdArray } from "@chain/array";
import type { Variable } from "@chain/autograd";
import * as F from "@chain/autograd/functions";
import { describe, expect, test } from "@jest/globals";
import { checkGradients, elements, expectElements, gradientOf, inLayouts, integers, numbers } from "../support.js";
import { countOf, maximum, windowsOf, type Axis, type Window } from "./oracle.js";

/** `[lengths, ksize, stride, pad]` */
type Grid = [number[], number[], number[], number[]];

const grid: Grid[] = [
  [[4], [2], [2], [0]],
  [[5], [2], [2], [0]],
  [[7], [3], [2], [1]],
  [[1], [1], [1], [0]],
  [[1], [3], [3], [1]],
  [[2], [3], [1], [1]],
  [[9], [2], [3], [0]],
  [[10], [2], [4], [1]],
  [[6], [5], [1], [0]],
  [[20], [17], [1], [2]],
  [[40], [18], [18], [3]],
  [[3], [1], [2], [2]],
  [
    [4, 4],
    [2, 2],
    [2, 2],
    [0, 0],
  ],
  [
    [5, 7],
    [3, 3],
    [2, 2],
    [0, 0],
  ],
  [
    [6, 6],
    [3, 3],
    [2, 2],
    [1, 1],
  ],
  [
    [4, 9],
    [1, 3],
    [1, 2],
    [0, 1],
  ],
  [
    [5, 5],
    [5, 5],
    [5, 5],
    [0, 0],
  ],
  [
    [9, 11],
    [4, 5],
    [4, 5],
    [1, 2],
  ],
  [
    [7, 6],
    [5, 4],
    [3, 1],
    [2, 0],
  ],
  [
    [13, 3],
    [13, 3],
    [1, 1],
    [0, 0],
  ],
  [
    [14, 13],
    [13, 13],
    [13, 13],
    [0, 0],
  ],
  [
    [3, 4, 5],
    [2, 2, 2],
    [2, 2, 2],
    [0, 0, 0],
  ],
  [
    [5, 4, 3],
    [3, 2, 1],
    [2, 1, 1],
    [1, 0, 0],
  ],
  [
    [3, 3, 3],
    [3, 3, 3],
    [3, 3, 3],
    [0, 0, 0],
  ],
  [
    [2, 3, 2, 3],
    [2, 2, 1, 2],
    [1, 2, 1, 1],
    [0, 1, 0, 0],
  ],
];
const rows = 2 * 3;

function setUp([lengths, ksize, stride, pad]: Grid, coverAll: boolean) {
  const axes: Axis[] = lengths.map((length, i) => ({
    length,
    size: ksize[i] as number,
    stride: stride[i] as number,
    pad: pad[i] as number,
  }));
  const x = numbers([2, 3, ...lengths]);
  return {
    axes,
    x,
    values: elements(x),
    windows: windowsOf(rows, axes, coverAll),
    shape: [2, 3, ...axes.map((axis) => countOf(axis, coverAll))],
  };
}

/** Adds `gy` of every window to the places that `placesOf` gives. */
function spread(
  size: number,
  windows: Window[],
  gy: number[],
  placesOf: (window: Window, i: number) => Window,
): number[] {
  const gx = Array.from({ length: size }, () => 0);
  windows.forEach((window, i) => {
    for (const position of placesOf(window, i)) if (position !== undefined) (gx[position] as number) += gy[i] as number;
  });
  return gx;
}

describe.each(grid)("windows on %j of %j, stride %j, pad %j", (...sizes) => {
  const [, ksize, stride, pad] = sizes;

  test.each([true, false])("maxPoolingNd, coverAll %p", (coverAll) => {
    const { x, values, windows, shape } = setUp(sizes, coverAll);
    const expected = windows.map((window) => maximum(window, values));
    const options = { stride, pad, coverAll };
    for (const [, [layout]] of inLayouts([x])) {
      const [y, indices] = F.maxPoolingNd(layout as NdArray, ksize, { ...options, returnIndices: true });
      expect(y.shape).toEqual(shape);
      expectElements(
        y,
        expected.map(({ value }) => value),
      );
      expect(indices.dtype).toBe("int32");
      expect(elements(indices)).toEqual(expected.map(({ place }) => place));
    }
    const gy = numbers(shape, { seed: 3 });
    const gx = gradientOf((v) => F.maxPoolingNd(v, ksize, options), x, gy);
    const reached = spread(x.size, windows, elements(gy), (w, i) => [w[(expected[i] as { place: number }).place]]);
    expectElements(gx, reached);
    const narrow = F.maxPoolingNd(x.astype("float32"), ksize, options);
    expect(narrow.dtype).toBe("float32");
    expectElements(
      narrow,
      expected.map(({ value }) => Math.fround(value)),
    );
  });

  test.each([0, null] as const)("averagePoolingNd, padValue %p", (padValue) => {
    const { x, values, windows, shape } = setUp(sizes, false);
    const countsOf = (w: Window): number => (padValue === 0 ? w : w.filter((p) => p !== undefined)).length;
    const options = { stride, pad, padValue };
    const expected = windows.map(
      (w) => w.reduce<number>((sum, p) => sum + (p === undefined ? 0 : (values[p] as number)), 0) / countsOf(w),
    );
    for (const [, [layout]] of inLayouts([x])) {
      const y = F.averagePoolingNd(layout as NdArray, ksize, options);
      expect(y.shape).toEqual(shape);
      expectElements(y, expected);
    }
    const gy = numbers(shape, { seed: 3 });
    if (windows.some((w) => countsOf(w) === 0)) return;
    const shares = elements(gy).map((g, i) => g / countsOf(windows[i] as Window));
    expectElements(
      gradientOf((v) => F.averagePoolingNd(v, ksize, options), x, gy),
      spread(x.size, windows, shares, (w) => w),
    );
  });

  test.each([true, false])("unpoolingNd, coverAll %p", (coverAll) => {
    const [lengths] = sizes;
    const { x, windows, shape } = setUp(sizes, coverAll);
    const y = numbers(shape, { seed: 4 });
    const options = { stride, pad, coverAll, outsize: lengths };
    const result = F.unpoolingNd(y, ksize, options);
    expect(result.shape).toEqual(x.shape);
    expectElements(
      result,
      spread(x.size, windows, elements(y), (w) => w),
    );
  });
});

describe("gradients", () => {
  test.each<Grid>([
    [[5], [2], [2], [0]],
    [
      [4, 5],
      [3, 2],
      [2, 1],
      [1, 0],
    ],
    [
      [5, 5],
      [5, 5],
      [5, 5],
      [0, 0],
    ],
    [
      [3, 4, 2],
      [2, 2, 2],
      [2, 2, 1],
      [0, 1, 0],
    ],
  ])("on %j of %j, stride %j, pad %j", async (lengths, ksize, stride, pad) => {
    const x = numbers([2, 2, ...lengths]);
    for (const coverAll of [true, false]) {
      await checkGradients((v) => F.maxPoolingNd(v, ksize, { stride, pad, coverAll }), [x]);
      await checkGradients((v) => F.unpoolingNd(v, ksize, { stride, pad: 0, coverAll }), [x]);
    }
    await checkGradients((v) => F.averagePoolingNd(v, ksize, { stride, pad }), [x]);
    await checkGradients((v) => F.averagePoolingNd(v, ksize, { stride, pad, padValue: null }), [x]);
  });

  test("of upsampling and of pyramids", async () => {
    // Made anew for every device.
    const indexes = (): NdArray => integers([0, 3, 2, 1, 1, 1, 0, 3], [1, 2, 2, 2]);
    await checkGradients((v) => F.upsampling2d(v, indexes(), 2, { coverAll: false }), [numbers([1, 2, 2, 2])]);
    await checkGradients((v) => F.upsampling2d(v, indexes(), 2, { stride: 1 }), [numbers([1, 2, 2, 2])]);
    await checkGradients((v) => F.spatialPyramidPooling2d(v, 3), [numbers([2, 2, 6, 7])]);
  });

  test("of equal elements go to the first", () => {
    const x = zeros([1, 1, 2, 2], { dtype: "float64" });
    expectElements(
      gradientOf((v) => F.maxPooling2d(v, 2), x),
      [1, 0, 0, 0],
    );
  });
});

test("a NaN is the largest element of its windows, as in NumPy", () => {
  const x = array([1, NaN, 2, 3, NaN, 4, NaN, NaN], { dtype: "float64" }).reshape(1, 1, 8);
  const [y, indices] = F.maxPooling1d(x, 2, { returnIndices: true });
  expectElements(y, [NaN, 3, NaN, NaN]);
  expect(elements(indices)).toEqual([1, 1, 0, 0]);
  const large = F.maxPooling1d(x.reshape(1, 1, 8).repeat(5, { axis: 2 }), 20, { returnIndices: true });
  expectElements(large[0], [NaN, NaN]);
  expect(elements(large[1])).toEqual([5, 0]);
});

test("names for one, two and three axes", () => {
  const [line, image, volume] = [numbers([1, 2, 4]), numbers([1, 2, 4, 4]), numbers([1, 2, 4, 4, 4])] as const;
  for (const [one, nd, x] of [
    [F.maxPooling1d, F.maxPoolingNd, line],
    [F.maxPooling2d, F.maxPoolingNd, image],
    [F.maxPooling3d, F.maxPoolingNd, volume],
    [F.averagePooling1d, F.averagePoolingNd, line],
    [F.averagePooling2d, F.averagePoolingNd, image],
    [F.averagePooling3d, F.averagePoolingNd, volume],
    [F.unpooling1d, F.unpoolingNd, line],
    [F.unpooling2d, F.unpoolingNd, image],
    [F.unpooling3d, F.unpoolingNd, volume],
  ] as const) {
    expect(elements(one(x, 2))).toEqual(elements(nd(x, 2)));
  }
  const y: Variable = F.maxPooling2d(image, [2, 1], { stride: [1, 2], pad: [1, 0] });
  expect(y.shape).toEqual([1, 2, 5, 3]);
});

test("global pooling", () => {
  const x = numbers([3, 2, 8, 9]);
  const channels = Array.from({ length: 6 }, (_, i) => elements(x).slice(i * 72, (i + 1) * 72));
  expectElements(
    F.averagePooling2d(x, [8, 9]),
    channels.map((c) => c.reduce((a, b) => a + b, 0) / 72),
  );
  expectElements(
    F.maxPooling2d(x, [8, 9]),
    channels.map((c) => Math.max(...c)),
  );
});

test("max pooling is undone by upsampling2d", () => {
  const x = numbers([2, 2, 6, 4]);
  const [y, indices] = F.maxPooling2d(x, 2, { returnIndices: true });
  const back = elements(F.upsampling2d(y, indices, 2, { outsize: [6, 4] }));
  const values = elements(x);
  back.forEach((v, i) => expect([0, values[i]]).toContain(v));
  const ascending = (a: number, b: number): number => a - b;
  expect(back.filter((v) => v !== 0).sort(ascending)).toEqual(elements(y).sort(ascending));
});

describe("spatialPyramidPooling2d", () => {
  test("takes the largest element of every bin", () => {
    const x = numbers([1, 2, 4, 6]);
    const values = elements(x);
    type Range = readonly [from: number, to: number];
    const largest = (channel: number, [top, bottom]: Range, [left, right]: Range): number => {
      const inBin = (_: number, i: number): boolean => {
        const [h, w] = [Math.floor(i / 6) % 4, i % 6];
        return Math.floor(i / 24) === channel && h >= top && h < bottom && w >= left && w < right;
      };
      return Math.max(...values.filter(inBin));
    };
    const expected = [0, 1].map((c) => largest(c, [0, 4], [0, 6]));
    const halves = (length: number): Range[] => [
      [0, length / 2],
      [length / 2, length],
    ];
    for (const c of [0, 1]) for (const h of halves(4)) for (const w of halves(6)) expected.push(largest(c, h, w));
    const y = F.spatialPyramidPooling2d(x, 2);
    expect(y.shape).toEqual([1, 10, 1, 1]);
    expectElements(y, expected);
  });

  test("refuses what makes no sense", () => {
    const x = numbers([1, 1, 2, 2]);
    expect(() => F.spatialPyramidPooling2d(x, 0)).toThrow(ValueError);
    expect(() => F.spatialPyramidPooling2d(x, 1, { pooling: "min" as "max" })).toThrow('pooling is "max", got "min"');
    expect(() => F.spatialPyramidPooling2d(numbers([2, 2]), 1)).toThrow(InvalidType);
    expect(() => F.spatialPyramidPooling2d(numbers([1, 1, 3, 4]), 3)).toThrow(
      "expected images of at least 4 × 4, got 3 × 4",
    );
  });
});

test("empty batches", () => {
  const x = zeros([0, 2, 4, 4]);
  expect(F.maxPooling2d(x, 2).shape).toEqual([0, 2, 2, 2]);
  expect(F.averagePooling2d(x, 2).shape).toEqual([0, 2, 2, 2]);
  expect(F.unpooling2d(x, 2, { coverAll: false }).shape).toEqual([0, 2, 8, 8]);
  expect(gradientOf((v) => F.maxPooling2d(v, 2), x).shape).toEqual([0, 2, 4, 4]);
});

describe("what does not fit is refused", () => {
  const x = numbers([1, 1, 3, 4]);
  test("windows larger than x", () => {
    expect(() => F.maxPooling2d(x, 5, { coverAll: false, stride: 1 })).toThrow(
      "maxPooling2d (forward): expected x.shape[2] with room for a window of 5, got 3",
    );
    expect(() => F.averagePooling2d(x, [2, 7], { pad: 1 })).toThrow(
      "averagePooling2d (forward): expected x.shape[3] with room for a window of 7, padded by 1, got 4",
    );
    expect(() => F.maxPooling1d(zeros([1, 1, 0]), 2, { coverAll: false })).toThrow(InvalidType);
  });

  test("dtypes and axes", () => {
    expect(() => F.maxPooling2d(zeros([1, 1, 4, 4], { dtype: "int32" }), 2)).toThrow(
      "x of a floating dtype, got int32",
    );
    expect(() => F.averagePooling3d(x, 2)).toThrow("averagePooling3d (forward): expected x.ndim == 5, got 4");
    expect(() => F.unpooling1d(x, 2)).toThrow("unpooling1d (forward): expected x.ndim == 3, got 4");
  });

  test("sizes", () => {
    expect(() => F.maxPooling2d(x, 0)).toThrow("maxPooling2d: ksize is a whole number from 1 up, got 0");
    expect(() => F.maxPooling2d(x, 2, { stride: 1.5 })).toThrow(ValueError);
    expect(() => F.maxPooling2d(x, 2, { pad: -1 })).toThrow("pad is a whole number from 0 up, got -1");
    expect(() => F.maxPoolingNd(x, [2, 2, 2])).toThrow("maxPoolingNd: ksize is a number or 2 of them, got [2,2,2]");
    expect(() => F.averagePooling2d(x, 2, { padValue: 1 as 0 })).toThrow("padValue is 0 or null, got 1");
  });

  test("sizes of what pooling is undone", () => {
    expect(() => F.unpooling2d(x, 2, { outsize: [6, 9], coverAll: false, stride: 3 })).toThrow(
      "unpooling2d (forward): expected an outsize[0] with 3 windows for x.shape[2], got 6 with 2",
    );
    const indexes = integers(
      Array.from({ length: 12 }, () => 0),
      [1, 1, 3, 4],
    );
    expect(() => F.upsampling2d(x, indexes.reshape(1, 1, 4, 3), 2)).toThrow("x.shape == indexes.shape");
    expect(() => F.upsampling2d(x, zeros([1, 1, 3, 4]), 2)).toThrow("indexes of an integer dtype");
  });
});
