import { array, InvalidType, ValueError, type NdArray } from "@chain/array";
import { Variable } from "@chain/autograd";
import * as F from "@chain/autograd/functions";
import { describe, expect, test } from "@jest/globals";
import { checkGradients, elements, expectElements, inLayouts, numbers } from "../support.js";

/** Where each element of the result comes from, found by running the function on element numbers. */
interface Case {
  readonly name: string;
  readonly fn: (x: Variable) => Variable;
  readonly shape: readonly number[];
  readonly expected: readonly number[];
  /** Element numbers of `x` in the order of the result. */
  readonly order: readonly number[];
}

const cases: readonly Case[] = [
  { name: "expandDims", fn: (x) => F.expandDims(x, 1), shape: [2, 3], expected: [2, 1, 3], order: [0, 1, 2, 3, 4, 5] },
  { name: "expandDims at the end", fn: (x) => F.expandDims(x, -1), shape: [2], expected: [2, 1], order: [0, 1] },
  { name: "flatten", fn: F.flatten, shape: [2, 3], expected: [6], order: [0, 1, 2, 3, 4, 5] },
  { name: "flatten of 0-d", fn: F.flatten, shape: [], expected: [1], order: [0] },
  { name: "reshape", fn: (x) => F.reshape(x, [3, -1]), shape: [2, 3], expected: [3, 2], order: [0, 1, 2, 3, 4, 5] },
  { name: "squeeze", fn: (x) => F.squeeze(x), shape: [1, 2, 1], expected: [2], order: [0, 1] },
  {
    name: "squeeze of one axis",
    fn: (x) => F.squeeze(x, { axis: -1 }),
    shape: [1, 2, 1],
    expected: [1, 2],
    order: [0, 1],
  },
  {
    name: "squeeze of two axes",
    fn: (x) => F.squeeze(x, { axis: [0, 2] }),
    shape: [1, 2, 1],
    expected: [2],
    order: [0, 1],
  },
  { name: "transpose", fn: (x) => F.transpose(x), shape: [2, 3], expected: [3, 2], order: [0, 3, 1, 4, 2, 5] },
  {
    name: "transpose with axes",
    fn: (x) => F.transpose(x, { axes: [1, -1, 0] }),
    shape: [2, 2, 2],
    expected: [2, 2, 2],
    order: [0, 4, 1, 5, 2, 6, 3, 7],
  },
  { name: "swapaxes", fn: (x) => F.swapaxes(x, 0, -1), shape: [2, 3], expected: [3, 2], order: [0, 3, 1, 4, 2, 5] },
  {
    name: "moveaxis",
    fn: (x) => F.moveaxis(x, 0, -1),
    shape: [2, 1, 3],
    expected: [1, 3, 2],
    order: [0, 3, 1, 4, 2, 5],
  },
  {
    name: "moveaxis of two",
    fn: (x) => F.moveaxis(x, [0, 1], [2, 0]),
    shape: [2, 1, 3],
    expected: [1, 3, 2],
    order: [0, 3, 1, 4, 2, 5],
  },
  { name: "rollaxis", fn: (x) => F.rollaxis(x, 2), shape: [2, 1, 3], expected: [3, 2, 1], order: [0, 3, 1, 4, 2, 5] },
  {
    name: "rollaxis to the end",
    fn: (x) => F.rollaxis(x, 0, { start: 3 }),
    shape: [2, 1, 3],
    expected: [1, 3, 2],
    order: [0, 3, 1, 4, 2, 5],
  },
  { name: "flip", fn: (x) => F.flip(x, -1), shape: [2, 3], expected: [2, 3], order: [2, 1, 0, 5, 4, 3] },
  { name: "fliplr", fn: F.fliplr, shape: [2, 2, 1], expected: [2, 2, 1], order: [1, 0, 3, 2] },
  { name: "flipud", fn: F.flipud, shape: [2, 3], expected: [2, 3], order: [3, 4, 5, 0, 1, 2] },
  { name: "diagonal", fn: (x) => F.diagonal(x), shape: [2, 3], expected: [2], order: [0, 4] },
  { name: "diagonal above", fn: (x) => F.diagonal(x, { offset: 1 }), shape: [3, 3], expected: [2], order: [1, 5] },
  {
    name: "diagonal of other axes",
    fn: (x) => F.diagonal(x, { offset: -1, axis1: 1, axis2: 2 }),
    shape: [2, 2, 2],
    expected: [2, 1],
    order: [2, 6],
  },
  { name: "broadcastTo", fn: (x) => F.broadcastTo(x, [2, 3]), shape: [3], expected: [2, 3], order: [0, 1, 2, 0, 1, 2] },
  { name: "repeat", fn: (x) => F.repeat(x, 2), shape: [2, 1], expected: [4], order: [0, 0, 1, 1] },
  {
    name: "repeat along an axis",
    fn: (x) => F.repeat(x, 2, { axis: 1 }),
    shape: [2, 2],
    expected: [2, 4],
    order: [0, 0, 1, 1, 2, 2, 3, 3],
  },
  {
    name: "repeat unevenly",
    fn: (x) => F.repeat(x, [2, 0, 1], { axis: -1 }),
    shape: [2, 3],
    expected: [2, 3],
    order: [0, 0, 2, 3, 3, 5],
  },
  { name: "repeat not at all", fn: (x) => F.repeat(x, 0, { axis: 0 }), shape: [2, 2], expected: [0, 2], order: [] },
  { name: "tile", fn: (x) => F.tile(x, 2), shape: [2, 2], expected: [2, 4], order: [0, 1, 0, 1, 2, 3, 2, 3] },
  {
    name: "tile with more axes",
    fn: (x) => F.tile(x, [2, 1, 2]),
    shape: [2],
    expected: [2, 1, 4],
    order: [0, 1, 0, 1, 0, 1, 0, 1],
  },
  {
    name: "asStrided",
    fn: (x) => F.asStrided(x, [3, 2], [1, 2], { storageOffset: 1 }),
    shape: [2, 3],
    expected: [3, 2],
    order: [1, 3, 2, 4, 3, 5],
  },
  {
    name: "asStrided backwards",
    fn: (x) => F.asStrided(x, [3], [-2], { storageOffset: 5 }),
    shape: [6],
    expected: [3],
    order: [5, 3, 1],
  },
  {
    name: "depth2space",
    fn: (x) => F.depth2space(x, 2),
    shape: [1, 4, 1, 2],
    expected: [1, 1, 2, 4],
    order: [0, 2, 1, 3, 4, 6, 5, 7],
  },
  {
    name: "space2depth",
    fn: (x) => F.space2depth(x, 2),
    shape: [1, 1, 2, 4],
    expected: [1, 4, 1, 2],
    order: [0, 2, 1, 3, 4, 6, 5, 7],
  },
  {
    name: "permutate",
    fn: (x) => F.permutate(x, [2, 0, 1]),
    shape: [3, 2],
    expected: [3, 2],
    order: [4, 5, 0, 1, 2, 3],
  },
  {
    name: "permutate, inverse",
    fn: (x) => F.permutate(x, [2, 0, 1], { axis: 1, inv: true }),
    shape: [2, 3],
    expected: [2, 3],
    order: [1, 2, 0, 4, 5, 3],
  },
  {
    name: "pad by the edge",
    fn: (x) =>
      F.pad(
        x,
        [
          [1, 0],
          [0, 2],
        ],
        "edge",
      ),
    shape: [1, 2],
    expected: [2, 4],
    order: [0, 1, 1, 1, 0, 1, 1, 1],
  },
  {
    name: "pad by reflection",
    fn: (x) => F.pad(x, 3, "reflect"),
    shape: [3],
    expected: [9],
    order: [1, 2, 1, 0, 1, 2, 1, 0, 1],
  },
  {
    name: "pad by reflection of one element",
    fn: (x) => F.pad(x, 2, "reflect"),
    shape: [1],
    expected: [5],
    order: [0, 0, 0, 0, 0],
  },
  {
    name: "pad symmetrically",
    fn: (x) => F.pad(x, [2, 3], "symmetric"),
    shape: [2],
    expected: [7],
    order: [1, 0, 0, 1, 1, 0, 0],
  },
  {
    name: "pad by wrapping",
    fn: (x) => F.pad(x, [2, 4], "wrap"),
    shape: [3],
    expected: [9],
    order: [1, 2, 0, 1, 2, 0, 1, 2, 0],
  },
];

