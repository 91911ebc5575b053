import { array, InvalidType, scope, UseAfterFreeError, ValueError, zeros } from "@chain/array";
import { asArray, asVariable, Variable } from "@chain/autograd";
import { describe, expect, test } from "@jest/globals";
import { inspect } from "node:util";

const vector = (...values: number[]): Variable => new Variable(array(values));

describe("a Variable", () => {
  test("shows what its array is", async () => {
    const x = new Variable(array([[1, 2, 3]]), { name: "x" });
    expect([x.shape, x.ndim, x.size, x.dtype, x.length, x.rank]).toEqual([[1, 3], 2, 3, "float32", 1, 0]);
    expect([x.name, x.label, x.creator]).toEqual(["x", "x: (1, 3), float32", null]);
    expect(await x.tolist()).toEqual([[1, 2, 3]]);
    expect(Array.from(await x.data())).toEqual([1, 2, 3]);
    expect(await vector(7).item()).toBe(7);
    expect(inspect(x)).toBe("variable x([[1. 2. 3.]])");
  });

  test("wants gradients if it is floating and nobody says otherwise", () => {
    expect(vector(1).requiresGrad).toBe(true);
    expect(new Variable(array([1], { dtype: "int32" })).requiresGrad).toBe(false);
    expect(new Variable(array([1]), { requiresGrad: false }).requiresGrad).toBe(false);
    expect(asVariable(array([1])).requiresGrad).toBe(false);
  });

  test("is made of an array or null, nothing else", () => {
    expect(() => new Variable([1, 2] as never)).toThrow("expected an NdArray (make one with array()), got a list");
    expect(() => new Variable(vector(1) as never)).toThrow(InvalidType);
    const empty = new Variable(null, { name: "W" });
    expect(empty.isInitialized).toBe(false);
    expect(() => empty.shape).toThrow("W has no array yet");
    empty.array = array([1, 2]);
    expect(empty.shape).toEqual([2]);
  });

  test("gives its array, and an array gives itself", () => {
    const a = array([1]);
    const x = new Variable(a);
    expect([asArray(x), asArray(a), asVariable(x)]).toEqual([a, a, x]);
  });

  test("keeps its place in the graph when the array is replaced", () => {
    const x = vector(1, 2);
    const y = x.mul(3);
    x.array = array([5, 6]);
    y.sum().backward();
    expect(x.grad?.tolistSync()).toEqual([3, 3]);
  });

  test("passes its name on to the graph", () => {
    const x = vector(1);
    const y = x.neg();
    x.name = "late";
    expect(y.creator?.inputs?.[0]?.label).toBe("late: (1,), float32");
  });
});

describe("the gradient", () => {
  test("must fit", () => {
    const x = vector(1, 2);
    expect(() => (x.grad = array([1, 2, 3]))).toThrow("expected shape (2,) and dtype float32, got shape (3,)");
    expect(() => (x.grad = array([1, 2], { dtype: "float64" }))).toThrow(InvalidType);
    x.grad = array([1, 2]);
    expect(x.gradVar?.array.tolistSync()).toEqual([1, 2]);
  });

  test("is cleared, zeroed, added and copied", () => {
    const [x, y] = [vector(1, 2), vector(3, 4)];
    x.addgrad(y);
    expect(x.grad).toBeNull();
    y.grad = array([1, 1]);
    x.addgrad(y);
    x.addgrad(y);
    expect(x.grad?.tolistSync()).toEqual([2, 2]);
    expect(y.grad.tolistSync()).toEqual([1, 1]);
    x.zerograd();
    expect(x.grad?.tolistSync()).toEqual([0, 0]);
    x.cleargrad();
    expect(x.grad).toBeNull();
    x.copydata(y);
    expect(x.array.tolistSync()).toEqual([3, 4]);
    expect(x.array).not.toBe(y.array);
  });

  test("a first addgrad copies: the two do not share memory", () => {
    const [x, y] = [vector(1), vector(2)];
    y.grad = array([5]);
    x.addgrad(y);
    expect(x.grad?.storage).not.toBe(y.grad.storage);
  });
});

