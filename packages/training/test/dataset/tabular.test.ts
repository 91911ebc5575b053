import { array, IndexError, NdArray, slice, ValueError } from "@chain/array";
import { describe, expect, test } from "@jest/globals";
import { fc } from "../../../../testing/property.js";
import { concatExamples, SerialIterator, tabular, TransformDataset } from "../../src/index.js";
import type { ColumnValues } from "../../src/dataset/tabular/index.js";
import { nextBatch } from "../../src/dataset/next-batch.js";

const x = array([[0, 1], [10, 11], [20, 21], [30, 31]]); // prettier-ignore
const t = Int32Array.of(5, 6, 7, 8);
const names = ["a", "b", "c", "d"];

function table() {
  return tabular.fromData({ x, t, name: names, square: (i: number) => i * i });
}

/** Numbers instead of arrays. */
function plain(value: unknown): unknown {
  if (value instanceof NdArray) return value.tolistSync();
  if (ArrayBuffer.isView(value)) return [...(value as Int32Array)];
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, plain(item)]));
}

/** Compiles only where the type is the one that is named. */
function typed<T>(value: T): T {
  return value;
}

describe("examples and columns", () => {
  test("of a dictionary are dictionaries", () => {
    const data = table();
    expect([data.length, data.keys, data.mode]).toEqual([4, ["x", "t", "name", "square"], "dict"]);
    const example = typed<{ x: NdArray; t: number; name: string; square: number }>(data.getExample(2));
    expect(plain(example)).toEqual({ x: [20, 21], t: 7, name: "c", square: 4 });
    expect(plain(data.at(-1))).toEqual({ x: [30, 31], t: 8, name: "d", square: 9 });
    expect(() => data.at(4)).toThrow(IndexError);
    const columns = typed<{ x: NdArray; t: Int32Array; name: readonly string[] }>(data.fetch());
    expect(columns.x).toBe(x);
    expect(columns.t).toBe(t);
    expect(plain(columns)).toEqual({ x: x.tolistSync(), t: [5, 6, 7, 8], name: names, square: [0, 1, 4, 9] });
    expect([...data].map(({ name }) => name)).toEqual(names);
  });

  test("of arrays are lists; of one column, its values", () => {
    const pair = tabular.fromArrays(x, t);
    expect([pair.keys, pair.mode]).toEqual([["0", "1"], "tuple"]);
    const [row, label] = typed<[NdArray, number]>(pair.getExample(1));
    expect([plain(row), label]).toEqual([[10, 11], 6]);
    const single = tabular.fromData(names);
    expect([single.mode, typed<string>(single.getExample(1)), single.fetch()]).toEqual([null, "b", names]);
  });

  test("may be put together otherwise", () => {
    expect(plain(table().astuple().getExample(0))).toEqual([[0, 1], 5, "a", 0]);
    expect(plain(tabular.fromArrays(t, names).asdict().getExample(0))).toEqual({ 0: 5, 1: "a" });
    expect(tabular.fromData(t).astuple().getExample(3)).toEqual([8]);
    expect(tabular.fromData(t).asdict().fetch()).toEqual({ 0: t });
  });

  test("are as many as is said where functions compute all", () => {
    const squares = tabular.fromData({ n: (i) => i, square: (i) => i * i }, { size: 3 });
    expect(squares.astuple().fetch()).toEqual([
      [0, 1, 2],
      [0, 1, 4],
    ]);
    expect(() => tabular.fromData({ n: (i) => i })).toThrow("a table of functions alone needs a size");
  });

  test("are not made of columns of different lengths, of none, or of numbers", () => {
    expect(() => tabular.fromData({ t, other: [1, 2] })).toThrow("have to be equally long, got lengths 4, 2");
    expect(() => tabular.fromArrays(t, [1])).toThrow("columns of a table must be equally long, got lengths 4, 1");
    expect(() => tabular.fromData({ t, other: (i) => i }, { size: 3 })).toThrow(ValueError);
    expect(() => tabular.fromArrays()).toThrow("at least one column");
    expect(() => tabular.fromData({})).toThrow(ValueError);
    expect(() => tabular.fromData({ x: array(1) })).toThrow("at least one axis");
  });
});

