/** Regions of interest, against sums and maxima that are written out. */
import { array, IndexError, InvalidType, ValueError, zeros, type NdArray } from "@chain/array";
import type { Variable, VariableLike } from "@chain/autograd";
import * as F from "@chain/autograd/functions";
import { describe, expect, test } from "@jest/globals";
import { checkGradients, elements, expectElements, gradientOf, integers, numbers } from "../support.js";

const [batch, channels, height, width] = [2, 3, 7, 9] as const;
const images = numbers([batch, channels, height, width], { seed: 3 });
const owners = [0, 1, 1, 0, 1, 0];
/** y min, x min, y max, x max: inside, one pixel wide, over the border, larger than the image, outside, upside down. */
const corners = [
  [0.8, 1.3, 5.1, 7.6],
  [2, 3, 2.4, 3.3],
  [-3.2, 4.7, 3.9, 12.1],
  [-20, -11, 41, 30.5],
  [20, 2, 25, 4],
  [5, 6, 1, 2],
];
const rois = array(corners, { dtype: "float64" });
const roiIndices = integers(owners);
const pixel = (n: number, c: number, y: number, x: number): number =>
  elements(images)[((n * channels + c) * height + y) * width + x] as number;

/** NumPy's rounding: halves to even. */
function round(x: number): number {
  const down = Math.floor(x);
  if (x - down !== 0.5) return Math.round(x);
  return down % 2 === 0 ? down : down + 1;
}

interface Sizes {
  readonly tall: number;
  readonly wide: number;
  readonly scale: number;
}

/** One result a region, channel and bin. */
function everyBin({ tall, wide }: Sizes, bin: (r: number, c: number, i: number, j: number) => number): number[] {
  const result: number[] = [];
  for (let r = 0; r < owners.length; r++) {
    for (let c = 0; c < channels; c++) {
      for (let i = 0; i < tall; i++) for (let j = 0; j < wide; j++) result.push(bin(r, c, i, j));
    }
  }
  return result;
}

function windowOf(low: number, high: number, bins: number, bin: number, length: number, inclusive: boolean): number[] {
  const extent = Math.max(round(high) - round(low) + (inclusive ? 1 : 0), 1);
  const found: number[] = [];
  for (let at = 0; at < length; at++) {
    const inside = at - round(low);
    // Any part of the pixel lies in the bin.
    if ((inside + 1) * bins > bin * extent && inside * bins < (bin + 1) * extent) found.push(at);
  }
  return found;
}

function pooled(sizes: Sizes, inclusive: boolean, reduce: (pixels: number[]) => number): number[] {
  const { tall, wide, scale } = sizes;
  return everyBin(sizes, (r, c, i, j) => {
    const [top, left, bottom, right] = (corners[r] as number[]).map((x) => x * scale) as [
      number,
      number,
      number,
      number,
    ];
    const rows = windowOf(top, bottom, tall, i, height, inclusive);
    const columns = windowOf(left, right, wide, j, width, inclusive);
    const pixels = rows.flatMap((y) => columns.map((x) => pixel(owners[r] as number, c, y, x)));
    return pixels.length === 0 ? 0 : reduce(pixels);
  });
}

/** The two pixels around a point and their shares; null outside of the image. */
function around(point: number, length: number): [number, number][] | null {
  if (point < -1 || point > length) return null;
  const clipped = Math.min(Math.max(point, 0), length - 1);
  const low = Math.floor(clipped);
  return [
    [low, 1 - (clipped - low)],
    [Math.min(low + 1, length - 1), clipped - low],
  ];
}

