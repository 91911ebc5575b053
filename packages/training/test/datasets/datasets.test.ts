import { array, IndexError, ValueError, type NdArray } from "@chain/array";
import { describe, expect, test } from "@jest/globals";
import { concatExamples } from "../../src/dataset/concat-examples.js";
import { isGathering } from "../../src/dataset/gather.js";
import {
  ConcatenatedDataset,
  DictDataset,
  getCrossValidationDatasets,
  splitDataset,
  splitDatasetN,
  splitDatasetNRandom,
  splitDatasetRandom,
  SubDataset,
  TransformDataset,
  TupleDataset,
} from "../../src/datasets/index.js";

const letters = ["a", "b", "c", "d", "e"];

describe("TupleDataset", () => {
  const dataset = new TupleDataset(array([[1, 2], [3, 4], [5, 6]]), new Int32Array([7, 8, 9]), ["x", "y", "z"]); // prettier-ignore

  test("puts columns side by side", () => {
    const [x, label, name] = dataset.getExample(1);
    expect([x.tolistSync(), label, name]).toEqual([[3, 4], 8, "y"]);
    expect(dataset.length).toBe(3);
    expect(dataset.at(-1)[2]).toBe("z");
    expect(dataset.slice(1).map((example) => example[1])).toEqual([8, 9]);
    expect([...dataset].map((example) => example[2])).toEqual(["x", "y", "z"]);
  });

  test("refuses columns of different lengths, and none", () => {
    expect(() => new TupleDataset([1, 2], [1, 2, 3])).toThrow("2, 3");
    expect(() => new TupleDataset()).toThrow(ValueError);
    expect(() => new TupleDataset(array(1))).toThrow("0-d");
    for (const index of [3, -4, 0.5, NaN]) expect(() => dataset.at(index)).toThrow(IndexError);
  });
});

describe("gathering", () => {
  const x = array([[0, 1], [2, 3], [4, 5], [6, 7]]); // prettier-ignore
  const columns = [
    x,
    array([[0, 1], [2, 3], [4, 5], [6, 7]], { dtype: "float64" }).T.T, // prettier-ignore
    new Int32Array([3, 2, 1, 0]),
    new Uint8Array([3, 2, 1, 0]),
    [4, 5, 6, 7],
    [0.5, 1, 2, 3],
  ];
  const indices = Int32Array.of(3, 0, 0, 2);

  test("gives what converting the examples one by one gives", () => {
    const dataset = new TupleDataset(x, columns[1] as NdArray, new Int32Array([3, 2, 1, 0]));
    const gathered = dataset.gather(indices);
    const converted = concatExamples(Array.from(indices, (i) => dataset.getExample(i))) as NdArray[];
    expect(gathered.map((a) => [a.dtype, a.tolistSync()])).toEqual(converted.map((a) => [a.dtype, a.tolistSync()]));
  });

  test("keeps dtypes; lists of whole numbers are int32, others float32, whatever the minibatch", () => {
    const gathered = new TupleDataset(...columns).gather(Int32Array.of(1, 3));
    expect(gathered.map((a) => a.dtype)).toEqual(["float32", "float64", "int32", "uint8", "int32", "float32"]);
    expect(gathered[5]?.tolistSync()).toEqual([1, 3]);
    expect(gathered[0]?.tolistSync()).toEqual([[2, 3], [6, 7]]); // prettier-ignore
  });

  test("works through dictionaries and parts, not through lists of anything", () => {
    const part = new SubDataset(new DictDataset({ x, t: [1, 2, 3, 4] }), 1, 4);
    const batch = part.gather(Int32Array.of(2, 0)) as Record<string, NdArray>;
    expect(Object.entries(batch).map(([key, a]) => [key, a.tolistSync()])).toEqual([
      ["x", [[6, 7], [2, 3]]], // prettier-ignore
      ["t", [4, 2]],
    ]);
    expect(isGathering(new TupleDataset(x, letters.slice(1)))).toBe(false);
    expect(isGathering(new SubDataset(letters, 0, 2))).toBe(false);
  });
});

describe("other data sets", () => {
  test("DictDataset has examples with names", () => {
    const dataset = new DictDataset({ x: [1, 2], name: ["a", "b"] });
    expect([...dataset]).toEqual([
      { x: 1, name: "a" },
      { x: 2, name: "b" },
    ]);
    expect(() => new DictDataset({ x: [1], y: [1, 2] })).toThrow(ValueError);
  });

  test("ConcatenatedDataset goes on with the next", () => {
    const dataset = new ConcatenatedDataset(letters, [], ["f"]);
    expect([...dataset].join("")).toBe("abcdef");
    expect(dataset.length).toBe(6);
  });

  test("TransformDataset transforms when asked", () => {
    let calls = 0;
    const dataset = new TransformDataset(letters, (letter) => {
      calls++;
      return letter.toUpperCase();
    });
    expect([dataset.length, calls]).toEqual([5, 0]);
    expect([...dataset].join("")).toBe("ABCDE");
  });

  test("SubDataset is a part, in an order of its own", () => {
    expect([...new SubDataset(letters, 1, 4)].join("")).toBe("bcd");
    expect([...new SubDataset(letters, 1, 4, { order: [4, 3, 2, 1, 0] })].join("")).toBe("dcb");
    expect(() => new SubDataset(letters, 2, 6)).toThrow("does not fit");
    expect(() => new SubDataset(letters, 3, 2)).toThrow(ValueError);
    expect(() => new SubDataset(letters, 0, 2, { order: [0] })).toThrow("order");
  });
});

describe("splits", () => {
  const join = (dataset: Iterable<string>): string => [...dataset].join("");

  test("splitDataset cuts in two", () => {
    expect(splitDataset(letters, 2).map(join)).toEqual(["ab", "cde"]);
    expect(splitDataset(letters, 5).map(join)).toEqual(["abcde", ""]);
    for (const at of [-1, 6, 1.5]) expect(() => splitDataset(letters, at)).toThrow("splitAt");
  });

  test("splitDatasetN makes equal parts", () => {
    expect(splitDatasetN(letters, 2).map(join)).toEqual(["ab", "cd"]);
    expect(() => splitDatasetN(letters, 0)).toThrow(ValueError);
    expect(() => splitDatasetN(letters, 6)).toThrow(ValueError);
  });

  test("random ones lose nothing, and repeat with a seed", () => {
    const [first, second] = splitDatasetRandom(letters, 2, { seed: 3 }).map(join);
    expect([first?.length, second?.length]).toEqual([2, 3]);
    expect(`${first}${second}`.split("").toSorted().join("")).toBe("abcde");
    expect(splitDatasetRandom(letters, 2, { seed: 3 }).map(join)).toEqual([first, second]);
    const orders = new Set(
      Array.from({ length: 20 }, (_, seed) => splitDatasetRandom(letters, 2, { seed }).map(join).join()),
    );
    expect(orders.size).toBeGreaterThan(10);
    expect(splitDatasetNRandom(letters, 5, { seed: 1 }).map(join).toSorted().join("")).toBe("abcde");
  });

  test("cross validation tests on every example once", () => {
    const folds = getCrossValidationDatasets(letters, 2).map((fold) => fold.map(join));
    expect(folds).toEqual([
      ["ab", "cde"],
      ["cde", "ab"],
    ]);
    const three = getCrossValidationDatasets(letters, 3, { order: [4, 3, 2, 1, 0] });
    expect(three.map((fold) => join(fold[1]))).toEqual(["ba", "dc", "e"]);
    for (const fold of three) expect(fold.map(join).join("").split("").toSorted().join("")).toBe("abcde");
  });
});
