import { array, DeviceError, IndexError, InvalidType, openDevice, ValueError, zeros, type NdArray } from "@chain/array";
import { CooMatrix, toCoo, Variable, type VariableLike } from "@chain/autograd";
import * as F from "@chain/autograd/functions";
import { describe, expect, test } from "@jest/globals";
import { gpuDevices } from "../../../../../testing/gpu-devices.js";
import { checkGradients, elements, expectElements, integers, numbers } from "../support.js";

/** Three rows, four columns; the element in row 2 and column 1 is the sum of two, and the fourth is none. */
const [row, col, shape] = [integers([0, 2, 1, -1, 2, 0]), integers([3, 1, 0, 2, 1, 0]), [3, 4]];
const data = numbers([6], { seed: 5 });

/** The matrix written out, from elements in order. */
function written(values: readonly number[], rows: readonly number[], columns: readonly number[]): number[][] {
  const dense = Array.from({ length: 3 }, () => [0, 0, 0, 0]);
  values.forEach((value, i) => {
    const line = dense[rows[i] as number];
    if (line !== undefined && (columns[i] as number) >= 0) (line[columns[i] as number] as number) += value;
  });
  return dense;
}

const transposed = (m: number[][]): number[][] => (m[0] as number[]).map((_, j) => m.map((line) => line[j] as number));
const multiplied = (a: number[][], b: number[][]): number[][] =>
  a.map((line) => transposed(b).map((column) => line.reduce((sum, v, k) => sum + v * (column[k] as number), 0)));
const rowsOf = (x: NdArray): number[][] => x.tolistSync() as number[][];

describe.each([
  [false, false],
  [true, false],
  [false, true],
  [true, true],
])("transa %j, transb %j", (transa, transb) => {
  const sparse = written(elements(data), elements(row), elements(col));

  test("sparse times dense", async () => {
    const inner = transa ? 3 : 4;
    const b = numbers(transb ? [2, inner] : [inner, 2], { seed: 7 });
    const product = (values: VariableLike, rows: VariableLike, columns: VariableLike, dense: VariableLike): Variable =>
      F.sparseMatmul(matrix(values, rows, columns), dense, { transa, transb });
    const expected = multiplied(transa ? transposed(sparse) : sparse, transb ? transposed(rowsOf(b)) : rowsOf(b));
    expectElements(product(data, row, col, b), expected.flat());
    await checkGradients((v, d, r, c) => product(v, r, c, d), [data, b], { fixed: [row, col] });
  });

  test("dense times sparse", async () => {
    const inner = transb ? 4 : 3;
    const a = numbers(transa ? [inner, 2] : [2, inner], { seed: 8 });
    const product = (values: VariableLike, rows: VariableLike, columns: VariableLike, dense: VariableLike): Variable =>
      F.sparseMatmul(dense, matrix(values, rows, columns), { transa, transb });
    const expected = multiplied(transa ? transposed(rowsOf(a)) : rowsOf(a), transb ? transposed(sparse) : sparse);
    expectElements(product(data, row, col, a), expected.flat());
    await checkGradients((v, d, r, c) => product(v, r, c, d), [data, a], { fixed: [row, col] });
  });

  test("stacks", async () => {
    const many = numbers([2, 6], { seed: 9 });
    const [rows, columns] = [
      integers([0, 2, 1, -1, 2, 0, 1, 1, 0, 2, 2, -1], [2, 6]),
      integers([3, 1, 0, 2, 1, 0, 0, 1, 2, 3, 0, 0], [2, 6]),
    ];
    const inner = transa ? 3 : 4;
    const b = numbers(transb ? [2, 5, inner] : [2, inner, 5], { seed: 10 });
    const expected = [0, 1].map((i) => {
      const [one, dense] = [
        written(rowsOf(many)[i] as number[], rowsOf(rows)[i] as number[], rowsOf(columns)[i] as number[]),
        rowsOf(b.get(i)),
      ];
      return multiplied(transa ? transposed(one) : one, transb ? transposed(dense) : dense);
    });
    const product = (v: VariableLike, r: VariableLike, c: VariableLike, d: VariableLike): Variable =>
      F.sparseMatmul(matrix(v, r, c), d, { transa, transb });
    expectElements(product(many, rows, columns, b), expected.flat(2));
    await checkGradients((v, d, r, c) => product(v, r, c, d), [many, b], { fixed: [rows, columns] });
  });
});