describe.each(cases)("$name", ({ name, fn, shape, expected, order }) => {
  test("puts every element in its place, in every layout and dtype", () => {
    const x = numbers(shape);
    const values = elements(x);
    for (const [, [laidOut]] of inLayouts([x])) {
      const y = fn(new Variable(laidOut as NdArray));
      expect([y.shape, y.dtype]).toEqual([expected, "float64"]);
      expectElements(
        y,
        order.map((i) => values[i] as number),
      );
    }
    const dtypes = name.includes("depth") ? (["float32"] as const) : (["float32", "int32", "bool"] as const);
    for (const dtype of dtypes) expect(fn(new Variable(x.astype(dtype))).dtype).toBe(dtype);
  });

  test("has the right derivatives", async () => {
    await checkGradients(fn, [numbers(shape)]);
  });
});

describe("what is refused", () => {
  const x = numbers([2, 3]);
  const wrong: [string, () => unknown][] = [
    ["expandDims", () => F.expandDims(x, 3)],
    ["reshape", () => F.reshape(x, [4])],
    ["squeeze", () => F.squeeze(x, { axis: 0 })],
    ["squeeze", () => F.squeeze(x, { axis: 2 })],
    ["swapaxes", () => F.swapaxes(x, 0, 2)],
    ["moveaxis", () => F.moveaxis(x, 2, 0)],
    ["moveaxis", () => F.moveaxis(x, [0, 1], [0])],
    ["moveaxis", () => F.moveaxis(x, [0, 0], [0, 1])],
    ["rollaxis", () => F.rollaxis(x, 2)],
    ["rollaxis", () => F.rollaxis(x, 0, { start: 3 })],
    ["flip", () => F.flip(x, 2)],
    ["fliplr", () => F.fliplr(numbers([3]))],
    ["flipud", () => F.flipud(numbers([]))],
    ["diagonal", () => F.diagonal(numbers([3]))],
    ["diagonal", () => F.diagonal(x, { axis2: 0 })],
    ["broadcastTo", () => F.broadcastTo(x, [2, 4])],
    ["repeat", () => F.repeat(x, [1, 2], { axis: 1 })],
    ["repeat", () => F.repeat(x, 2, { axis: 2 })],
    ["asStrided", () => F.asStrided(x, [4], [2])],
    ["asStrided", () => F.asStrided(x, [2], [-1])],
    ["asStrided", () => F.asStrided(x, [2], [1, 1])],
    ["depth2space", () => F.depth2space(numbers([1, 6, 2, 2]), 2)],
    ["depth2space", () => F.depth2space(x, 2)],
    ["space2depth", () => F.space2depth(numbers([1, 1, 3, 2]), 2)],
    ["permutate", () => F.permutate(x, [0])],
    ["permutate", () => F.permutate(x, numbers([2]))],
  ];
  test.each(wrong)("%s", (name, call) => {
    expect(call).toThrow(InvalidType);
    expect(call).toThrow(`${name} (forward): expected`);
  });

  const values: [string, () => unknown][] = [
    ["transpose", () => F.transpose(x, { axes: [0, 0] })],
    ["repeat", () => F.repeat(x, -1)],
    ["tile", () => F.tile(x, [-1])],
    ["permutate", () => F.permutate(x, [0, 0])],
    ["pad", () => F.pad(x, -1, "constant")],
    [
      "pad",
      () =>
        F.pad(
          x,
          [
            [1, 1],
            [1, 1],
            [1, 1],
          ],
          "constant",
        ),
    ],
    ["pad", () => F.pad(numbers([0]), 1, "edge")],
    ["pad", () => F.pad(x, 1, "median" as never)],
  ];
  test.each(values)("%s, by value", (name, call) => {
    expect(call).toThrow(ValueError);
    expect(call).toThrow(`${name}:`);
  });
});