describe("slice", () => {
  const rows = (found: tabular.TabularDataset<never, never> | { fetch(): unknown }): unknown => plain(found.fetch());

  test("takes rows as NumPy does", () => {
    const data = tabular.fromData({ x, t });
    const wanted: [tabular.Rows, number[]][] = [
      [slice(1, 3), [1, 2]],
      [slice(null, null, -2), [3, 1]],
      [[2, 0, -1, 2], [2, 0, 3, 2]],
      [Int32Array.of(1), [1]],
      [[true, false, false, true], [0, 3]],
      [[], []],
    ]; // prettier-ignore
    for (const [index, places] of wanted) {
      const part = data.slice(index);
      expect(part.length).toBe(places.length);
      expect(rows(part)).toEqual({ x: places.map((i) => [10 * i, 10 * i + 1]), t: places.map((i) => i + 5) });
      expect([...part].map(plain)).toEqual(places.map((i) => ({ x: [10 * i, 10 * i + 1], t: i + 5 })));
    }
    expect(rows(data.slice([3, 2, 1]).slice([2, -1]).slice(slice(1)))).toEqual({ x: [[10, 11]], t: [6] });
    for (const outside of [[4], [-5], [0.5]]) expect(() => data.slice(outside)).toThrow(IndexError);
    expect(() => data.slice([true])).toThrow("a mask of 1 booleans does not fit 4 rows");
  });

  test("takes columns, in an order of their own, or one by itself", () => {
    const two = table().slice(slice(0, 1), ["name", "x"]);
    expect([two.keys, two.mode]).toEqual([["name", "x"], "dict"]);
    const [name, row] = typed<[string, NdArray]>(two.astuple().getExample(0));
    expect([name, plain(row)]).toEqual(["a", [0, 1]]);
    const one = table().slice(null, "t");
    expect([one.mode, one.keys, typed<number>(one.getExample(1)), one.fetch()]).toEqual([null, ["t"], 6, t]);
    expect(one.slice(null, ["t"]).mode).toBe("tuple");
    expect(() => table().slice(null, "X" as "x")).toThrow('no column "X"; the keys are x, t, name, square');
  });

  test("computes nothing that is not asked for", () => {
    const asked: number[] = [];
    const data = tabular.fromData({ t, slow: (i: number) => asked.push(i) });
    data.slice([1, 2], ["t"]).fetch();
    expect(asked).toEqual([]);
    data.slice([1, 2]).fetch();
    expect(asked).toEqual([1, 2]);
  });
});

describe("concat", () => {
  test("puts tables below each other; columns stay what they are", () => {
    const one = tabular.fromData({ x, t, name: names });
    const all = one.concat(one.slice([3]), one.slice([]), one.slice([1, 0]));
    expect([all.length, all.mode]).toEqual([7, "dict"]);
    const columns = all.fetch();
    expect([columns.x.shape, columns.t, columns.name]).toEqual([
      [7, 2],
      Int32Array.of(5, 6, 7, 8, 8, 6, 5),
      "abcddba".split(""),
    ]);
    expect([...all].map(({ t: label }) => label)).toEqual([5, 6, 7, 8, 8, 6, 5]);
    const picked = all.slice([6, 0, 4, 6, 5]).fetch();
    expect(plain(picked)).toEqual({
      x: [[0, 1], [0, 1], [30, 31], [0, 1], [10, 11]],
      t: [5, 5, 8, 5, 6],
      name: "aadab".split(""),
    }); // prettier-ignore
    expect(plain(all.slice([]).fetch())).toEqual({ x: [], t: [], name: [] });
  });

  test("makes lists where kinds differ, and needs equal keys", () => {
    const lists = tabular.fromData<{ t: ColumnValues }>({ t: [1, 2] });
    const mixed = lists.concat(tabular.fromData<{ t: ColumnValues }>({ t }));
    expect(mixed.fetch()).toEqual({ t: [1, 2, 5, 6, 7, 8] });
    const other = tabular.fromData({ other: t }) as unknown as typeof lists;
    expect(() => lists.concat(other)).toThrow("have to be the same: (t) and (other)");
  });
});

