import { describe, expect, test } from "@jest/globals";
import { fc } from "../../../../testing/property.js";
import * as nx from "../../src/index.js";
import { devices } from "../devices.js";

describe.each(devices)("reductions on %s", (device) => {
  const array = (values: nx.ArrayLikeValue, dtype?: nx.DType): nx.NdArray => nx.array(values, { dtype, device });

  test("of views, along axes counted from the end", async () => {
    const x = array([
      [1, 2, 3],
      [4, 5, 6],
    ]);
    expect(await nx.sum(x.T, { axis: -1 }).tolist()).toEqual([5, 7, 9]);
    expect(await nx.max(x.get(nx.slice(null, null, -1)), { axis: 0 }).tolist()).toEqual([4, 5, 6]);
    expect(await nx.argmax(x.get(nx.slice(), nx.slice(null, null, -1)), { axis: 1 }).tolist()).toEqual([0, 0]);
    expect(await nx.std(x).item()).toBeCloseTo(Math.sqrt(35 / 12), 6);
    expect(await nx.logsumexp(nx.multiply(x, 1000), { axis: 1 }).tolist()).toEqual([3000, 6000]);
    expect(await nx.nanmean(array([NaN, 1, 2])).item()).toBe(1.5);
  });

  test("positions of extremes: the first of equals or of NaN, among infinite ones too", async () => {
    const kinds: ((row: number, column: number) => number)[] = [
      (row, column) => (row * 7 + column * column) % 11,
      () => -Infinity,
      () => Infinity,
      (row, column) => (column % 50 === 3 + row ? NaN : column),
      (_row, column) => -column,
      (_row, column) => column,
      (row, column) => (column % 97 === row ? 5 : -Infinity),
    ];
    for (const width of [1, 3, 10, 700]) {
      const rows = kinds.map((kind, i) => Array.from({ length: width }, (_, column) => kind(i, column)));
      // Most columns of the transpose make vectors of it.
      const table = array(rows);
      const largest = (values: number[]): number =>
        values.reduce(
          (best, v, i) => (v > (values[best] as number) || (Number.isNaN(v) && !Number.isNaN(values[best])) ? i : best),
          0,
        );
      const columns = Array.from({ length: width }, (_, c) => rows.map((values) => values[c] as number));
      const negated = (lists: number[][]): number[][] => lists.map((list) => list.map((v) => -v));
      expect(await nx.argmax(table, { axis: 1 }).tolist()).toEqual(rows.map(largest));
      expect(await nx.argmax(table, { axis: 0 }).tolist()).toEqual(columns.map(largest));
      expect(await nx.argmin(table, { axis: 1 }).tolist()).toEqual(negated(rows).map(largest));
      expect(await nx.argmin(table, { axis: 0 }).tolist()).toEqual(negated(columns).map(largest));
      expect(await nx.argmax(table).item()).toBe(largest(rows.flat()));
    }
  });

  test("running sums and products of any layout", async () => {
    const x = array([
      [1, 2, 3],
      [4, 5, 6],
    ]);
    expect(await nx.cumsum(x).tolist()).toEqual([1, 3, 6, 10, 15, 21]);
    expect(await nx.cumsum(x.T, { axis: 0 }).tolist()).toEqual([
      [1, 4],
      [3, 9],
      [6, 15],
    ]);
    expect(await nx.cumprod(x, { axis: 1 }).tolist()).toEqual([
      [1, 2, 6],
      [4, 20, 120],
    ]);
    expect(await nx.cumsum(array([5])).tolist()).toEqual([5]);
  });
});

test("a running sum of one element is a copy", () => {
  const x = nx.array([[5]]);
  nx.cumsum(x, { axis: 0 }).iadd(1);
  expect(x.itemSync()).toBe(5);
});

