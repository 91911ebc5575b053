import { array, registerBackend, type NdArray } from "@chain/array";
import { hostKernels, type Node } from "@chain/array/backend";
import { add, cast, elementwise, idiv, index, mul } from "@chain/array/kernel";
import { describe, expect, test } from "@jest/globals";
import { integerNodes, staysExact, type Interval } from "../src/bounds.js";
import { createGpuJsBackend } from "../src/index.js";

const parameter = (i: number): Node => ({ kind: "parameter", type: "int32", index: i });
const operation = (op: "add" | "sub" | "mul" | "neg" | "abs" | "max" | "idiv" | "shl", ...args: Node[]): Node => ({
  kind: "op",
  op,
  type: "int32",
  args,
});

describe("integers stay exact", () => {
  const [x, y] = [parameter(0), parameter(1)];
  const exact = (node: Node, ...intervals: Interval[]): boolean =>
    staysExact(integerNodes([node]), (leaf) => intervals[leaf.kind === "parameter" ? leaf.index : 0] as Interval);

  test.each<[string, Node, Interval, Interval, boolean]>([
    ["sums below 2^24", operation("add", x, y), [0, 2 ** 23], [0, 2 ** 23], true],
    ["sums beyond", operation("add", x, y), [0, 2 ** 23], [0, 2 ** 23 + 1], false],
    ["differences", operation("sub", x, y), [-(2 ** 23), 0], [0, 2 ** 23 + 1], false],
    ["products of numbers of any sign", operation("mul", x, y), [-4096, 10], [-4096, 4096], true],
    ["products beyond", operation("mul", x, y), [-4096, 10], [-4097, 4097], false],
    ["what is large on the way", operation("idiv", operation("mul", x, y), y), [0, 2 ** 20], [0, 2 ** 20], false],
    ["operands that are too large themselves", operation("abs", x), [-(2 ** 25), 0], [0, 0], false],
    ["the larger of two", operation("max", operation("neg", x), y), [0, 2 ** 24], [0, 1], true],
    ["operations that are not known", operation("shl", x, y), [0, 1], [0, 1], false],
  ])("%s", (_, node, first, second, expected) => {
    expect(exact(node, first, second)).toBe(expected);
  });

  test("shared nodes are looked at once", () => {
    let node: Node = x;
    for (let i = 0; i < 60; i++) node = operation("sub", node, node);
    expect(integerNodes([node])).toHaveLength(61);
    expect(exact(node, [0, 0])).toBe(true);
  });
});

describe("kernels of floats that count", () => {
  registerBackend("counting", () => createGpuJsBackend({ name: "counting", mode: "cpu" }));
  const table = elementwise("table_at", { buffers: ["values"] }, (x, { values }) =>
    add(x, values.at(add(mul(idiv(index, 2), 2), 1))),
  );
  const product = elementwise("product_of_ints", (x, y) => cast(mul(x, y), "float32"));
  const ran = (x: NdArray): string[] => hostKernels(x.storage.backend).filter((id) => /table_at|product_of/.test(id));
  const ints = (...values: number[]): NdArray => array(values, { dtype: "int32", device: "counting" });

  test("run in gpu.js as long as that is exact, and on the host beyond", async () => {
    const x = array([0, 0, 0, 0], { device: "counting" });
    expect(await table(x, { values: array([1, 2, 3, 4], { device: "counting" }) }).tolist()).toEqual([2, 2, 4, 4]);
    expect(await product(ints(4096, -3), ints(4096, 7)).tolist()).toEqual([2 ** 24, -21]);
    expect(ran(x)).toEqual([]);
    // 4097 · 4097 = 16785409 is odd and beyond 2^24: rounded to float32 once, to the even neighbour.
    expect(await product(ints(4097, 65_537), ints(4097, 65_537)).tolist()).toEqual([16_785_408, 131_073]);
    expect(ran(x)).toEqual(["product_of_ints(int32 contiguous, int32 contiguous)"]);
  });
});
