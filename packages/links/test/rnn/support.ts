/** What tests of recurrent links share. */
import { array, type NdArray } from "@chain/array";
import { Variable, type VariableLike } from "@chain/autograd";
import { expect } from "@jest/globals";
import type { Link } from "../../src/index.js";

/** Numbers in [-1, 1), the same in every run, float64. */
export function numbers(shape: readonly number[], seed = 1): NdArray {
  const size = shape.reduce((product, length) => product * length, 1);
  let state = seed * 7919 + 17;
  const values = Float64Array.from({ length: size }, () => {
    state = (Math.imul(state, 1103515245) + 12345) & 0x7fffffff;
    return (2 * (state >>> 8)) / 0x7fffff - 1;
  });
  return array(values).reshape(shape);
}

/** Gives all parameters numbers in float64. */
export function fill<L extends Link>(link: L, seed = 1): L {
  link.namedParams().forEach(([, param], i) => (param.array = numbers(param.shape, 1000 * seed + i)));
  return link;
}

export function elements(x: VariableLike): number[] {
  return Array.from(x instanceof Variable ? x.array.dataSync() : x.dataSync());
}

export function expectClose(
  actual: VariableLike | readonly number[],
  expected: ArrayLike<number>,
  tolerance = 1e-10,
): void {
  const have = "shape" in actual ? elements(actual) : actual;
  expect(have.length).toBe(expected.length);
  have.forEach((value, i) => {
    const want = expected[i] as number;
    if (!(Math.abs(value - want) <= tolerance)) throw new Error(`element ${i} is ${value}, expected ${want}`);
  });
}

/** The elements of a parameter at a path. */
export function parameter(link: Link, path: string): number[] {
  const param = new Map(link.namedParams()).get(path);
  if (param === undefined) throw new Error(`no ${path}`);
  return elements(param);
}

export function sigmoid(x: number): number {
  return 1 / (1 + Math.exp(-x));
}

/** Rows of a matrix. */
export function rows(x: VariableLike): number[][] {
  const width = x.shape.at(-1) as number;
  const values = elements(x);
  return Array.from({ length: values.length / width }, (_, i) => values.slice(i * width, (i + 1) * width));
}

/** `W x + b` for lists; without a bias if it is left out. */
export function affine(W: readonly number[][], x: readonly number[], b?: readonly number[]): number[] {
  return W.map((row, i) => row.reduce((sum, w, j) => sum + w * (x[j] as number), b?.[i] ?? 0));
}