/** Values at the points of every bin, with `null` outside of the image. */
function aligned(
  sizes: Sizes,
  ratios: readonly [number | null, number | null],
  reduce: (points: (number | null)[]) => number,
): number[] {
  const { tall, wide, scale } = sizes;
  return everyBin(sizes, (r, c, i, j) => {
    const [top, left, bottom, right] = (corners[r] as number[]).map((x) => x * scale) as [
      number,
      number,
      number,
      number,
    ];
    const [down, across] = [Math.max(bottom - top, 1) / tall, Math.max(right - left, 1) / wide];
    const [rows, columns] = [ratios[0] ?? Math.ceil(down), ratios[1] ?? Math.ceil(across)];
    const points: (number | null)[] = [];
    for (let v = 0; v < rows; v++) {
      for (let u = 0; u < columns; u++) {
        const ys = around(top + i * down + ((v + 0.5) * down) / rows, height);
        const xs = around(left + j * across + ((u + 0.5) * across) / columns, width);
        points.push(
          ys === null || xs === null
            ? null
            : ys
                .flatMap(([y, a]) => xs.map(([x, b]) => a * b * pixel(owners[r] as number, c, y, x)))
                .reduce((sum, value) => sum + value, 0),
        );
      }
    }
    return reduce(points);
  });
}

const mean = (values: readonly (number | null)[]): number =>
  values.reduce<number>((sum, value) => sum + (value ?? 0), 0) / values.length;
const largest = (values: readonly (number | null)[]): number => {
  const inside = values.filter((value) => value !== null);
  return inside.length === 0 ? 0 : Math.max(...inside);
};

describe.each<Sizes>([
  { tall: 1, wide: 1, scale: 1 },
  { tall: 2, wide: 3, scale: 1 },
  { tall: 5, wide: 4, scale: 0.5 },
  { tall: 9, wide: 11, scale: 1.25 },
])("$tall × $wide bins, scale $scale", (sizes) => {
  const { tall, wide, scale } = sizes;
  const outsize = [tall, wide] as const;

  test("largest pixels", async () => {
    const pool = (x: VariableLike, r: VariableLike, n: VariableLike): Variable =>
      F.roiMaxPooling2d(x, r, n, outsize, scale);
    expectElements(pool(images, rois, roiIndices), pooled(sizes, false, largest));
    await checkGradients(pool, [images], {
      fixed: [rois, roiIndices],
    });
  });

  test("largest pixels, the last ones included", async () => {
    const rows = array(
      corners.map(([top, left, bottom, right], r) => [owners[r], left, top, right, bottom] as number[]),
      {
        dtype: "float64",
      },
    );
    expectElements(F.roiPooling2d(images, rows, tall, wide, scale), pooled(sizes, true, largest));
    await checkGradients((x, r) => F.roiPooling2d(x, r, tall, wide, scale), [images], {
      fixed: [rows],
    });
  });

  test("means of pixels", async () => {
    const pool = (x: VariableLike, r: VariableLike, n: VariableLike): Variable =>
      F.roiAveragePooling2d(x, r, n, outsize, scale);
    expectElements(pool(images, rois, roiIndices), pooled(sizes, false, mean));
    await checkGradients(pool, [images], {
      fixed: [rois, roiIndices],
    });
  });

  test.each<[number | null, number | null]>([
    [null, null],
    [1, 3],
    [2, null],
  ])("means of %p × %p points", async (...samplingRatio) => {
    const pool = (x: VariableLike, r: VariableLike, n: VariableLike): Variable =>
      F.roiAverageAlign2d(x, r, n, outsize, scale, { samplingRatio });
    expectElements(pool(images, rois, roiIndices), aligned(sizes, samplingRatio, mean));
    await checkGradients(pool, [images], {
      fixed: [rois, roiIndices],
    });
  });

  test.each<[number | null, number | null]>([
    [1, 3],
    [2, 2],
  ])("largest of %p × %p points", async (...samplingRatio) => {
    const pool = (x: VariableLike, r: VariableLike, n: VariableLike): Variable =>
      F.roiMaxAlign2d(x, r, n, outsize, scale, { samplingRatio });
    expectElements(pool(images, rois, roiIndices), aligned(sizes, samplingRatio, largest));
    await checkGradients(pool, [images], {
      fixed: [rois, roiIndices],
    });
  });

  test("largest of as many points as there are pixels", () => {
    const y = F.roiMaxAlign2d(images, rois, roiIndices, outsize, scale);
    expectElements(y, aligned(sizes, [null, null], largest));
  });
});

