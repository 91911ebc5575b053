import { array, ChainError, InvalidType, ValueError, type NdArray } from "@chain/array";
import {
  config,
  expectFloating,
  FunctionNode,
  grad,
  noBackpropMode,
  usingConfig,
  Variable,
  type Gradients,
} from "@chain/autograd";
import * as F from "@chain/autograd/functions";
import { describe, expect, test } from "@jest/globals";

const vector = (...values: number[]): Variable => new Variable(array(values));

/** x · y, with everything that a node may do. */
class Product extends FunctionNode {
  forwards = 0;
  asked: boolean[] = [];

  override checkTypeForward([x, y]: readonly [NdArray, NdArray]): void {
    expectFloating(this.label, "x", x);
    expectFloating(this.label, "y", y);
  }

  override forward([x, y]: readonly [NdArray, NdArray]): NdArray[] {
    this.forwards++;
    this.asked = [this.wantsGradient(0), this.wantsGradient(1)];
    this.retainInputs([1, 0]);
    this.retainOutputs([0]);
    return [F.mul(x, y).array];
  }

  override backward(indexes: readonly number[], [gy]: readonly [Variable]): Gradients {
    const inputs = this.getRetainedInputs();
    return indexes.map((index) => F.mul(gy, inputs[index] as Variable));
  }
}

describe("a function", () => {
  test("is recorded with its inputs and outputs", () => {
    const [x, y] = [vector(2), vector(5)];
    const fn = new Product();
    const [z] = fn.apply([x, y]) as [Variable];
    expect(fn.inputs).toEqual([x.node, y.node]);
    expect(fn.outputs).toEqual([z.node]);
    expect([z.creator, z.rank, fn.rank, fn.label]).toEqual([fn, 1, 0, "Product"]);
    expect([fn.inputShape(0), fn.retainedInput(0), fn.retainedOutput(0)]).toEqual([[1], y.array, z.array]);
    expect(fn.retainedInputArrays()).toEqual([x.array, y.array]);
  });

  test("takes arrays, which want no gradient", () => {
    const fn = new Product();
    const [z] = fn.apply([array([2]), vector(5)]) as [Variable];
    expect(fn.asked).toEqual([false, true]);
    z.backward();
    expect(fn.inputs?.map((node) => node.requiresGrad)).toEqual([false, true]);
  });

  test("leaves no graph if nobody wants a gradient, or in noBackpropMode", () => {
    const fn = new Product();
    expect((fn.apply([array([2]), array([5])])[0] as Variable).creator).toBeNull();
    const x = vector(2);
    const quiet = noBackpropMode(() => F.mul(x, 2));
    expect([quiet.creator, quiet.requiresGrad]).toEqual([null, true]);
    const silent = new Product();
    noBackpropMode(() => silent.apply([x, x]));
    expect([silent.inputs, silent.asked]).toEqual([null, [false, false]]);
  });

  test("is differentiable twice through what it retained", () => {
    const [x, y] = [vector(2), vector(5)];
    const [z] = new Product().apply([x, y]) as [Variable];
    const [gx] = grad([z], [x], { enableDoubleBackprop: true }) as [Variable];
    expect(grad([gx], [y])[0]?.array.tolistSync()).toEqual([1]);
  });

  test("checks types before it computes anything, unless told not to", () => {
    const integers = array([1], { dtype: "int32" });
    const fn = new Product();
    expect(() => fn.apply([vector(1), integers])).toThrow(
      "Product (forward): expected y of a floating dtype, got int32",
    );
    expect(fn.forwards).toBe(0);
    usingConfig("typeCheck", false, () => fn.apply([integers, integers]));
    expect(fn.forwards).toBe(1);
  });

  test("takes nothing but Variables and arrays", () => {
    expect(() => F.exp([1, 2] as never)).toThrow(
      "exp (forward): expected Variables or arrays (make one with array()), got a list",
    );
    expect(() => F.mul(vector(1), undefined as never)).toThrow("got undefined");
  });

  test("records one run only", () => {
    const fn = new Product();
    fn.apply([vector(1), vector(2)]);
    expect(() => fn.apply([vector(1), vector(2)])).toThrow(ChainError);
  });

  test("says so when what it needs is gone", () => {
    const x = vector(1);
    const fn = new Product();
    const [z] = fn.apply([x, x]) as [Variable];
    fn.unchain();
    expect(z.creator).toBeNull();
    expect(() => fn.getRetainedInputs()).toThrow("nothing is retained; the graph was cut here");
    expect(() => fn.inputShape(0)).toThrow(ChainError);
    expect(() => fn.retainedInput(0)).toThrow(ChainError);
  });

  test("without a backward is not differentiable", () => {
    class Opaque extends FunctionNode {
      override forward(xs: readonly NdArray[]): readonly NdArray[] {
        return xs;
      }
    }
    const x = vector(1);
    (new Opaque().apply([x])[0] as Variable).backward();
    expect(x.grad).toBeNull();
  });

  test("with integer outputs: those want no gradient", () => {
    class Both extends FunctionNode {
      override forward([x]: readonly [NdArray]): NdArray[] {
        return [x, array([1], { dtype: "int32" })];
      }
    }
    const [y, n] = new Both().apply([vector(1)]) as [Variable, Variable];
    expect([y.requiresGrad, n.requiresGrad]).toEqual([true, false]);
  });

  test("retains only what its gradients need", () => {
    const retained = (y: Variable): unknown => y.creator?.retainedInputArrays().map((a) => a !== null);
    const [x, c] = [vector(2), array([3])];
    expect(retained(F.add(x, x))).toEqual([false, false]);
    expect(retained(F.mul(x, c))).toEqual([false, true]);
    expect(retained(F.mul(x, 3))).toEqual([false]);
    expect(retained(F.exp(x))).toEqual([false]);
    expect(retained(F.sin(x))).toEqual([true]);
    expect(retained(F.div(x, vector(4)))).toEqual([false, true]);
    expect(F.exp(x).creator?.retainedOutput(0)).toBeDefined();
  });
});

describe("hooks of one function", () => {
  test("must have names of their own", () => {
    const fn = new Product();
    expect(() => fn.deleteHook("none")).toThrow(ValueError);
  });
});

test("a Variable needs types: InvalidType names the function", () => {
  expect(() => F.exp(array([1], { dtype: "int32" }))).toThrow(InvalidType);
  expect(() => F.exp(array([1], { dtype: "int32" }))).toThrow("exp (forward): expected a floating dtype, got int32");
  expect(config.typeCheck).toBe(true);
});
