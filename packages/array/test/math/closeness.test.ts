import { describe, expect, test } from "@jest/globals";
import * as nx from "../../src/index.js";
import { devices } from "../devices.js";

describe.each(devices)("closeness on %s", (device) => {
  const array = (values: nx.ArrayLikeValue, dtype?: nx.DType): nx.NdArray => nx.array(values, { dtype, device });

  test("allcloseAsync and arrayEqualAsync", async () => {
    const x = array([1, 2, 3]);
    expect(await nx.allcloseAsync(x, array([1, 2, 3.00001]))).toBe(true);
    expect(await nx.allcloseAsync(x, array([1, 2, 3.001]))).toBe(false);
    expect(await nx.allcloseAsync(x, array([1, 2, 3.001]), { rtol: 0, atol: 0.01 })).toBe(true);
    expect(await nx.allcloseAsync(x, 2, { atol: 1 })).toBe(true);
    expect(await nx.arrayEqualAsync(x, array([1, 2, 3]))).toBe(true);
    expect(await nx.arrayEqualAsync(x, array([[1, 2, 3]]))).toBe(false);
    expect(await nx.arrayEqualAsync(array([NaN]), array([NaN]))).toBe(false);
    expect(await nx.arrayEqualAsync(array([NaN]), array([NaN]), { equalNan: true })).toBe(true);
  });
});

test("without waiting, where the device can be read", () => {
  expect(nx.allclose(nx.array([1]), nx.array([1 + 1e-6]))).toBe(true);
  expect(nx.arrayEqual(nx.array([1]), nx.array([1]))).toBe(true);
  const deferred = nx.array([1], { device: "deferred" });
  expect(() => nx.allclose(deferred, deferred)).toThrow(nx.DeviceError);
  expect(() => nx.arrayEqual(deferred, deferred)).toThrow(nx.DeviceError);
});

test("the tolerance is relative to the second operand, infinities are close to themselves only", () => {
  const x = nx.array([10, 11, Infinity, -Infinity, Infinity, NaN]);
  const y = nx.array([11, 10, Infinity, Infinity, 1, NaN]);
  expect(nx.isclose(x, y, { rtol: 0.095, atol: 0 }).tolistSync()).toEqual([true, false, true, false, false, false]);
  expect(nx.isclose(x, y, { rtol: 0.095, equalNan: true }).tolistSync()).toEqual([
    true,
    false,
    true,
    false,
    false,
    true,
  ]);
});
