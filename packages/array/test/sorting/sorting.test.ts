import { describe, expect, test } from "@jest/globals";
import { fc } from "../../../../testing/property.js";
import * as nx from "../../src/index.js";
import { devices } from "../devices.js";

/** NaN after everything else. */
function compare(a: number, b: number): number {
  if (Number.isNaN(a) || Number.isNaN(b)) return Number(Number.isNaN(a)) - Number(Number.isNaN(b));
  return a === b ? 0 : a - b;
}

const numbers: Record<string, fc.Arbitrary<number>> = {
  float32: fc.float(),
  float64: fc.double(),
  float16: fc.integer({ min: -2000, max: 2000 }),
  int32: fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }),
  uint32: fc.integer({ min: 0, max: 2 ** 32 - 1 }),
  uint8: fc.integer({ min: 0, max: 255 }),
  bool: fc.integer({ min: 0, max: 1 }),
};

describe.each(devices)("sorting on %s", (device) => {
  test.each(Object.keys(numbers))("sort and argsort of any %s rows are stable", async (dtype) => {
    const few = fc.constantFrom(0, 1, 2, 3);
    await fc.assert(
      fc.asyncProperty(
        fc.array(
          fc.oneof(
            numbers[dtype] as fc.Arbitrary<number>,
            few.map((v) => (dtype === "bool" ? v & 1 : v)),
          ),
          { maxLength: 40 },
        ),
        async (values) => {
          const x = nx.array(Float64Array.from(values), { dtype: dtype as nx.DType, device });
          const order = values
            .map((_, i) => i)
            .sort((i, j) => compare(values[i] as number, values[j] as number) || i - j);
          expect([...(await nx.argsort(x).data())]).toEqual(order);
          const sorted = [...(await nx.sort(x).data())];
          sorted.forEach((value, k) => expect(value === values[order[k] as number] || Number.isNaN(value)).toBe(true));
        },
      ),
      { numRuns: 40 },
    );
  });

  test("along any axis, of views", async () => {
    const x = nx.array(
      [
        [3, 1, 2],
        [0, 5, 4],
      ],
      { device },
    );
    expect(await nx.sort(x, { axis: 0 }).tolist()).toEqual([
      [0, 1, 2],
      [3, 5, 4],
    ]);
    expect(await nx.argsort(x.T, { axis: 0 }).tolist()).toEqual([
      [1, 0],
      [2, 2],
      [0, 1],
    ]);
    expect(await nx.sort(x, { axis: null }).tolist()).toEqual([0, 1, 2, 3, 4, 5]);
  });

  test("topk: best first, the first of equal ones first, NaN last", async () => {
    const x = nx.array(
      [
        [1, 3, NaN, 3],
        [-1, -Infinity, 0, 0],
      ],
      { device },
    );
    const [values, indices] = nx.topk(x, 3);
    expect(await values.tolist()).toEqual([
      [3, 3, 1],
      [0, 0, -1],
    ]);
    expect(await indices.tolist()).toEqual([
      [1, 3, 0],
      [2, 3, 0],
    ]);
    const [least, where] = nx.topk(x, 1, { axis: 0, largest: false });
    expect(await least.tolist()).toEqual([[-1, -Infinity, 0, 0]]);
    expect(await where.tolist()).toEqual([[1, 1, 1, 1]]);
    const [integers] = nx.topk(nx.array([-(2 ** 31), 5, 2 ** 31 - 1], { dtype: "int32", device }), 3);
    expect(await integers.tolist()).toEqual([2 ** 31 - 1, 5, -(2 ** 31)]);
    const [truths] = nx.topk(nx.array([false, true], { device }), 1);
    expect(await truths.tolist()).toEqual([true]);
  });

  test("searchsorted finds the place of any number", async () => {
    const list = fc.array(fc.integer({ min: -5, max: 5 }), { maxLength: 20 });
    await fc.assert(
      fc.asyncProperty(list, list, async (items, wanted) => {
        const sorted = items.toSorted((a, b) => a - b);
        const x = nx.array(Float64Array.from(sorted), { dtype: "float32", device });
        const v = nx.array(Float64Array.from(wanted), { dtype: "float32", device });
        const left = wanted.map((value) => sorted.filter((item) => item < value).length);
        const right = wanted.map((value) => sorted.filter((item) => item <= value).length);
        expect([...(await nx.searchsorted(x, v).data())]).toEqual(left);
        expect([...(await nx.searchsorted(x, v, { side: "right" }).data())]).toEqual(right);
      }),
      { numRuns: 40 },
    );
  });

  test("uniqueAsync and bincountAsync", async () => {
    const x = nx.array([3, 1, 3, 0], { dtype: "int32", device });
    const [values, counts] = (await nx.uniqueAsync(x, { returnCounts: true })) as [nx.NdArray, nx.NdArray];
    expect([await values.tolist(), await counts.tolist()]).toEqual([
      [0, 1, 3],
      [1, 1, 2],
    ]);
    const weights = nx.array([1, 2, 3, 4], { device });
    expect(await (await nx.bincountAsync(x, weights)).tolist()).toEqual([4, 2, 0, 4]);
    expect(await (await nx.bincountAsync(x, { minlength: 5 })).tolist()).toEqual([1, 1, 0, 2, 0]);
  });
});

