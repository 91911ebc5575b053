import { describe, expect, test } from "@jest/globals";
import * as nx from "../../src/index.js";
import { devices } from "../devices.js";

describe.each(devices)("statistics on %s", (device) => {
  const x = nx.array(
    [
      [4, 1, 3],
      [2, 6, 5],
    ],
    { device },
  );

  test("median, quantiles and weighted means", async () => {
    expect(await nx.median(x).item()).toBe(3.5);
    expect(await nx.median(x, { axis: 1, keepdims: true }).tolist()).toEqual([[3], [5]]);
    expect(await nx.quantile(x.T, [0, 0.5, 1], { axis: 0 }).tolist()).toEqual([
      [1, 2],
      [3, 5],
      [4, 6],
    ]);
    expect(await nx.percentile(x, 10).item()).toBeCloseTo(1.5, 6);
    expect(await nx.average(x, nx.array([1, 3], { device }), { axis: 0 }).tolist()).toEqual([2.5, 4.75, 4.5]);
    expect(await nx.average(x, { axis: 1 }).tolist()).toEqual([8 / 3, 13 / 3].map(Math.fround));
  });

  test("covariance and correlation", async () => {
    const y = nx.array([1, 2, 4], { device });
    expect(await nx.cov(y).item()).toBeCloseTo(7 / 3, 5);
    const both = (await nx.corrcoef(y, nx.multiply(y, -2)).tolist()) as number[][];
    expect(both.flat().map((value) => Math.round(value * 1e4) / 1e4)).toEqual([1, -1, -1, 1]);
  });
});

test("float16 averages do not overflow on the way", () => {
  const x = nx.full([1000], 500, { dtype: "float16" });
  expect(nx.average(x, nx.ones([1000], { dtype: "float16" })).itemSync()).toBe(500);
});

test("bad input", () => {
  const x = nx.ones([2, 3]);
  expect(() => nx.quantile(x, 1.1)).toThrow(nx.ValueError);
  expect(() => nx.quantile(x, [0.5, NaN])).toThrow(nx.ValueError);
  expect(() => nx.percentile(x, -1)).toThrow(nx.ValueError);
  expect(() => nx.average(x, nx.ones([2]))).toThrow(/give axis for 1-d weights/);
  expect(() => nx.average(x, nx.ones([3]), { axis: 0 })).toThrow(nx.ValueError);
  expect(() => nx.cov(nx.ones([2, 2, 2]))).toThrow(nx.ValueError);
  expect(() => nx.histogram(x, { bins: 0 })).toThrow(nx.ValueError);
  expect(() => nx.histogram(x, { bins: [1, 0] })).toThrow(nx.ValueError);
  expect(() => nx.histogram(nx.array([NaN]))).toThrow(nx.ValueError);
  expect(() => nx.histogram(x, { range: [1, 0] })).toThrow(nx.ValueError);
});
