import { expect, test } from "@jest/globals";
import * as nx from "../../src/index.js";

const generator = new nx.Generator(3);

test("inverses, solutions and factors of random matrices undo their matrices", () => {
  for (const n of [1, 2, 5, 12]) {
    const x = generator.normal(0, 1, [3, n, n], { dtype: "float64" });
    const identity = nx.eye(n, { dtype: "float64" });
    expect(nx.allclose(nx.matmul(x, nx.inv(x)), identity, { atol: 1e-8 })).toBe(true);
    const b = generator.normal(0, 1, [n, 2], { dtype: "float64" });
    expect(nx.allclose(nx.matmul(x, nx.solve(x, b)), b, { atol: 1e-8 })).toBe(true);
    const positive = nx.add(nx.matmul(x, nx.swapaxes(x, 1, 2)), identity);
    const factor = nx.cholesky(positive);
    expect(nx.allclose(nx.matmul(factor, nx.swapaxes(factor, 1, 2)), positive)).toBe(true);
    const product = nx.multiply(nx.det(x), nx.det(nx.inv(x)));
    expect(nx.allclose(product, nx.ones([3], { dtype: "float64" }))).toBe(true);
  }
});

test("dtypes and empty stacks", () => {
  expect(nx.det(nx.eye(2, { dtype: "int32" })).dtype).toBe("float32");
  expect(nx.inv(nx.eye(2, { dtype: "float16" })).dtype).toBe("float16");
  expect(nx.det(nx.zeros([0, 2, 2])).shape).toEqual([0]);
  expect(nx.det(nx.zeros([0, 0])).itemSync()).toBe(1);
  expect(nx.solve(nx.eye(2), nx.ones([2])).shape).toEqual([2]);
});

test("the largest singular value is a matrix's 2-norm, whichever way it lies", () => {
  const x = generator.normal(0, 1, [4, 7], { dtype: "float64" });
  const largest = nx.norm(x, { ord: 2 }).itemSync();
  expect(nx.norm(x.T, { ord: 2 }).itemSync()).toBeCloseTo(largest, 10);
  const vector = generator.normal(0, 1, [7], { dtype: "float64" });
  expect(nx.norm(nx.matmul(x, vector)).itemSync()).toBeLessThanOrEqual(largest * nx.norm(vector).itemSync());
  expect(
    nx
      .norm(
        nx.array([
          [3, 0],
          [4, 0],
        ]),
        { ord: 2 },
      )
      .itemSync(),
  ).toBeCloseTo(5, 5);
  expect(nx.norm(nx.zeros([3, 3]), { ord: "nuc" }).itemSync()).toBe(0);
});

test("bad input", () => {
  const singular = nx.array([
    [1, 2],
    [2, 4],
  ]);
  expect(() => nx.inv(singular)).toThrow(/singular/);
  expect(() => nx.solve(singular, nx.ones([2]))).toThrow(/singular/);
  expect(() => nx.cholesky(nx.negative(nx.eye(2)))).toThrow(/not positive definite/);
  expect(() => nx.det(nx.ones([2, 3]))).toThrow(nx.ValueError);
  expect(() => nx.det(nx.ones([2]))).toThrow(nx.ValueError);
  expect(() => nx.solve(nx.eye(2), nx.ones([3]))).toThrow(nx.ValueError);
});
