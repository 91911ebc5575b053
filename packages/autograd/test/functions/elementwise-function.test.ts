import { array, type NdArray } from "@chain/array";
import { add, castLike, cast, div, exp, floor, gt, mul, neg, sub, tanh, where } from "@chain/array/kernel";
import { checkBackward, checkDoubleBackward, CallLogHook, elementwiseFunction, grad, Variable } from "@chain/autograd";
import * as F from "@chain/autograd/functions";
import { describe, expect, test } from "@jest/globals";
import { checkGradients, elements, expectElements, gradientOf, numbers } from "./support.js";

const softsign = elementwiseFunction("softsign", (x) => div(x, add(1, where(gt(x, 0), x, neg(x)))));
const gate = elementwiseFunction("gate", (x, y, z, slope) => mul(tanh(mul(x, slope)), add(mul(y, z), y)));

describe("a function defined by its expression", () => {
  test("computes, and is differentiable as often as one likes", async () => {
    const x = numbers([2, 3], { avoid: [0] });
    expectElements(
      softsign(x),
      elements(x).map((v) => v / (1 + Math.abs(v))),
    );
    await checkGradients((v) => softsign(v), [x]);
    const third = (v: Variable): Variable => {
      const [first] = grad([F.exp(F.mul(v, 2))], [v], { enableDoubleBackprop: true }) as [Variable];
      return grad([first], [v], { enableDoubleBackprop: true })[0] as Variable;
    };
    await checkBackward(third, x);
    await checkDoubleBackward(third, x);
  });

  test("takes several operands, arrays and numbers anywhere, which broadcast", async () => {
    const [x, y, z] = [numbers([2, 3], { seed: 1 }), numbers([3], { seed: 2 }), numbers([2, 1], { seed: 3 })];
    await checkGradients((a, b, c) => gate(a, b, c, 0.7), [x, y, z]);
    await checkGradients((a, c) => gate(a, 2, c, 0.7), [x, z]);
    await checkGradients((b) => gate(0.3, b, 2, 0.7), [y]);
    await checkGradients((d) => gate(0.3, 2, 3, d), [y]);
  });

  test("gives constants no gradient", () => {
    const [x, c] = [new Variable(array([1, 2])), array([3, 4])];
    gate(x, c, c, 1).sum().backward();
    expect(x.grad).not.toBeNull();
  });

  test("has its name in hooks and messages", () => {
    const log = new CallLogHook();
    log.withHook(() => softsign(new Variable(array([2]))).backward({ enableDoubleBackprop: true }));
    expect(log.calls.map(({ phase, label }) => `${phase} ${label}`)).toEqual([
      "forward softsign",
      "backward softsign",
      "forward softsign-grad",
    ]);
    expect(() => gate(array([1, 2]), array([1, 2, 3]), 1, 1)).toThrow(
      "gate (forward): expected operands whose shapes broadcast together, got (2,) and (3,)",
    );
  });
});

describe("an explicit gradient", () => {
  const straight = elementwiseFunction("straight", (x) => floor(x), { gradient: ({ gy }) => gy });
  const sigmoid = elementwiseFunction("sigmoid", (x) => div(1, add(1, exp(neg(x)))), {
    gradient: ({ y, gy }) => mul(gy, mul(y, sub(1, y))),
  });
  const half = elementwiseFunction("half", (x, y) => mul(x, y), {
    gradient: ({ xs: [, y], gy }) => [mul(gy, y as never), null],
  });

  test("replaces the derivative", () => {
    expect(elements(gradientOf((x) => straight(x), array([0.5, 1.5])))).toEqual([1, 1]);
  });

  test("of the result retains the result instead of the operand", async () => {
    const y = sigmoid(new Variable(array([0])));
    expect(y.creator?.retainedInputArrays()).toEqual([null]);
    await checkGradients((x) => sigmoid(x), [numbers([5])]);
    // The derivative of the formula would be ∞ · 0 here.
    expect(elements(gradientOf((x) => sigmoid(x), array([-1000, 1000])))).toEqual([0, 0]);
  });

  test("of null is none", () => {
    const [x, y] = [new Variable(array([2])), new Variable(array([3]))];
    half(x, y).backward();
    expect([x.grad?.tolistSync(), y.grad]).toEqual([[3], null]);
  });
});

describe("dtypes", () => {
  const wide = elementwiseFunction("wide", (x) => castLike(mul(cast(x, "float32"), cast(x, "float32")), x));

  test("a gradient has the operand's, where the body computes in another", () => {
    const x = array([3], { dtype: "float16" });
    expect([wide(x).dtype, gradientOf((v) => wide(v), x).dtype]).toEqual(["float16", "float16"]);
    expect(elements(gradientOf((v) => wide(v), x))).toEqual([6]);
  });

  test("integers only where it is said", () => {
    const twice = elementwiseFunction("twice", (x) => mul(x, 2), { dtypes: "same" });
    expect(elements(twice(array([3], { dtype: "int32" })))).toEqual([6]);
    expect(() => softsign(array([3], { dtype: "int32" }))).toThrow(
      "softsign (forward): expected a floating dtype, got int32",
    );
  });
});

test("zero-size and 0-d operands", () => {
  const empty: NdArray = array([]);
  expect([softsign(empty).shape, gradientOf((x) => softsign(x), empty).shape]).toEqual([[0], [0]]);
  expect(gradientOf((x) => softsign(x), array(1)).shape).toEqual([]);
});