test("a backend's own argsort is used where there is one", async () => {
  const { createJsBackend } = await import("../../src/backends/js/index.js");
  const js = createJsBackend();
  const seen: unknown[] = [];
  nx.registerBackend("sorts", () => ({
    ...js,
    name: "sorts",
    routines: {
      argsort: (x, out) => {
        seen.push([x.shape, x.contiguous, out.dtype]);
        js.write(out.storage.buffer, 0, new Uint8Array(Int32Array.of(1, 0, 0, 1).buffer));
      },
    },
  }));
  const x = nx.array(
    [
      [2, 1],
      [1, 3],
    ],
    { device: "sorts" },
  );
  expect(nx.sort(x).tolistSync()).toEqual([
    [1, 2],
    [1, 3],
  ]);
  expect(seen).toEqual([[[2, 2], true, "int32"]]);
});

test("the method sorts in place, views too", () => {
  const x = nx.array([
    [3, 1],
    [2, 4],
  ]);
  x.sort();
  expect(x.tolistSync()).toEqual([
    [1, 3],
    [2, 4],
  ]);
  x.get(nx.slice(), 1).sort({ axis: 0 });
  x.T.sort({ axis: 0 });
  expect(x.tolistSync()).toEqual([
    [1, 3],
    [2, 4],
  ]);
});

test("unique counts NaN once, and tells where the elements were", () => {
  const x = nx.array([
    [2, NaN, 1],
    [1, 2, NaN],
  ]);
  const [values, first, inverse, counts] = nx.unique(x, {
    returnIndex: true,
    returnInverse: true,
    returnCounts: true,
  }) as [nx.NdArray, nx.NdArray, nx.NdArray, nx.NdArray];
  expect(values.tolistSync()).toEqual([1, 2, NaN]);
  expect(first.tolistSync()).toEqual([2, 0, 1]);
  expect(inverse.tolistSync()).toEqual([1, 2, 0, 0, 1, 2]);
  expect(counts.tolistSync()).toEqual([2, 2, 2]);
});

test("bad input", () => {
  const x = nx.array([1, 2, 3]);
  expect(() => nx.sort(x, { axis: 1 })).toThrow(nx.ValueError);
  expect(() => nx.argsort(nx.array(1), { axis: 1 })).toThrow(nx.ValueError);
  expect(() => nx.topk(x, 4)).toThrow(/cannot choose 4 of the 3 elements/);
  expect(() => nx.topk(x, 1.5)).toThrow(nx.ValueError);
  expect(() => nx.partition(x, 3)).toThrow(nx.ValueError);
  expect(() => nx.searchsorted(nx.ones([2, 2]), 1)).toThrow(nx.ValueError);
  expect(() => nx.bincount(x)).toThrow(nx.InvalidType);
  const whole = nx.array([1, -1], { dtype: "int32" });
  expect(() => nx.bincount(whole)).toThrow(/must not be negative, got -1/);
  expect(() => nx.bincount(whole, x)).toThrow(nx.ValueError);
  expect(() => nx.bincount(whole, { minlength: -1 })).toThrow(nx.ValueError);
  const deferred = nx.array([1], { device: "deferred" });
  expect(() => nx.unique(deferred)).toThrow(/use await uniqueAsync\(x\)/);
});
