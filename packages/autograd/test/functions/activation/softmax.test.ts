import { array, InvalidType, zeros, type NdArray } from "@chain/array";
import * as F from "@chain/autograd/functions";
import { describe, expect, test } from "@jest/globals";
import { checkGradients, elements, expectElements, inLayouts, numbers } from "../support.js";

/** Softmax of rows of `length`, `stride` apart, in float64. */
function reference(x: NdArray, axis: number): number[] {
  const values = elements(x);
  const stride = x.shape.slice(axis + 1).reduce((product, n) => product * n, 1);
  const length = x.shape[axis] as number;
  return values.map((value, at) => {
    const start = at - (Math.floor(at / stride) % length) * stride;
    const row = Array.from({ length }, (_, i) => values[start + i * stride] as number);
    const largest = Math.max(...row);
    const total = row.reduce((sum, v) => sum + Math.exp(v - largest), 0);
    return Math.exp(value - largest) / total;
  });
}

describe.each([
  ["softmax", F.softmax, (p: number) => p],
  ["logSoftmax", F.logSoftmax, Math.log],
] as const)("%s", (name, fn, of) => {
  test.each([
    [[3, 4], 1],
    [[3, 4], 0],
    [[2, 5, 3], 1],
    [[2, 3, 4], 2],
    [[2, 3, 4], -3],
    [[6], 0],
    [[1, 1], 1],
    [[3, 129], 1],
  ] as const)("of shape %j along axis %p", (shape, axis) => {
    const x = numbers(shape, { low: -5, high: 5 });
    const expected = reference(x, axis < 0 ? axis + shape.length : axis).map(of);
    for (const [, [laidOut]] of inLayouts([x])) expectElements(fn(laidOut as NdArray, { axis }), expected);
    const narrow = fn(x.astype("float32"), { axis });
    expect([narrow.shape, narrow.dtype]).toEqual([shape, "float32"]);
    expectElements(narrow, expected, 5e-6);
  });

  test("goes along axis 1 by default", () => {
    const x = numbers([2, 3, 2]);
    expectElements(fn(x), reference(x, 1).map(of));
  });

  test.each([
    [[3, 4], 1],
    [[3, 4], 0],
    [[2, 3, 2], 1],
  ] as const)("has the right derivatives, shape %j along axis %p", async (shape, axis) => {
    await checkGradients((x) => fn(x, { axis }), [numbers(shape)]);
  });

  test("of no rows is empty", () => {
    expect(fn(zeros([0, 3])).shape).toEqual([0, 3]);
  });

  test("refuses integers and axes that there are not", () => {
    expect(() => fn(array([[1, 2]], { dtype: "int32" }))).toThrow(`${name} (forward): expected x of a floating dtype`);
    expect(() => fn(numbers([3]))).toThrow(InvalidType);
    expect(() => fn(numbers([3, 2]), { axis: 2 })).toThrow(`${name} (forward): expected -2 <= axis < 2, got 2`);
  });
});

test("large scores do not overflow", () => {
  const x = array(
    [
      [1000, 1001],
      [-1000, -1000.5],
    ],
    { dtype: "float64" },
  );
  const [a, b] = [1 / (1 + Math.E), 1 / (1 + Math.exp(-0.5))];
  expectElements(F.softmax(x), [a, 1 - a, b, 1 - b], 1e-10);
  expectElements(F.logSoftmax(x), [Math.log(a), Math.log(1 - a), Math.log(b), Math.log(1 - b)], 1e-10);
});

test("logSoftmax keeps what the logarithm of softmax loses", () => {
  const y = F.logSoftmax(array([[0, 200]]));
  expectElements(y, [-200, 0]);
  expect(elements(F.softmax(array([[0, 200]])))).toEqual([0, 1]);
});
