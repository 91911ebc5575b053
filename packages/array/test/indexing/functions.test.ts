import { describe, expect, test } from "@jest/globals";
import * as nx from "../../src/index.js";
import { devices } from "../devices.js";

describe.each(devices)("on %s", (device) => {
  const options = { device };
  const ints = (values: number[]): nx.NdArray => nx.array(values, { device, dtype: "int32" });
  const x = nx.arange(12, options).reshape(3, 4);

  test("take along an axis, or of the flattened array", async () => {
    expect(await nx.take(x, ints([2, 0]), { axis: 0 }).tolist()).toEqual([
      [8, 9, 10, 11],
      [0, 1, 2, 3],
    ]);
    expect(await nx.take(x, ints([3, -1]), { axis: 1 }).tolist()).toEqual([
      [3, 3],
      [7, 7],
      [11, 11],
    ]);
    expect(await nx.take(x.T, ints([1, -1])).tolist()).toEqual([4, 11]);
    expect(await nx.take(x, 1, { axis: -1 }).tolist()).toEqual([1, 5, 9]);
    expect(await nx.take(x, -1).tolist()).toBe(11);
    expect(nx.take(x, [], { axis: 1 }).shape).toEqual([3, 0]);
    expect(nx.take(x, [[0, 1]], 0).shape).toEqual([1, 2, 4]);
    expect(await x.take([1], 0).tolist()).toEqual([[4, 5, 6, 7]]);
  });

  test("take with positions beyond the ends", async () => {
    const far = ints([-6, -1, 0, 4, 9]);
    expect(await nx.take(x, far, { axis: 1, mode: "wrap" }).get(0).tolist()).toEqual([2, 3, 0, 0, 1]);
    expect(await nx.take(x, far, { axis: 1, mode: "clip" }).get(0).tolist()).toEqual([0, 0, 0, 3, 3]);
    expect(await nx.take(x, far, 1, { mode: "clip" }).get(2).tolist()).toEqual([8, 8, 8, 11, 11]);
  });

  test("takeAlongAxis and putAlongAxis", async () => {
    const at = ints([3, 0, 1]).reshape(3, 1);
    expect(await nx.takeAlongAxis(x, at, 1).tolist()).toEqual([[3], [4], [9]]);
    expect(await nx.takeAlongAxis(x.T, at.T, { axis: 0 }).tolist()).toEqual([[3, 4, 9]]);
    expect(await nx.takeAlongAxis(x.T, ints([1, 4]), null).tolist()).toEqual([4, 5]);
    const y = nx.copy(x);
    nx.putAlongAxis(y, at, -1, 1);
    expect(await y.tolist()).toEqual([
      [0, 1, 2, -1],
      [-1, 5, 6, 7],
      [8, -1, 10, 11],
    ]);
    nx.putAlongAxis(y.T, ints([1, 2]), [50, 60], null);
    expect(await y.get(nx.slice(), 0).tolist()).toEqual([0, 50, 60]);
  });

  test("put writes by flat position and repeats its values", async () => {
    const y = nx.zeros([2, 3], options);
    nx.put(y.T, ints([0, 1, 2]), [1, 2]);
    expect(await y.tolist()).toEqual([
      [1, 1, 0],
      [2, 0, 0],
    ]);
    y.put(-1, 9);
    y.put([6, 7], [3, 4], { mode: "wrap" });
    expect(await y.tolist()).toEqual([
      [3, 4, 0],
      [2, 0, 9],
    ]);
  });

  test("where chooses, with NumPy's dtypes for these", async () => {
    const mask = nx.array([true, false, true], options);
    const chosen = nx.where(mask, nx.array([1.5, 2.5, 3.5], options), 0);
    expect([chosen.dtype, await chosen.tolist()]).toEqual(["float32", [1.5, 0, 3.5]]);
    expect(nx.where(mask, 1, 0).dtype).toBe("int32");
    expect(nx.where(mask, 1, 0.5).dtype).toBe("float32");
    expect(nx.where(mask, ints([1, 2, 3]), nx.ones(3, { device, dtype: "float16" })).dtype).toBe("float16");
    expect(await nx.where(ints([0, 5, 0]), 1, ints([7, 8, 9])).tolist()).toEqual([7, 1, 9]);
    expect(nx.where(nx.ones(3, options), 1, 0).dtype).toBe("int32");
    expect(nx.where(mask.reshape(3, 1), ints([1, 2]), 0).shape).toEqual([3, 2]);
    expect(() => nx.where(mask, ints([1, 2]), 0)).toThrow(nx.ValueError);
    expect(() => nx.where(mask, 1 as never, undefined as never)).toThrow(nx.InvalidType);
  });

  test("select and choose", async () => {
    const first = nx.array([true, false, false], options);
    const second = nx.array([true, true, false], options);
    const values = nx.array([1, 2, 3], options);
    expect(await nx.select([first, second], [values, 7], { default: -1 }).tolist()).toEqual([1, 7, -1]);
    expect(await nx.select([second], [values]).tolist()).toEqual([1, 2, 0]);
    expect(() => nx.select([first], [values, values])).toThrow(nx.ValueError);
    expect(() => nx.select([values], [values])).toThrow(nx.InvalidType);
    expect(await nx.choose(ints([0, 1, 1]), [values, nx.zeros(1, options)]).tolist()).toEqual([1, 0, 0]);
    expect(() => nx.choose(ints([0]), [])).toThrow(nx.ValueError);
  });

  test("nonzero, waiting for the device", async () => {
    const y = nx.array(
      [
        [0, 2],
        [NaN, 0],
      ],
      options,
    );
    const [rows, columns] = await nx.nonzeroAsync(y);
    expect([rows?.dtype, await rows?.tolist(), await columns?.tolist()]).toEqual(["int32", [0, 1], [1, 0]]);
    expect((await nx.nonzeroAsync(nx.array(3, options)))[0]?.shape).toEqual([1]);
  });
});

test("what needs reading says so where that has to be awaited", () => {
  const x = nx.ones([2, 2], { device: "deferred" });
  expect(() => nx.nonzero(x)).toThrow(/nonzero has to read its elements.*use await nonzeroAsync\(x\)/);
  expect(() => nx.argwhere(x)).toThrow(nx.DeviceError);
  expect(() => nx.flatnonzero(x)).toThrow(nx.DeviceError);
  expect(() => nx.where(x)).toThrow(nx.DeviceError);
  expect(() => nx.compress(x.get(0), x)).toThrow(/give the positions to take\(\) instead/);
  expect(() => nx.repeat(x, nx.ones(2, { dtype: "int32", device: "deferred" }), 0)).toThrow(
    /give the counts as a list/,
  );
});

test("positions are checked", () => {
  const x = nx.arange(4);
  expect(() => nx.take(x, [4])).toThrow(nx.IndexError);
  expect(() => nx.take(x, 0.5)).toThrow(nx.IndexError);
  expect(() => nx.take(nx.zeros([0, 2]), [0], { axis: 0, mode: "wrap" })).toThrow(nx.IndexError);
  expect(() => nx.put(x, 4, 0)).toThrow(nx.IndexError);
  expect(() => nx.takeAlongAxis(x, nx.array([[0]], { dtype: "int32" }), 0)).toThrow(nx.ValueError);
  expect(() => nx.compress(nx.ones([1, 4]), x)).toThrow(nx.ValueError);
  expect(nx.argwhere(nx.array(5)).shape).toEqual([1, 0]);
});
