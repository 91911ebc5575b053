import { array, ValueError, type NdArray } from "@chain/array";
import {
  checkBackward,
  checkDoubleBackward,
  checkForward,
  elementwiseFunction,
  FunctionNode,
  GradientCheckError,
  numericalGrad,
  Variable,
  type Gradients,
} from "@chain/autograd";
import * as F from "@chain/autograd/functions";
import { describe, expect, test } from "@jest/globals";
import { mul } from "@chain/array/kernel";

const x = array([0.5, -1.5, 2]);
const gy = array([1, -2, 0.5]);

/** x², with a gradient that is wrong by a factor. */
const wrong = elementwiseFunction("wrong", (a) => mul(a, a), { gradient: ({ x: a, gy: g }) => mul(g, mul(a, 2.01)) });

/** x³ whose gradient is right, and that gradient's is not. */
class WrongTwice extends FunctionNode {
  override forward([a]: readonly [NdArray]): NdArray[] {
    this.retainInputs([0]);
    return [F.pow(a, 3).array];
  }
  override backward(_indexes: readonly number[], [g]: readonly [Variable]): Gradients {
    return [F.mul(g, F.mul(F.square(new Variable(this.retainedInput(0))), 3))];
  }
}

describe("checkBackward", () => {
  test("accepts right gradients, in any float dtype", async () => {
    await checkBackward((a) => F.sin(a), x, gy);
    await checkBackward((a) => F.sin(a), x);
    await checkBackward((a) => F.sin(a), x, gy, { dtype: null, eps: 1e-2, atol: 1e-3, rtol: 1e-2 });
  });

  test("finds wrong ones, whatever the direction", async () => {
    for (const seed of [0, 1, 2]) {
      await expect(checkBackward((a) => wrong(a), x, gy, { seed })).rejects.toThrow(GradientCheckError);
    }
  });

  test("finds a gradient that is missing", async () => {
    await expect(checkBackward((a) => F.mul(a.array, a), x, gy)).rejects.toThrow(GradientCheckError);
  });

  test("takes several inputs and outputs, and leaves out those without a gradient", async () => {
    const index = array([2, 0], { dtype: "int32" });
    await checkBackward((a, b) => [F.mul(a, b), F.getItem(a, [index])], [x, gy], [gy, null]);
    await checkBackward((a, b) => F.mul(a, b.array), [x, gy], null, { noGrads: [false, true] });
    await checkBackward((a, i) => F.getItem(a, [i.array]), [x, index]);
  });

  test("checks parameters, and gives them back as they were", async () => {
    const w = new Variable(array([3, 4, 5]));
    const before = w.array;
    await checkBackward((a) => F.mul(a, w), x, gy, { params: [w] });
    expect(w.array).toBe(before);
    await expect(checkBackward((a) => F.mul(a, wrong(w)), x, gy, { params: [w] })).rejects.toThrow(GradientCheckError);
    expect([w.array, w.grad]).toEqual([before, null]);
  });

  test("wants as many gradients as outputs", async () => {
    await expect(checkBackward((a) => F.sin(a), x, [gy, gy])).rejects.toThrow(ValueError);
  });
});

describe("checkDoubleBackward", () => {
  test("accepts right second derivatives", async () => {
    await checkDoubleBackward((a) => F.exp(a), x, gy, gy);
    await checkDoubleBackward((a, b) => F.mul(F.sin(a), b), [x, gy], x, [gy, x]);
  });

  test("finds a cut graph, which the first order does not show", async () => {
    const cube = (a: Variable): Variable => new WrongTwice().apply([a])[0] as Variable;
    await checkBackward(cube, x, gy);
    await expect(checkDoubleBackward(cube, x, gy, gy)).rejects.toThrow(GradientCheckError);
  });

  test("accepts linear functions, whose second derivatives are zero", async () => {
    await checkDoubleBackward((a) => F.mul(a, 3), x, gy, gy);
    await checkDoubleBackward((a) => F.sum(a), x);
  });
});

describe("checkForward", () => {
  test("compares values and shapes", async () => {
    await checkForward((a) => F.square(a), x, array([0.25, 2.25, 4]));
    await expect(checkForward((a) => F.square(a), x, array([0.25, 2.25, 5]))).rejects.toThrow("element 2 of output 0");
    await expect(checkForward((a) => F.square(a), x, array([[0.25, 2.25, 4]]))).rejects.toThrow("has shape (3)");
    await expect(checkForward((a) => F.square(a), x, [x, x])).rejects.toThrow("gives 1 outputs, expected 2");
    await checkForward((a) => F.log(a), array([-1, 0]), array([NaN, -Infinity]));
  });
});

describe("numericalGrad", () => {
  test("differentiates one element at a time", async () => {
    const exact = array([0.5, -1.5], { dtype: "float64" });
    const weights = array([1, -2], { dtype: "float64" });
    const [gradient] = await numericalGrad((a) => F.square(a).array, [exact], [weights]);
    const values = gradient?.tolistSync() as number[];
    expect(values[0]).toBeCloseTo(1, 6);
    expect(values[1]).toBeCloseTo(6, 6);
    await expect(numericalGrad((a) => a, [exact], [])).rejects.toThrow(ValueError);
  });
});
