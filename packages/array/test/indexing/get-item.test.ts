import { describe, expect, test } from "@jest/globals";
import { fc } from "../../../../testing/property.js";
import * as nx from "../../src/index.js";
import { devices, readableDevices } from "../devices.js";
import { indices, laidOut, layouts, shapes, toIndex } from "./arbitraries.js";
import { indexOracle, sliceOracle, type Part } from "./oracle.js";

const bound = fc.option(fc.integer({ min: -8, max: 8 }));

test("slices mean what they do in Python", () => {
  fc.assert(
    fc.property(
      fc.nat(6),
      bound,
      bound,
      bound.filter((step) => step !== 0),
      (length, start, stop, step) => {
        const x = nx.arange(length);
        expect(x.get(nx.slice(start, stop, step)).tolistSync()).toEqual(sliceOracle(length, start, stop, step));
      },
    ),
    { numRuns: 500 },
  );
});

const basicOnly = (parts: readonly Part[]): boolean => parts.every(({ kind }) => kind !== "array" && kind !== "mask");

describe.each(devices)("getItem on %s", (device) => {
  test("selects what NumPy selects, whatever the layout", async () => {
    const cases = shapes().chain((shape) =>
      fc.tuple(
        fc.constant(shape),
        layouts(shape.length),
        indices(shape, { masks: device !== "deferred" }),
        fc.boolean(),
      ),
    );
    await fc.assert(
      fc.asyncProperty(cases, async ([shape, layout, parts, lists]) => {
        const x = laidOut(shape, layout, { device });
        const expected = indexOracle(shape, parts);
        const result = nx.getItem(x, toIndex(parts, device, lists));
        expect(result.shape).toEqual(expected.shape);
        expect([...(await result.data())]).toEqual(expected.sources.map((source) => source + 1));
        expect(result.storage === x.storage).toBe(basicOnly(parts));
      }),
      { numRuns: 300 },
    );
  });
});

describe("getItem", () => {
  const x = nx.arange(12).reshape(3, 4);

  test("reads single parts and lists of parts", () => {
    expect(nx.getItem(x, 1).tolistSync()).toEqual([4, 5, 6, 7]);
    expect(nx.getItem(x, [1, 2]).itemSync()).toBe(6);
    expect(nx.getItem(x, [[1, 2]]).shape).toEqual([2, 4]);
    expect(nx.getItem(x, nx.ellipsis).shape).toEqual([3, 4]);
    expect(x.get(nx.newaxis, nx.ellipsis, nx.newaxis).shape).toEqual([1, 3, 4, 1]);
    expect(nx.getitem).toBe(nx.getItem);
  });

  test("takes masks as lists, of every element, and without axes", () => {
    expect(x.get([true, false, true]).tolistSync()).toEqual([
      [0, 1, 2, 3],
      [8, 9, 10, 11],
    ]);
    expect(x.get(true).shape).toEqual([1, 3, 4]);
    expect(x.get(false).shape).toEqual([0, 3, 4]);
    expect(x.get(nx.array(x.tolistSync() as number[][], { dtype: "bool" })).size).toBe(11);
  });

  test.each(["uint8", "uint32", "int32"] as const)("takes %s positions", (dtype) => {
    const wide = nx.arange(600).reshape(300, 2);
    const positions = nx.array([255, 3], { dtype });
    expect(wide.get(positions).tolistSync()).toEqual([
      [510, 511],
      [6, 7],
    ]);
  });

  test.each(["float16", "float32", "float64", "int32", "uint32", "uint8", "bool"] as const)("copies %s", (dtype) => {
    const y = nx.array(
      [
        [0, 1],
        [2, 3],
        [4, 5],
      ],
      { dtype },
    );
    const expected = nx
      .array(
        [
          [4, 5],
          [0, 1],
        ],
        { dtype },
      )
      .tolistSync();
    expect(y.get([2, 0]).tolistSync()).toEqual(expected);
    expect(y.get(nx.slice(), [1, 0]).get([2, 0], [1, 1]).dtype).toBe(dtype);
  });

  test("refuses what is out of range, before it computes anything", () => {
    const before = nx.memoryInfo();
    expect(() => x.get(3)).toThrow(
      new nx.IndexError("index 3 is out of bounds for axis 0 with size 3 (array of shape (3, 4))"),
    );
    expect(() => x.get(0, -5)).toThrow(nx.IndexError);
    expect(() => x.get([0, 3])).toThrow(/index 3 is out of bounds for axis 0 with size 3/);
    expect(() => x.get(nx.slice(), [-5])).toThrow(nx.IndexError);
    expect(() => x.get(0, 0, 0)).toThrow(/too many indices/);
    expect(() => x.get(nx.ellipsis, nx.ellipsis)).toThrow(/one ellipsis/);
    expect(() => x.get(0.5)).toThrow(nx.IndexError);
    expect(() => x.get([0.5])).toThrow(nx.IndexError);
    expect(() => x.get([[0], [1, 2]])).toThrow(nx.IndexError);
    expect(() => x.get([true, false])).toThrow(/mask of shape \(2,\) does not fit axis 0/);
    expect(() => x.get([0, 1], [0, 1, 2])).toThrow(/do not broadcast/);
    expect(() => x.get("a" as never)).toThrow(nx.IndexError);
    expect(() => nx.slice(0, 1, 0)).toThrow(nx.ValueError);
    expect(() => nx.slice(0.5)).toThrow(nx.IndexError);
    expect(nx.memoryInfo()).toEqual(before);
    expect(() => x.get(nx.array([0, 1]))).toThrow(/integers or booleans, got float32/);
  });

  test("on a device that cannot be read at once, clamps positions and refuses masks", async () => {
    const y = nx.arange(5, { device: "deferred" });
    const positions = nx.array([-9, -1, 2, 9], { dtype: "int32", device: "deferred" });
    expect(await y.get(positions).tolist()).toEqual([0, 4, 2, 4]);
    expect(() => y.get([9])).toThrow(nx.IndexError);
    expect(() => nx.zeros([0, 2], { device: "deferred" }).get(positions)).toThrow(nx.IndexError);
    expect(() => y.get(nx.ones(5, { dtype: "bool", device: "deferred" }))).toThrow(/cannot be read synchronously/);
  });

  test("wants everything on one device", () => {
    const y = nx.zeros(3, { device: "cpu" });
    for (const device of ["js", "deferred"]) {
      const index = nx.array([0], { dtype: "int32", device });
      const mask = nx.ones(3, { dtype: "bool", device });
      expect(() => y.get(index)).toThrow(`an index on device "${device}" for an array on "cpu"`);
      expect(() => y.get(mask)).toThrow(nx.DeviceError);
      expect(() => nx.take(y, index)).toThrow(nx.DeviceError);
      expect(() => nx.setItem(y, mask, 1)).toThrow(nx.DeviceError);
      expect(() => nx.addAt(y, index, nx.ones(1, { device }))).toThrow(nx.DeviceError);
    }
    expect(() => y.set([[0]], nx.ones(1, { device: "js" }))).toThrow(nx.DeviceError);
  });

  test.each(readableDevices)("leaves nothing behind on %s", (device) => {
    const y = nx.arange(24, { device }).reshape(2, 3, 4);
    const before = nx.memoryInfo()[device]?.arrays;
    nx.scope(() => void y.get([1, 0], nx.slice(), [0, 1]));
    y.get([1, 0]).dispose();
    y.get(nx.slice(), [2, 2], nx.slice(null, null, 2)).dispose();
    expect(nx.memoryInfo()[device]?.arrays).toBe(before);
  });
});
