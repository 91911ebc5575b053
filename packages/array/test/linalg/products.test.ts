import { describe, expect, test } from "@jest/globals";
import { fc } from "../../../../testing/property.js";
import * as nx from "../../src/index.js";
import { devices } from "../devices.js";

describe.each(devices)("products on %s", (device) => {
  const array = (values: nx.ArrayLikeValue, dtype?: nx.DType): nx.NdArray => nx.array(values, { dtype, device });

  test("matmul of transposed, sliced and reversed views", async () => {
    const a = array([
      [1, 2, 3],
      [4, 5, 6],
    ]);
    const b = array([
      [1, 0, 2, 0],
      [0, 0, 1, 0],
      [3, 0, 0, 0],
    ]);
    const view = b.get(nx.slice(), nx.slice(null, null, 2));
    expect(await nx.matmul(a, view).tolist()).toEqual([
      [10, 4],
      [22, 13],
    ]);
    expect(await nx.matmul(a.T, a).tolist()).toEqual([
      [17, 22, 27],
      [22, 29, 36],
      [27, 36, 45],
    ]);
    expect(await nx.matmul(a.get(nx.slice(null, null, -1)), view.get(nx.slice(null, null, -1))).tolist()).toEqual([
      [18, 17],
      [6, 8],
    ]);
    expect(await nx.dot(a, array([1, 1, 1])).tolist()).toEqual([6, 15]);
    expect(await nx.einsum("ij,kj->ik", a, a).tolist()).toEqual([
      [14, 32],
      [32, 77],
    ]);
  });

  test("matmulInto: the linear layer's bias and activation", async () => {
    const x = array([
      [1, -2],
      [3, 4],
    ]);
    const w = array([
      [1, 2],
      [-1, 0.5],
    ]);
    const bias = array([1, -10]);
    expect(await nx.matmulInto(x, w.T, { bias }).tolist()).toEqual([
      [-2, -12],
      [12, -11],
    ]);
    expect(await nx.matmulInto(x, w.T, { bias, activation: "relu" }).tolist()).toEqual([
      [0, 0],
      [12, 0],
    ]);
    const out = nx.ones([2, 2], { device });
    expect(nx.matmulInto(x, w.T, { out, accumulate: true })).toBe(out);
    expect(await out.tolist()).toEqual([
      [-2, -1],
      [12, 0],
    ]);
  });
});

describe("bad input", () => {
  const x = nx.ones([2, 3]);

  test("shapes, dtypes and options of matmul and matmulInto", () => {
    expect(() => nx.matmul(x, x)).toThrow(/shapes \(2, 3\) and \(2, 3\) do not fit: 3 columns, 2 rows/);
    expect(() => nx.matmul(nx.array(1), x)).toThrow(nx.ValueError);
    expect(() => nx.matmul(nx.ones([2, 2, 3]), nx.ones([3, 3, 2]))).toThrow(nx.ValueError);
    expect(() => nx.matmul(x, 2 as unknown as nx.NdArray)).toThrow(nx.InvalidType);
    expect(() => nx.matmulInto(x, nx.ones([3, 2], { dtype: "float64" }))).toThrow(nx.InvalidType);
    expect(() => nx.matmulInto(x, x.T, { bias: nx.ones([3]) })).toThrow(nx.ValueError);
    expect(() => nx.matmulInto(x, x.T, { out: nx.zeros([2, 3]) })).toThrow(nx.ValueError);
    expect(() => nx.matmulInto(x, x.T, { accumulate: true })).toThrow(nx.ValueError);
    expect(() => nx.matmulInto(x, nx.ones([3, 2], { device: "js" }))).toThrow(nx.DeviceError);
    expect(() => nx.matmul(x, x.T, { out: nx.zeros([2, 2], { dtype: "int32" }) })).toThrow(nx.InvalidType);
    expect(() => nx.matmul(x, x.T, { out: nx.zeros([4]) })).toThrow(nx.ValueError);
  });

  test("axes of tensordot, subscripts of einsum, diagonals, vectors of other lengths", () => {
    expect(() => nx.tensordot(x, x, 3)).toThrow(nx.ValueError);
    expect(() => nx.tensordot(x, x, [[0], [1]])).toThrow(nx.ValueError);
    expect(() =>
      nx.tensordot(x, x, [
        [0, 0],
        [0, 0],
      ]),
    ).toThrow(nx.ValueError);
    expect(() => nx.einsum("ij")).toThrow(nx.ValueError);
    expect(() => nx.einsum("i.j", x)).toThrow(nx.ValueError);
    expect(() => nx.einsum("ij->ij->j", x)).toThrow(nx.ValueError);
    expect(() => nx.einsum("ij,jk->ik", x, x)).toThrow(/axes "j" .* have lengths 3 and 2/);
    expect(() => nx.trace(x, { axis1: 1, axis2: -1 })).toThrow(nx.ValueError);
    expect(() => nx.cross(nx.ones([4]), nx.ones([4]))).toThrow(nx.ValueError);
    expect(() => nx.norm(x, { ord: 3 })).toThrow(nx.ValueError);
    expect(() => nx.norm(nx.ones([3]), { ord: "fro" })).toThrow(nx.ValueError);
    expect(() => nx.norm(x, { ord: 1, axis: [0, 0] })).toThrow(nx.ValueError);
  });
});