describe("join", () => {
  test("puts tables side by side", () => {
    const all = tabular.fromData(x).join(tabular.fromData({ t, name: names }));
    expect([all.keys, all.mode, all.length]).toEqual([["0", "t", "name"], "tuple", 4]);
    expect(plain(all.getExample(1))).toEqual([[10, 11], 6, "b"]);
    expect(plain(all.slice([0], ["name", "0", "t"]).fetch())).toEqual([["a"], [[0, 1]], [5]]);
    expect(tabular.fromData({ t }).join(tabular.fromData(names)).getExample(0)).toEqual({ t: 5, 0: "a" });
  });

  test("needs equal lengths and different keys", () => {
    expect(() => tabular.fromData(t).join(tabular.fromData({ t: [1] }))).toThrow("got lengths 4, 1");
    expect(() => tabular.fromData({ t }).join(tabular.fromData({ t }))).toThrow('there are two "t"');
  });
});

describe("transform", () => {
  test("makes columns of examples", () => {
    const data = tabular.fromArrays(x, t).transform(["sum", "label"], ([row, label]) => [row.sum(), `class ${label}`]);
    expect([data.mode, data.keys]).toEqual(["tuple", ["sum", "label"]]);
    const [sum, label] = typed<[NdArray, string]>(data.getExample(1));
    expect([plain(sum), label]).toEqual([21, "class 6"]);
    expect(plain(data.slice([0, 3]).fetch())).toEqual([[1, 61], ["class 5", "class 8"]]); // prettier-ignore
    const one = table().transform("upper", ({ name }) => name.toUpperCase());
    expect([one.mode, typed<string>(one.getExample(0)), one.fetch()]).toEqual([null, "A", ["A", "B", "C", "D"]]);
  });

  test("of batches makes columns of columns", () => {
    const shapes: number[][] = [];
    const data = tabular.fromArrays(x, t).transformBatch(["y", "t"], ([rows, labels]) => {
      shapes.push([...rows.shape]);
      return [rows.mul(2), labels];
    });
    const [y, codes] = data.slice([3, 1]).fetch();
    expect([plain(typed<NdArray>(y)), typed<Int32Array>(codes)]).toEqual([[[60, 62], [20, 22]], Int32Array.of(8, 6)]); // prettier-ignore
    expect(plain(data.getExample(0))).toEqual([[0, 2], 5]);
    expect(shapes).toEqual([[2, 2], [1, 2]]); // prettier-ignore
    const one = table().transformBatch("t", (columns) => columns.t.map((label) => -label));
    expect(one.slice([1]).fetch()).toEqual(Int32Array.of(-6));
  });

  test("is told when it gives something else than it has promised", () => {
    const short = tabular.fromData(t).transform(["a", "b"], () => [1] as unknown as [number, number]);
    expect(() => short.fetch()).toThrow(
      "transform has to give a list with an item for each of the keys a, b, and gave a list of 1",
    );
    const longer = tabular.fromData(t).transformBatch("a", () => [1, 2]);
    expect(() => longer.fetch()).toThrow("as many values as it was given, 4, and gave 2");
  });
});

describe("minibatches", () => {
  test("are taken column by column, and equal those of examples", () => {
    const taken: number[] = [];
    const numbers = tabular.fromData({ x, t, half: (i: number) => i / 2 }).astuple();
    const data = numbers.transformBatch(["x", "t", "half"], (columns) => {
      taken.push(columns[0]?.length ?? 0);
      return columns as readonly [NdArray, Int32Array, readonly number[]];
    });
    const batches = [0, 1].map(() => nextBatch(new SerialIterator(data, 3, { shuffle: false }), concatExamples, {}));
    expect(taken).toEqual([3, 3]);
    const [rows, labels, halves] = batches[0] as NdArray[];
    expect([rows?.dtype, labels?.dtype, halves?.dtype]).toEqual(["float32", "int32", "float32"]);
    const examples = concatExamples(new SerialIterator(numbers, 3, { shuffle: false }).next()) as NdArray[];
    expect(plain(batches[0])).toEqual(plain(examples));
    const dictionary = nextBatch(
      new SerialIterator(tabular.fromData({ x, t }), 4, { shuffle: false }),
      concatExamples,
      {},
    );
    expect(plain(dictionary)).toEqual({ x: x.tolistSync(), t: [5, 6, 7, 8] });
    expect(plain(tabular.fromData(x).gather(Int32Array.of(1)))).toEqual([[10, 11]]);
  });

  test("are what a converter makes, in views of the same columns", () => {
    const data = tabular.fromArrays(x, names).withConverter(([rows, texts]) => [
      rows,
      array(
        texts.map((text) => text.charCodeAt(0)),
        { dtype: "int32" },
      ),
    ]);
    const codes = (view: { gather(indices: Int32Array): unknown }): unknown =>
      (plain(view.gather(Int32Array.of(0, 1))) as unknown[])[1];
    expect(codes(data)).toEqual([97, 98]);
    expect(codes(data.slice([2, 3]))).toEqual([99, 100]);
    expect(codes(data.slice([3]).concat(data))).toEqual([100, 97]);
    expect(() => codes(data.slice(null, ["0", "1"]))).toThrow("concatExamples");
  });

  test("of texts are refused", () => {
    expect(() => tabular.fromData(names).gather(Int32Array.of(0))).toThrow("concatExamples");
  });
});