function matrix(values: VariableLike, rows: VariableLike, columns: VariableLike): CooMatrix {
  const arrayOf = (x: VariableLike): NdArray => (x instanceof Variable ? x.array : x);
  return new CooMatrix(values, arrayOf(rows), arrayOf(columns), shape);
}

describe("a matrix", () => {
  test("says whether its elements want a gradient", () => {
    expect(new CooMatrix(data, row, col, shape).data.requiresGrad).toBe(false);
    const wanted = new CooMatrix(data, row, col, shape, { requiresGrad: true });
    F.sum(F.sparseMatmul(wanted, zeros([4, 2], { dtype: "float64" }))).backward();
    expectElements(wanted.data.grad as NdArray, [0, 0, 0, 0, 0, 0]);
  });

  test("with its zeros, and without them", () => {
    const dense = new CooMatrix(data, row, col, shape).toDense();
    expectElements(dense, written(elements(data), elements(row), elements(col)).flat());
    const again = toCoo(dense, { ldnz: 6, requiresGrad: true });
    expect(again.data.requiresGrad).toBe(true);
    expect(elements(again.row)).toEqual([0, 0, 1, 2, -1, -1]);
    expect(elements(again.col)).toEqual([0, 3, 0, 1, -1, -1]);
    expectElements(again.toDense(), elements(dense));
    expect(toCoo(dense, { ldnz: 1 }).data.shape).toEqual([4]);
    expect(toCoo(zeros([2, 2])).data.shape).toEqual([0]);
  });

  test("of a stack, in lists of one length", () => {
    const stack = array([
      [
        [0, 1],
        [0, 0],
      ],
      [
        [2, 0],
        [-3, 4],
      ],
    ]);
    const sparse = toCoo(stack);
    expect(sparse.data.shape).toEqual([2, 3]);
    expect(elements(sparse.data)).toEqual([1, 0, 0, 2, -3, 4]);
    expect(elements(sparse.row)).toEqual([0, -1, -1, 0, 1, 1]);
    expect(elements(sparse.toDense())).toEqual(elements(stack));
  });

  test("of no elements gives zeros", () => {
    const b = numbers([2, 3]);
    expect(elements(F.sparseMatmul(toCoo(zeros([4, 2], { dtype: "float64" })), b))).toEqual(new Array(12).fill(0));
  });
});

describe("what is refused", () => {
  const sparse = new CooMatrix(data, row, col, shape);
  test("shapes and dtypes that do not fit", () => {
    expect(() => F.sparseMatmul(sparse, numbers([3, 2]))).toThrow("got 4 != 3");
    expect(() => F.sparseMatmul(sparse, numbers([2, 4, 2]))).toThrow("dense.ndim == 2, got 3");
    expect(() => F.sparseMatmul(sparse, zeros([4, 2]))).toThrow("sparse.data.dtype == dense.dtype");
    expect(() => F.sparseMatmul(sparse, zeros([4, 2], { dtype: "int32" }))).toThrow("floating dtype");
    const stack = new CooMatrix(
      numbers([2, 1]),
      zeros([2, 1], { dtype: "int32" }),
      zeros([2, 1], { dtype: "int32" }),
      shape,
    );
    expect(() => F.sparseMatmul(stack, numbers([3, 4, 2]))).toThrow("got 2 != 3");
    expect(() => F.sparseMatmul(new CooMatrix(data, row, col, [2, 4]), numbers([4, 2]))).toThrow(IndexError);
  });

  test("two operands of one kind", () => {
    // @ts-expect-error one has to be sparse
    expect(() => F.sparseMatmul(numbers([2, 2]), numbers([2, 2]))).toThrow("got two dense ones");
    // @ts-expect-error one has to be dense
    expect(() => F.sparseMatmul(sparse, sparse)).toThrow("got two sparse ones");
  });

  test("matrices that are none", () => {
    expect(() => new CooMatrix(data, row, integers([0, 1]), shape)).toThrow(ValueError);
    expect(() => new CooMatrix(data, row, col, [3, 0])).toThrow("two whole numbers from 1 up");
    expect(() => new CooMatrix(data, numbers([6]), col, shape)).toThrow(InvalidType);
    expect(() => toCoo(numbers([3]))).toThrow("a matrix or a stack of them");
  });
});

describe.each(await gpuDevices(openDevice))("on %s", (device) => {
  test("elements that cannot be looked at have to be listed", () => {
    expect(() => toCoo(zeros([2, 2], { device }))).toThrow(DeviceError);
  });
});