test("out: the result's dtype widens, an operand may be the result", () => {
  const x = nx.array([
    [1, 2],
    [3, 4],
  ]);
  const wide = nx.zeros([2, 2], { dtype: "float64" });
  expect(nx.matmul(x, x, { out: wide })).toBe(wide);
  expect(wide.tolistSync()).toEqual([
    [7, 10],
    [15, 22],
  ]);
  nx.dot(x, x, { out: x });
  expect(x.tolistSync()).toEqual([
    [7, 10],
    [15, 22],
  ]);
  expect(nx.outer(nx.array([1, 2]), nx.array([3, 4]), { out: x }).tolistSync()).toEqual([
    [3, 4],
    [6, 8],
  ]);
});

test("cross products of vectors of two and three components", () => {
  const [flat, solid] = [nx.array([1, 2]), nx.array([3, 4, 5])];
  expect(nx.cross(flat, nx.array([3, 4])).itemSync()).toBe(-2);
  expect(nx.cross(flat, solid).tolistSync()).toEqual([10, -5, -2]);
  expect(nx.cross(solid, flat).tolistSync()).toEqual([-10, 5, 2]);
});

const length = fc.integer({ min: 0, max: 4 });
const values = (shape: readonly number[], seed: number): nx.NdArray => {
  const count = shape.reduce((a, b) => a * b, 1);
  return nx.array(Float64Array.from({ length: count }, (_, i) => ((i * 7 + seed) % 11) - 5)).reshape(shape);
};

test("einsum: any two operands, against plain loops", () => {
  const label = fc.constantFrom("a", "b", "c", "d");
  fc.assert(
    fc.property(
      fc.array(label, { maxLength: 3 }),
      fc.array(label, { maxLength: 3 }),
      fc.array(label, { maxLength: 4 }),
      fc.record({ a: length, b: length, c: length, d: length }),
      (left, right, wanted, sizes) => {
        const output = [...new Set(wanted)].filter((l) => left.includes(l) || right.includes(l));
        const shapeOf = (labels: readonly string[]): number[] => labels.map((l) => sizes[l as keyof typeof sizes]);
        const [x, y] = [values(shapeOf(left), 1), values(shapeOf(right), 2)];
        const result = nx.einsum(`${left.join("")},${right.join("")}->${output.join("")}`, x, y);
        expect(result.shape).toEqual(shapeOf(output));
        expect(Array.from(result.dataSync(), (v) => v + 0)).toEqual(contraction(left, right, output, sizes, x, y));
      },
    ),
    { numRuns: 300 },
  );
});

/** The sum over all labels, as its definition says. */
function contraction(
  left: readonly string[],
  right: readonly string[],
  output: readonly string[],
  sizes: Readonly<Record<string, number>>,
  x: nx.NdArray,
  y: nx.NdArray,
): number[] {
  const labels = [...new Set([...output, ...left, ...right])];
  const [xs, ys] = [x.dataSync(), y.dataSync()];
  const result = new Array<number>(output.reduce((n, l) => n * (sizes[l] as number), 1)).fill(0);
  const at: Record<string, number> = {};
  const position = (of: readonly string[]): number =>
    of.reduce((p, l) => p * (sizes[l] as number) + (at[l] as number), 0);
  const visit = (depth: number): void => {
    const name = labels[depth];
    if (name === undefined) {
      const to = position(output);
      result[to] = (result[to] as number) + (xs[position(left)] as number) * (ys[position(right)] as number);
      return;
    }
    for (let i = 0; i < (sizes[name] as number); i++) {
      at[name] = i;
      visit(depth + 1);
    }
  };
  visit(0);
  return result;
}

test("matmul broadcasts batches as the product of every pair does", () => {
  fc.assert(
    fc.property(fc.array(fc.constantFrom(1, 2, 3), { maxLength: 2 }), length, length, length, (batch, m, k, n) => {
      const a = values([...batch, m, k], 3);
      const b = values([...batch.map(() => 1), k, n], 4);
      const whole = nx.matmul(a, b);
      expect(whole.shape).toEqual([...batch, m, n]);
      const first = batch.map(() => -1);
      if (batch.every((size) => size > 0)) {
        const [x, y] = [a.get(...first), b.get(...batch.map(() => 0))];
        expect(whole.get(...first).tolistSync()).toEqual(nx.einsum("ij,jk->ik", x, y).tolistSync());
      }
    }),
  );
});