test("views of views of views give the rows that a list of rows would", () => {
  type Row = { a: string; b: number; c: number };
  type Table = ReturnType<typeof tableOf>;
  const tableOf = (rows: readonly Row[]) =>
    tabular.fromData({
      a: rows.map((row) => row.a),
      b: Int32Array.from(rows, (row) => row.b),
      c: array(rows.map((row) => row.c)),
    });
  const step = fc.oneof(
    fc.record({
      kind: fc.constant("range" as const),
      start: fc.integer({ min: -6, max: 6 }),
      by: fc.constantFrom(1, 2, -1),
    }),
    fc.record({ kind: fc.constant("rows" as const), rows: fc.array(fc.nat(), { maxLength: 6 }) }),
    fc.record({ kind: fc.constant("twice" as const), rows: fc.array(fc.nat(), { maxLength: 3 }) }),
    fc.record({ kind: fc.constant("columns" as const) }),
  );
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 5 }), fc.array(step, { maxLength: 5 }), (count, steps) => {
      let rows: Row[] = Array.from({ length: count }, (_, i) => ({ a: `row ${i}`, b: i, c: i / 2 }));
      let data: Table = tableOf(rows);
      for (const change of steps) {
        const within = (wanted: readonly number[]): number[] =>
          wanted.map((row) => row % rows.length).filter((row) => row >= 0);
        if (change.kind === "range") {
          data = data.slice(slice(change.start, null, change.by));
          const { count: length, start, step: by } = slice(change.start, null, change.by).resolve(rows.length);
          rows = Array.from({ length }, (_, i) => rows[start + i * by] as Row);
        } else if (change.kind === "rows") {
          const wanted = within(change.rows);
          data = data.slice(wanted);
          rows = wanted.map((row) => rows[row] as Row);
        } else if (change.kind === "twice") {
          const wanted = within(change.rows);
          data = data.slice(wanted).concat(data);
          rows = [...wanted.map((row) => rows[row] as Row), ...rows];
        } else {
          data = data.slice(null, ["b"]).join(data.slice(null, ["c", "a"]));
        }
      }
      expect(data.length).toBe(rows.length);
      expect(Array.from(data, ({ a, b, c }) => ({ a, b, c: c.itemSync() }))).toEqual(rows);
      const { a, b, c } = data.fetch();
      expect([a, [...b], plain(c)]).toEqual([
        rows.map((row) => row.a),
        rows.map((row) => row.b),
        rows.map((row) => row.c),
      ]);
    }),
  );
});

test("DelegateDataset is the base of data sets that are tables", () => {
  class Squares extends tabular.DelegateDataset<readonly [readonly ["n", readonly number[]]], null> {
    constructor(size: number) {
      super(tabular.fromData({ n: (i: number) => i * i }, { size }).slice(null, "n"));
    }
  }
  const squares = new Squares(4);
  expect([...squares]).toEqual([0, 1, 4, 9]);
  expect(squares.slice(slice(2)).fetch()).toEqual([4, 9]);
  expect([...new TransformDataset(squares, (n) => -n)]).toEqual([-0, -1, -4, -9]);
});
