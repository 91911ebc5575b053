import { expect, test } from "@jest/globals";
import * as nx from "../src/index.js";

const square = nx.array([
  [4, 1, 2],
  [1, 5, 3],
  [2, 3, 6],
]);
const list = nx.array([3, 1, 2, 2]);
const whole = nx.array([3, 1, 2, 2], { dtype: "int32" });
const mask = nx.array([true, false, true]);
const generator = new nx.Generator(1);

// Functions made of several kernels, none of which may leave its temporaries to the garbage collector.
const compositions: Record<string, () => nx.NdArray | nx.NdArray[]> = {
  "where option": () => nx.add(square, 1, { where: mask, out: square }).copy(),
  "dtype option": () => nx.add(square, 1, { dtype: "float64" }),
  clip: () => nx.clip(square, 1, 3),
  round: () => nx.round(square, { decimals: 1 }),
  nanToNum: () => nx.nanToNum(square),
  diff: () => nx.diff(square, { n: 2 }),
  divmod: () => nx.divmod(square, 2),
  var: () => nx.var(square, { axis: 0 }),
  nanstd: () => nx.nanstd(square, { axis: 0 }),
  ptp: () => nx.ptp(square),
  logsumexp: () => nx.logsumexp(square, { axis: 1 }),
  cumsum: () => nx.cumsum(square.T.copy(), { axis: 0 }),
  "cumsum of a view": () => nx.cumsum(square, { axis: 0 }),
  matmul: () => nx.matmul(square, list.get(nx.slice(0, 3))),
  "matmul of mixed dtypes": () => nx.matmul(square, whole.get(nx.slice(0, 3))),
  "matmul of float16": () => nx.matmul(nx.ones([2, 2], { dtype: "float16" }), nx.ones([2, 2], { dtype: "float16" })),
  dot: () => nx.dot(square, square),
  inner: () => nx.inner(square, square),
  outer: () => nx.outer(list, list),
  vdot: () => nx.vdot(list, list),
  tensordot: () => nx.tensordot(square, square, 1),
  einsum: () => nx.einsum("ij,kj,k->i", square, square, list.get(nx.slice(0, 3))),
  norm: () => nx.norm(square, { ord: "nuc" }),
  trace: () => nx.trace(square),
  kron: () => nx.kron(square, list),
  cross: () => nx.cross(square, square),
  det: () => nx.det(square),
  inv: () => nx.inv(square),
  solve: () => nx.solve(square, square),
  sort: () => nx.sort(square, { axis: 0 }),
  argsort: () => nx.argsort(square, { axis: 0 }),
  topk: () => nx.topk(square, 2),
  unique: () => nx.unique(list, { returnCounts: true }),
  searchsorted: () => nx.searchsorted(list, whole),
  bincount: () => nx.bincount(whole, list),
  quantile: () => nx.quantile(square, [0.1, 0.9], { axis: 0 }),
  average: () => nx.average(square, list.get(nx.slice(0, 3)), { axis: 0 }),
  corrcoef: () => nx.corrcoef(square),
  histogram: () => nx.histogram(square),
  uniform: () => generator.uniform(0, 1, [5, 3]),
  "uniform float64": () => generator.uniform(1, 2, [5, 3], { dtype: "float64" }),
  normal: () => generator.normal(0, 1, [3]),
  randint: () => generator.randint(0, 5, [7]),
  bernoulli: () => generator.bernoulli(nx.minimum(list, 0.5), [4], { dtype: "int32" }),
  permutation: () => generator.permutation(square),
  choice: () => generator.choice(list, [2], { replace: false }),
};

test.each(Object.keys(compositions))("%s leaves nothing behind but its result", (name) => {
  const compute = compositions[name] as (typeof compositions)[string];
  const live = (): unknown => {
    const { arrays, bytes } = nx.memoryInfo()["cpu"] as nx.MemoryInfo;
    return { arrays, bytes };
  };
  const before = live();
  // The arguments that the call makes itself are freed with the scope; its result is returned from it.
  const result = nx.scope(compute);
  for (const array of [result].flat()) array.dispose();
  expect(live()).toEqual(before);
});

type Compute = (x: nx.NdArray, y: nx.NdArray, v: nx.NdArray) => nx.NdArray | nx.NdArray[];

// Views that a function makes of its arguments must not keep their memory alive.
const functions: Record<string, Compute> = {
  matmul: (x, _, v) => nx.matmul(x, v),
  dot: (x, y, v) => nx.dot(nx.dot(v, x), y),
  outer: (x, y) => nx.outer(x, y),
  vdot: (x, y) => nx.vdot(x, y),
  tensordot: (x, y) => nx.tensordot(x, y, [[0], [0]]),
  einsum: (x, y) => nx.einsum("ii,ji->j", x, y),
  "einsum that gives a view": (x) => nx.einsum("ij->ji", x),
  cross: (x, y) => nx.cross(x, y, { axis: 0 }),
  kron: (x, y) => nx.kron(x, y),
  trace: (x) => nx.trace(x),
  solve: (x, y) => nx.solve(x, y),
  norm: (x) => nx.norm(x, { ord: 2 }),
  sort: (x) => nx.sort(x, { axis: null }),
  topk: (x) => nx.topk(x, 1, { axis: 0 }),
  cumsum: (x) => nx.cumsum(x, { axis: 1 }),
  quantile: (x) => nx.quantile(x, 0.5, { axis: 0 }),
  cov: (x, y) => nx.cov(x, y),
  corrcoef: (x) => nx.corrcoef(x, { rowvar: false }),
  average: (x, _, v) => nx.average(x, v, { axis: 0 }),
  logsumexp: (x) => nx.logsumexp(x),
  diff: (x) => nx.diff(x),
  searchsorted: (x, _, v) => nx.searchsorted(v, x),
  permutation: (x) => new nx.Generator(1).permutation(x),
};

test.each(Object.keys(functions))("%s lets go of its arguments", (name) => {
  const operands = [square.copy(), square.copy(), nx.array([1, 2, 3])] as const;
  const result = (functions[name] as Compute)(...operands);
  for (const array of [result].flat()) array.dispose();
  expect(operands.map(({ storage }) => storage.references)).toEqual([1, 1, 1]);
});

test("a result that is a view of an argument keeps its memory", () => {
  const x = square.copy();
  const transposed = nx.einsum("ij->ji", x);
  x.dispose();
  expect(transposed.get(0, 1).itemSync()).toBe(square.get(1, 0).itemSync());
});
