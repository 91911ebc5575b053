import { array, InvalidType, ValueError, type NdArray } from "@chain/array";
import { describe, expect, test } from "@jest/globals";
import { concatExamples } from "../../src/dataset/concat-examples.js";

function described(batch: unknown): unknown {
  const one = (a: NdArray): unknown => [a.dtype, a.shape, a.tolistSync()];
  if (Array.isArray(batch)) return batch.map(one);
  return "tolistSync" in (batch as object)
    ? one(batch as NdArray)
    : Object.fromEntries(Object.entries(batch as Record<string, NdArray>).map(([key, a]) => [key, one(a)]));
}

describe("concatExamples", () => {
  test.each([
    ["whole numbers", [1, 2, 3], ["int32", [3], [1, 2, 3]]],
    ["numbers", [1, 2.5, 3], ["float32", [3], [1, 2.5, 3]]],
    ["booleans", [true, false], ["bool", [2], [true, false]]],
    ["Float32Arrays", [Float32Array.of(1, 2), Float32Array.of(3, 4)], ["float32", [2, 2], [[1, 2], [3, 4]]]], // prettier-ignore
    ["Int32Arrays", [Int32Array.of(1, 2), Int32Array.of(3, 4)], ["int32", [2, 2], [[1, 2], [3, 4]]]], // prettier-ignore
  ])("of %s", (_, batch, expected) => {
    expect(described(concatExamples(batch as readonly unknown[]))).toEqual(expected);
  });

  test("of arrays keeps their dtype", () => {
    const batch = [array([[1, 2]], { dtype: "float64" }), array([[3, 4]], { dtype: "float64" })];
    expect(described(concatExamples(batch))).toEqual(["float64", [2, 1, 2], [[[1, 2]], [[3, 4]]]]);
  });

  test("takes lists and dictionaries apart", () => {
    const lists = [
      [array([1, 2]), 0, [5, 6]],
      [array([3, 4]), 1, [7, 8]],
    ];
    expect(described(concatExamples(lists))).toEqual([
      ["float32", [2, 2], [[1, 2], [3, 4]]], // prettier-ignore
      ["int32", [2], [0, 1]],
      ["float32", [2, 2], [[5, 6], [7, 8]]], // prettier-ignore
    ]);
    const dictionaries = [
      { x: array([1, 2]), t: 0 },
      { x: array([3, 4]), t: 1 },
    ];
    expect(described(concatExamples(dictionaries))).toEqual({
      x: ["float32", [2, 2], [[1, 2], [3, 4]]], // prettier-ignore
      t: ["int32", [2], [0, 1]],
    });
  });

  test("fills up with padding", () => {
    const batch = [array([[1, 2]]), array([[3], [4]]), array([[5, 6, 7]])];
    expect(described(concatExamples(batch, { padding: -1 }))).toEqual([
      "float32",
      [3, 2, 3],
      [[[1, 2, -1], [-1, -1, -1]], [[3, -1, -1], [4, -1, -1]], [[5, 6, 7], [-1, -1, -1]]], // prettier-ignore
    ]);
    const lists = [
      [Int32Array.of(1), 0],
      [Int32Array.of(2, 3), 1],
    ];
    expect(described(concatExamples(lists, { padding: [9, null] }))).toEqual([
      ["int32", [2, 2], [[1, 9], [2, 3]]], // prettier-ignore
      ["int32", [2], [0, 1]],
    ]);
    const dictionaries = [{ x: array([1]) }, { x: array([2, 3]) }];
    expect(described(concatExamples(dictionaries, { padding: { x: 0 } }))).toEqual({
      x: ["float32", [2, 2], [[1, 0], [2, 3]]], // prettier-ignore
    });
  });

  test("refuses what does not fit together", () => {
    expect(() => concatExamples([])).toThrow(ValueError);
    expect(() => concatExamples([array([1]), array([1, 2])])).toThrow("give padding");
    expect(() => concatExamples([array([1]), array([[1]])], { padding: 0 })).toThrow("numbers of axes");
    expect(() => concatExamples(["a", "b"])).toThrow(InvalidType);
    expect(() => concatExamples([[1, 2], [3]])).toThrow(InvalidType);
  });
});