describe("pad with constants", () => {
  test("puts them around", async () => {
    const x = array([[1, 2]], { dtype: "float64" });
    const y = F.pad(
      x,
      [
        [1, 0],
        [0, 1],
      ],
      "constant",
      { constantValues: 9 },
    );
    expect(await y.tolist()).toEqual([
      [9, 9, 9],
      [1, 2, 9],
    ]);
    expect(F.pad(x, [1, 2], "constant").shape).toEqual([4, 5]);
    expect(F.pad(x, [[1], [2]], "constant").shape).toEqual([3, 6]);
  });

  test("has the right derivatives", async () => {
    await checkGradients(
      (x) =>
        F.pad(
          x,
          [
            [1, 0],
            [2, 1],
          ],
          "constant",
          { constantValues: 3 },
        ),
      [numbers([2, 3])],
    );
  });
});

describe("permutate by an array", () => {
  test("is the same as by a list", async () => {
    const order = array([2, 0, 1], { dtype: "int32" });
    const x = numbers([3, 2]);
    expectElements(F.permutate(x, order), elements(F.permutate(x, [2, 0, 1])));
    expectElements(F.permutate(F.permutate(x, order), order, { inv: true }), elements(x));
    await checkGradients((v, i) => F.permutate(v, i.array, { inv: true }), [x], { fixed: [order] });
  });
});

test("views share memory with what they show", () => {
  const x = new Variable(numbers([2, 3]));
  for (const y of [F.transpose(x), F.flip(x, 0), F.diagonal(x), F.expandDims(x, 0), F.asStrided(x, [2], [1])]) {
    expect(y.array.storage).toBe(x.array.storage);
  }
});
