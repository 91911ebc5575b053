import { describe, expect, test } from "@jest/globals";
import { fc } from "../../../../testing/property.js";
import * as nx from "../../src/index.js";
import { devices } from "../devices.js";
import { indices, laidOut, layouts, shapes, toIndex } from "./arbitraries.js";
import { indexOracle } from "./oracle.js";

const cases = (masks: boolean) =>
  shapes().chain((shape) =>
    fc.tuple(
      fc.constant(shape),
      layouts(shape.length),
      indices(shape, { masks }),
      fc.boolean(),
      fc.constantFrom("number", "whole", "broadcast" as const),
    ),
  );

/** A value for a selection: a number, an array of its shape, or one that broadcasts to it. */
function valueFor(
  kind: string,
  shape: readonly number[],
  device: string,
): { value: nx.NdArray | number; at: (i: number) => number } {
  if (kind === "number") return { value: -5, at: () => -5 };
  const size = shape.reduce((a, b) => a * b, 1);
  if (kind === "broadcast" && shape.length > 0) {
    const last = shape.at(-1) as number;
    return { value: nx.arange(100, 100 + last, { device }), at: (i) => 100 + (i % last) };
  }
  return { value: nx.arange(200, 200 + size, { device }).reshape(shape), at: (i) => 200 + i };
}

describe.each(devices)("assignment on %s", (device) => {
  test("setItem writes where NumPy writes, whatever the layout", async () => {
    await fc.assert(
      fc.asyncProperty(cases(device !== "deferred"), async ([shape, layout, parts, lists, kind]) => {
        const x = laidOut(shape, layout, { device });
        const selected = indexOracle(shape, parts);
        const expected = [...(await x.data())];
        const { value, at } = valueFor(kind, selected.shape, device);
        selected.sources.forEach((source, i) => (expected[source] = at(i)));
        expect(nx.setItem(x, toIndex(parts, device, lists), value)).toBe(x);
        expect([...(await x.data())]).toEqual(expected);
        if (x.base !== null) await expectGapsUntouched(x);
      }),
      { numRuns: 300 },
    );
  });

  test("addAt accumulates repeats, whatever the layout", async () => {
    await fc.assert(
      fc.asyncProperty(cases(device !== "deferred"), async ([shape, layout, parts, lists, kind]) => {
        const x = laidOut(shape, layout, { device });
        const selected = indexOracle(shape, parts);
        const expected = [...(await x.data())];
        const { value, at } = valueFor(kind, selected.shape, device);
        selected.sources.forEach((source, i) => ((expected[source] as number) += at(i)));
        expect(nx.addAt(x, toIndex(parts, device, lists), value)).toBe(x);
        expect([...(await x.data())]).toEqual(expected);
      }),
      { numRuns: 300 },
    );
  });
});

/** Elements between those of a view keep the 99 that they were made with. */
async function expectGapsUntouched(x: nx.NdArray): Promise<void> {
  const all = [...(await (x.base as nx.NdArray).data())];
  const untouched = all.filter((value) => value === 99).length;
  expect(untouched).toBeGreaterThanOrEqual(all.length - x.size);
}