describe("operators", () => {
  const x = new Variable(array([[6, -8]]));
  test.each<[string, Variable, unknown]>([
    ["add", x.add(array([[1, 1]])), [[7, -7]]],
    ["sub", x.sub(1), [[5, -9]]],
    ["mul", x.mul(x), [[36, 64]]],
    ["div", x.div(4), [[1.5, -2]]],
    ["pow", x.pow(2), [[36, 64]]],
    ["floordiv", x.floordiv(4), [[1, -2]]],
    ["rsub", x.rsub(1), [[-5, 9]]],
    ["rdiv", x.rdiv(24), [[4, -3]]],
    ["rpow", x.rpow(2), [[64, 2 ** -8]]],
    ["rfloordiv", x.rfloordiv(20), [[3, -3]]],
    ["matmul", x.matmul(array([[1], [2]])), [[-10]]],
    [
      "rmatmul",
      x.rmatmul(array([[1], [2]])),
      [
        [6, -8],
        [12, -16],
      ],
    ],
    ["neg", x.neg(), [[-6, 8]]],
    ["abs", x.abs(), [[6, 8]]],
    ["T", x.T, [[6], [-8]]],
    ["reshape list", x.reshape([2, 1]), [[6], [-8]]],
    ["reshape numbers", x.reshape(-1), [6, -8]],
    ["transpose", x.transpose(), [[6], [-8]]],
    ["transpose numbers", x.transpose(1, 0), [[6], [-8]]],
    ["get", x.get(0, 1), -8],
    ["sum", x.sum(), -2],
    ["sum axis", x.sum({ axis: 1, keepdims: true }), [[-2]]],
    ["mean", x.mean(), -1],
    ["max", x.max({ axis: 1 }), [6]],
    ["min", x.min(), -8],
  ])("%s", (_name, result, expected) => {
    expect(result).toBeInstanceOf(Variable);
    expect(result.array.tolistSync()).toEqual(expected);
  });

  test("numbers take the array's dtype, arrays must have it", () => {
    const half = new Variable(array([1, 2], { dtype: "float16" }));
    expect(half.add(0.5).dtype).toBe("float16");
    expect(() => half.add(vector(1, 2))).toThrow(
      "add (forward): expected operands of one dtype (there is no promotion; use cast), got float16, float32",
    );
  });

  test("shapes that do not broadcast are refused before anything is computed", () => {
    expect(() => vector(1, 2).mul(vector(1, 2, 3))).toThrow(
      "mul (forward): expected operands whose shapes broadcast together, got (2,) and (3,)",
    );
  });
});

describe("debugPrint", () => {
  test("tells statistics", async () => {
    const x = new Variable(array([1, 3]), { name: "x" });
    x.grad = array([2, 2]);
    const text = await x.debugPrint();
    expect(text).toContain("- statistics: mean=2, std=1, min=1, max=3");
    expect(text).toContain("- grad: mean=2, std=0, min=2, max=2");
    expect(await new Variable(null).debugPrint()).toContain("no array yet");
    expect(await new Variable(zeros([0])).debugPrint()).toContain("no elements");
  });
});

describe("scopes", () => {
  test("hand a returned Variable over with its gradient", () => {
    const x = scope(() => {
      const inner = vector(2);
      inner.mul(inner).sum().backward();
      return inner;
    });
    expect(x.array.tolistSync()).toEqual([2]);
    expect(x.grad?.tolistSync()).toEqual([4]);
  });

  test("free the others", () => {
    let lost: Variable | undefined;
    scope(() => {
      lost = vector(1).add(1);
    });
    expect(() => lost?.dataSync()).toThrow(UseAfterFreeError);
  });
});

test("an item of several elements is an error", async () => {
  await expect(vector(1, 2).item()).rejects.toThrow(ValueError);
});