describe("options", () => {
  const x = nx.array([
    [1, 2, 3],
    [4, 5, 6],
  ]);

  test("out takes the result, in a wider kind too, and is returned", () => {
    const out = nx.zeros([3], { dtype: "float64" });
    for (const reduce of [nx.sum, nx.mean, nx.max, nx.min, nx.prod, nx.std, nx.var, nx.logsumexp, nx.nansum, nx.ptp]) {
      expect(reduce(x, { axis: 0, out })).toBe(out);
      const expected = reduce(x, { axis: 0 }).dataSync();
      out.dataSync().forEach((value, i) => expect(value).toBeCloseTo(expected[i] as number, 6));
    }
    const positions = nx.zeros([2], { dtype: "int32" });
    expect(nx.argmax(x, { axis: 1, out: positions }).tolistSync()).toEqual([2, 2]);
    const totals = nx.zeros([2, 3]);
    expect(nx.cumsum(x, { axis: 1, out: totals })).toBe(totals);
    expect(totals.tolistSync()).toEqual([
      [1, 3, 6],
      [4, 9, 15],
    ]);
  });

  test("out of a narrower kind or another shape is refused", () => {
    expect(() => nx.sum(x, { out: nx.zeros([], { dtype: "int32" }) })).toThrow(nx.InvalidType);
    expect(() => nx.std(x, { out: nx.zeros([], { dtype: "int32" }) })).toThrow(nx.InvalidType);
    expect(() => nx.sum(x, { axis: 0, out: nx.zeros([2]) })).toThrow(nx.InvalidType);
    expect(() => nx.cumsum(x, { axis: 0, out: nx.zeros([2]) })).toThrow(nx.ValueError);
  });

  test("dtype is what is computed in", () => {
    const large = nx.array([2 ** 31 - 1, 1], { dtype: "int32" });
    expect(nx.sum(large).itemSync()).toBe(-(2 ** 31));
    expect(nx.sum(large, { dtype: "float64" }).itemSync()).toBe(2 ** 31);
    expect(nx.prod(nx.array([0.5, 3]), { dtype: "int32" }).itemSync()).toBe(0);
    expect(nx.mean(nx.array([1, 2], { dtype: "int32" }), { dtype: "float64" }).dtype).toBe("float64");
    expect(() => nx.var(x, { dtype: "int32" })).toThrow(nx.InvalidType);
  });

  test("dtypes of results", () => {
    const of = (dtype: nx.DType): nx.NdArray => nx.ones([2], { dtype });
    expect(nx.sum(of("bool")).dtype).toBe("int32");
    expect(nx.sum(of("uint8")).dtype).toBe("uint32");
    expect(nx.sum(of("float16")).dtype).toBe("float16");
    expect(nx.mean(of("uint8")).dtype).toBe("float32");
    expect(nx.std(of("float64")).dtype).toBe("float64");
    expect(nx.max(of("uint8")).dtype).toBe("uint8");
    expect(nx.countNonzero(of("float16")).dtype).toBe("int32");
    expect(nx.cumsum(of("bool")).dtype).toBe("int32");
    expect(nx.logsumexp(of("int32")).dtype).toBe("float32");
  });

  test("an axis that is not there, or twice", () => {
    expect(() => nx.sum(x, { axis: 2 })).toThrow(nx.ValueError);
    expect(() => nx.sum(x, { axis: [0, 0] })).toThrow(nx.ValueError);
    expect(() => nx.argmax(x, { axis: -3 })).toThrow(nx.ValueError);
    expect(() => nx.cumsum(x, { axis: 2 })).toThrow(nx.ValueError);
  });
});

test("nothing to reduce: identities, NaN, or an error", () => {
  const none = nx.zeros([0, 3]);
  expect(nx.sum(none).itemSync()).toBe(0);
  expect(nx.mean(none).itemSync()).toBeNaN();
  expect(nx.var(none, { axis: 0 }).tolistSync()).toEqual([NaN, NaN, NaN]);
  expect(nx.logsumexp(none, { axis: 0 }).tolistSync()).toEqual([-Infinity, -Infinity, -Infinity]);
  for (const reduce of [nx.max, nx.min, nx.argmax, nx.argmin, nx.nanmax, nx.nanmin, nx.ptp]) {
    expect(() => reduce(none, { axis: 0 })).toThrow(nx.ValueError);
  }
  expect(nx.max(none, { axis: 1 }).shape).toEqual([0]);
});