describe("setItem", () => {
  test("casts as astype does", () => {
    const bytes = nx.zeros(3, { dtype: "uint8" });
    expect(
      bytes
        .set([nx.slice(0, 2)], nx.array([300, 1.9]))
        .set(2, -1)
        .tolistSync(),
    ).toEqual([44, 1, 255]);
    expect(nx.zeros(2, { dtype: "bool" }).set(0, 7).tolistSync()).toEqual([true, false]);
    expect(
      nx
        .zeros(2, { dtype: "float64" })
        .set([[0]], 0.1)
        .tolistSync(),
    ).toEqual([0.1, 0]);
    const large = nx.zeros(4, { dtype: "uint32" });
    expect(large.set([[0, 3]], 4294967295).tolistSync()).toEqual([4294967295, 0, 0, 4294967295]);
    expect(
      nx
        .zeros(2, { dtype: "int32" })
        .set([[true, false]], 16777217)
        .tolistSync(),
    ).toEqual([16777217, 0]);
  });

  test("takes lists and booleans as values", () => {
    expect(nx.zeros([2, 2]).set([0], [1, 2]).tolistSync()).toEqual([
      [1, 2],
      [0, 0],
    ]);
    expect(nx.zeros(2).set([], true).tolistSync()).toEqual([1, 1]);
    expect(
      nx
        .zeros([2, 3])
        .set([[true, false]], [[1, 2, 3]])
        .tolistSync(),
    ).toEqual([
      [1, 2, 3],
      [0, 0, 0],
    ]);
  });

  test("may read from the array that it writes to", () => {
    const reversed = nx.arange(6);
    nx.setItem(reversed, nx.slice(), reversed.get(nx.slice(null, null, -1)));
    expect(reversed.tolistSync()).toEqual([5, 4, 3, 2, 1, 0]);
    const permuted = nx.arange(4);
    nx.setItem(permuted, [[3, 2, 1, 0]], permuted);
    expect(permuted.tolistSync()).toEqual([3, 2, 1, 0]);
    const shifted = nx.arange(4096).reshape(1024, 4);
    nx.setItem(shifted, [[1, 2]], shifted.get(nx.slice(0, 2)));
    expect(shifted.get(nx.slice(0, 4), 0).tolistSync()).toEqual([0, 0, 4, 12]);
    const masked = nx.arange(4);
    nx.setItem(masked, [[true, true, true, false]], masked.get(nx.slice(null, null, -1)).get(nx.slice(0, 1)));
    expect(masked.tolistSync()).toEqual([3, 3, 3, 3]);
  });

  test("keeps the last value of a repeated position, few or many", () => {
    const few = nx.zeros(5000);
    few.set([[7, 7, 7]], [1, 2, 3]);
    expect(few.get(7).itemSync()).toBe(3);
    const many = nx.zeros(50);
    many.set([Array.from({ length: 100 }, (_, i) => i % 50)], nx.arange(100));
    expect(many.tolistSync()).toEqual(Array.from({ length: 50 }, (_, i) => 50 + i));
  });

  test("assigns under a mask without reading, on every device", async () => {
    const x = nx.arange(6, { device: "deferred" }).reshape(2, 3);
    const mask = nx.array(
      [
        [true, false, true],
        [false, false, true],
      ],
      { device: "deferred" },
    );
    expect(await x.set([mask], -1).tolist()).toEqual([
      [-1, 1, -1],
      [3, 4, -1],
    ]);
    const rows = nx.array([true, false], { device: "deferred" });
    x.set([rows], nx.array([7, 8, 9], { device: "deferred" }));
    expect(await x.tolist()).toEqual([
      [7, 8, 9],
      [3, 4, -1],
    ]);
    expect(() => x.set([rows], nx.ones([1, 2], { device: "deferred" }))).toThrow(nx.DeviceError);
  });

  test("refuses values that do not fit, and leaves the array alone", () => {
    const x = nx.arange(6).reshape(2, 3);
    expect(() => x.set([], [1, 2])).toThrow(/shape \(2,\) does not broadcast to \(2, 3\)/);
    expect(() => x.set([[0, 1]], [1, 2])).toThrow(nx.ValueError);
    expect(() => x.set([[true, false]], [[1, 2]])).toThrow(nx.ValueError);
    expect(() => x.set([[true, false, true]], 1)).toThrow(nx.IndexError);
    expect(() => x.set([[2]], 1)).toThrow(nx.IndexError);
    expect(() => nx.setItem(nx.broadcastTo(nx.zeros(3), [2, 3]), 0, 1)).toThrow(/broadcast view/);
    expect(x.tolistSync()).toEqual([
      [0, 1, 2],
      [3, 4, 5],
    ]);
  });
});

describe("addAt", () => {
  test("adds numbers and lists, and gives bools their or", () => {
    expect(nx.addAt(nx.zeros(3), [[0, 0, 2]], 1.5).tolistSync()).toEqual([3, 0, 1.5]);
    expect(nx.addAt(nx.zeros(3, { dtype: "bool" }), [[0, 0]], true).tolistSync()).toEqual([true, false, false]);
    expect(nx.addAt(nx.full(2, 250, { dtype: "uint8" }), [[0, 0]], 4).tolistSync()).toEqual([2, 250]);
    expect(
      nx
        .addAt(
          nx.zeros([3, 2]),
          [[1, 1]],
          [
            [1, 2],
            [10, 20],
          ],
        )
        .tolistSync(),
    ).toEqual([
      [0, 0],
      [11, 22],
      [0, 0],
    ]);
  });

  test("refuses floats for integers, and what does not broadcast", () => {
    const x = nx.zeros(3, { dtype: "int32" });
    expect(() => nx.addAt(x, [0], 1.5)).toThrow(nx.InvalidType);
    expect(() => nx.addAt(x, [[0]], nx.ones(1))).toThrow(/addAt: expected a value that int32 holds, got float32/);
    expect(() => nx.addAt(x, [[0, 1]], [1, 2, 3])).toThrow(nx.ValueError);
    expect(() => nx.addAt(nx.broadcastTo(nx.zeros(1), [3]), [0], 1)).toThrow(nx.ValueError);
  });
});