test("the first of equal pixels has the gradient, and a NaN is the largest", () => {
  const same = zeros([1, 1, 4, 4], { dtype: "float32" });
  const region = array([[0, 0, 4, 4]], { dtype: "float32" });
  const first = integers([0]);
  expectElements(
    gradientOf((x) => F.roiMaxPooling2d(x, region, first, 2, 1), same),
    [
      [1, 0, 1, 0],
      [0, 0, 0, 0],
      [1, 0, 1, 0],
      [0, 0, 0, 0],
    ].flat(),
  );
  const withNaN = array([[[[1, NaN, 3, 2]]]], { dtype: "float32" });
  const line = array([[0, 0, 1, 4]], { dtype: "float32" });
  expect(elements(F.roiMaxPooling2d(withNaN, line, first, [1, 1], 1))).toEqual([NaN]);
  const negative = array([[[[-5, -3]]]], { dtype: "float32" });
  expectElements(F.roiMaxPooling2d(negative, array([[0, 0, 1, 2]], { dtype: "float32" }), first, 1, 1), [-3]);
});

test("no regions, and float16", () => {
  const none = { rois: zeros([0, 4], { dtype: "float32" }), owners: zeros([0], { dtype: "int32" }) };
  const x = images.astype("float32");
  for (const pool of [F.roiMaxPooling2d, F.roiAveragePooling2d, F.roiMaxAlign2d, F.roiAverageAlign2d]) {
    expect(pool(x, none.rois, none.owners, 2, 1).shape).toEqual([0, channels, 2, 2]);
    const half = pool(images.astype("float16"), rois.astype("float16"), roiIndices, [2, 3], 1);
    expect(half.dtype).toBe("float16");
    const whole = pool(
      images.astype("float16").astype("float32"),
      rois.astype("float16").astype("float32"),
      roiIndices,
      [2, 3],
      1,
    );
    elements(whole).forEach((value, i) => expect(Math.abs((elements(half)[i] as number) - value)).toBeLessThan(6e-3));
  }
});

describe("what is refused", () => {
  const x = images.astype("float32");
  const regions = rois.astype("float32");
  const all: [string, (x: NdArray, rois: NdArray, owners: NdArray, outsize: number, scale: number) => unknown][] = [
    ["roiMaxPooling2d", F.roiMaxPooling2d],
    ["roiAveragePooling2d", F.roiAveragePooling2d],
    ["roiMaxAlign2d", F.roiMaxAlign2d],
    ["roiAverageAlign2d", F.roiAverageAlign2d],
  ];
  test.each(all)("%s", (name, pool) => {
    expect(() => pool(x, rois, roiIndices, 2, 1)).toThrow(`${name} (forward): expected x.dtype == rois.dtype`);
    expect(() => pool(zeros([3, 4, 4]), regions, roiIndices, 2, 1)).toThrow(InvalidType);
    expect(() => pool(x, zeros([6, 5]), roiIndices, 2, 1)).toThrow("rois.shape[1] == 4, got 5 != 4");
    expect(() => pool(x, regions, integers([0, 1]), 2, 1)).toThrow("rois.shape[0] == roiIndices.shape[0]");
    expect(() => pool(x, regions, zeros([6]), 2, 1)).toThrow("roiIndices of an integer dtype");
    expect(() => pool(x, regions, roiIndices, 0, 1)).toThrow(ValueError);
    expect(() => pool(x, regions, roiIndices, 2, 0)).toThrow("spatialScale must be above 0, got 0");
    expect(() => pool(x, regions, integers([0, 1, 2, 0, 0, 0]), 2, 1)).toThrow(IndexError);
  });

  test("roiPooling2d, and a samplingRatio of 0", () => {
    expect(() => F.roiPooling2d(x, regions, 2, 2, 1)).toThrow("rois.shape[1] == 5, got 4 != 5");
    expect(() => F.roiPooling2d(x, zeros([1, 5]), 2, 0, 1)).toThrow("outw is a whole number from 1 up, got 0");
    expect(() => F.roiMaxAlign2d(x, regions, roiIndices, 2, 1, { samplingRatio: 0 })).toThrow("samplingRatio");
  });
});