describe("accuracy", () => {
  test("the float32 sum of ten million tenths", () => {
    const x = nx.full([10_000_000], 0.1);
    const exact = Math.fround(0.1) * 1e7;
    expect(Math.abs(nx.sum(x).itemSync() / exact - 1)).toBeLessThan(1e-6);
    expect(Math.abs(nx.mean(x).itemSync() / Math.fround(0.1) - 1)).toBeLessThan(1e-6);
    x.dispose();
  });

  test("float16: counts and sums of squares beyond its range do not spoil means and variances", () => {
    const x = nx.full([100_000], 8, { dtype: "float16" });
    x.get(nx.slice(0, 50_000)).set([], 4);
    expect(nx.mean(x).itemSync()).toBe(6);
    expect(nx.std(x).itemSync()).toBe(2);
    expect(nx.nanmean(x).itemSync()).toBe(6);
    expect(nx.nanstd(x).itemSync()).toBe(2);
    expect(nx.logsumexp(nx.zeros([70_000], { dtype: "float16" })).itemSync()).toBeCloseTo(Math.log(70_000), 1);
    expect(nx.norm(nx.full([10_000], 8, { dtype: "float16" })).itemSync()).toBe(800);
  });

  test("variance of numbers far from 0", () => {
    const x = nx.array([10001, 10002, 10003]);
    expect(nx.var(x).itemSync()).toBeCloseTo(2 / 3, 5);
  });

  test("variance leaves nothing behind that holds on to its argument", () => {
    const before = nx.memoryInfo()[nx.getDefaultDevice()];
    const x = nx.ones([1000, 3]);
    for (const variance of [nx.var(x), nx.var(x, { axis: 0 })]) variance.dispose();
    x.dispose();
    expect(nx.memoryInfo()[nx.getDefaultDevice()]).toMatchObject({
      arrays: before?.arrays ?? 0,
      bytes: before?.bytes ?? 0,
    });
  });

  describe("variance of many numbers, along any axis", () => {
    const [rows, columns] = [300, 700];
    const kinds: [string, (row: number, column: number) => number][] = [
      ["around 0", (row, column) => Math.sin(row * 700 + column)],
      ["far from 0", (row, column) => 1000 + ((row * 31 + column * 17) % 101) / 50],
      [
        "of which the first are not like the others",
        (row, column) => (row < 19 && column < 44 ? 100 : Math.sin(row + 3 * column)),
      ],
      ["that all are equal", () => 0.1],
    ];
    test.each(kinds)("%s", (_name, value) => {
      const table = Array.from({ length: rows }, (_, r) =>
        Array.from({ length: columns }, (_column, c) => Math.fround(value(r, c))),
      );
      const x = nx.array(table);
      const exact = (values: number[]): number => {
        const mean = values.reduce((a, b) => a + b, 0) / values.length;
        return values.reduce((a, b) => a + (b - mean) ** 2, 0) / values.length;
      };
      const check = (actual: nx.NdArray, expected: number[]): void => {
        const results = actual.dataSync();
        expected.forEach((v, i) => expect(Math.abs((results[i] as number) - v)).toBeLessThanOrEqual(2e-5 * v + 1e-14));
      };
      check(nx.var(x), [exact(table.flat())]);
      check(nx.var(x, { axis: 1 }), table.map(exact));
      check(nx.var(x, { axis: 0 }), table[0]?.map((_, c) => exact(table.map((row) => row[c] as number))) ?? []);
      check(
        nx.var(x, { axis: 0, ddof: 1 }),
        table[0]?.map((_, c) => (exact(table.map((row) => row[c] as number)) * rows) / (rows - 1)) ?? [],
      );
    });

    test("infinite and NaN where numbers are, infinite where squares are too large", () => {
      const x = nx.zeros([1000]);
      x.get(nx.slice(900, 901)).set([], Infinity);
      expect(nx.var(x).itemSync()).toBeNaN();
      x.get(nx.slice(0, 1)).set([], NaN);
      expect(nx.var(x).itemSync()).toBeNaN();
      const large = nx.array(Array.from({ length: 1000 }, (_, i) => (i % 3 === 0 ? 1e30 : -1e30)));
      expect(nx.std(large).itemSync()).toBe(Infinity);
    });
  });

  test("inner products and norms of a million numbers", () => {
    const a = Float32Array.from({ length: 1_000_000 }, (_, i) => Math.sin(i));
    const b = Float32Array.from(a, (_, i) => Math.cos(2 * i) + 0.5);
    const total = (of: (i: number) => number): number => a.reduce((sum, _, i) => sum + of(i), 0);
    const [x, y] = [nx.array(a), nx.array(b)];
    const product = total((i) => (a[i] as number) * (b[i] as number));
    const size = total((i) => Math.abs((a[i] as number) * (b[i] as number)));
    expect(Math.abs(nx.dot(x, y).itemSync() - product)).toBeLessThan(1e-6 * size);
    expect(nx.vdot(x, y).itemSync()).toBe(nx.dot(x, y).itemSync());
    expect(nx.norm(x).itemSync() / Math.sqrt(total((i) => (a[i] as number) ** 2))).toBeCloseTo(1, 6);
    expect(nx.norm(x, 1).itemSync() / total((i) => Math.abs(a[i] as number))).toBeCloseTo(1, 6);
    expect(nx.norm(x, Infinity).itemSync()).toBe(a.reduce((most, v) => Math.max(most, Math.abs(v)), 0));
  });
});

test("mean and variance of any lists agree with float64", () => {
  fc.assert(
    fc.property(
      fc.array(fc.float({ min: -1000, max: 1000, noNaN: true }), { minLength: 1, maxLength: 50 }),
      (values) => {
        const mean = values.reduce((a, b) => a + b, 0) / values.length;
        const variance = values.reduce((a, b) => a + (b - mean) ** 2, 0) / values.length;
        const x = nx.array(values, { dtype: "float64" });
        expect(nx.mean(x).itemSync()).toBeCloseTo(mean, 8);
        expect(Math.abs(nx.var(x).itemSync() - variance)).toBeLessThanOrEqual(1e-9 * (1 + variance));
      },
    ),
  );
});
