import { array, full, InvalidType, scope, ValueError } from "@chain/array";
import { Parameter, usingConfig, type Initializer, type ParameterUpdater } from "@chain/autograd";
import { describe, expect, test } from "@jest/globals";

const counting: Initializer = {
  dtype: null,
  generate: (shape, options) => full([...shape], 3, options),
};

describe("a Parameter", () => {
  test("is made of an array", () => {
    const a = array([1, 2]);
    const p = new Parameter(a, { name: "W" });
    expect([p.array, p.name, p.initializer, p.requiresGrad]).toEqual([a, "W", null, true]);
    expect(() => new Parameter(a, { shape: [3] })).toThrow(InvalidType);
  });

  test("is filled with a number, with NaN, or by an initializer", () => {
    expect(new Parameter(2, { shape: [2] }).array.tolistSync()).toEqual([2, 2]);
    expect(new Parameter(null, { shape: 1 }).array.tolistSync()).toEqual([NaN]);
    expect(new Parameter(counting, { shape: [1, 2] }).array.tolistSync()).toEqual([[3, 3]]);
  });

  test("takes the configured dtype, or the initializer's", () => {
    usingConfig("dtype", "float64", () => {
      expect(new Parameter(0, { shape: 1 }).dtype).toBe("float64");
      expect(new Parameter(counting, { shape: 1 }).dtype).toBe("float64");
      expect(new Parameter({ ...counting, dtype: "float16" }, { shape: 1 }).dtype).toBe("float16");
    });
  });

  test("gets its array later, once", () => {
    const p = new Parameter(counting, { name: "W" });
    expect(p.isInitialized).toBe(false);
    expect(() => p.shape).toThrow("W has no array yet");
    p.initialize([2]);
    expect(p.shape).toEqual([2]);
    expect(() => p.initialize([2])).toThrow(ValueError);
  });

  test("that is initialized in a scope outlives it", () => {
    const p = new Parameter(counting);
    scope(() => p.initialize([2]));
    expect(p.array.tolistSync()).toEqual([3, 3]);
  });

  test("is made on the device that was asked for", () => {
    const p = new Parameter(counting).toDevice("js");
    expect(p.device).toBe("js");
    p.initialize([1]);
    expect(p.array.device).toBe("js");
    p.grad = full([1], 1, { device: "js" });
    p.toDevice("cpu");
    expect([p.array.device, p.grad.device]).toEqual(["cpu", "cpu"]);
  });

  test("is updated by its rule", () => {
    const p = new Parameter(1, { shape: 1 });
    p.update();
    const updated: Parameter[] = [];
    const rule: ParameterUpdater = { enabled: true, hyperparam: {}, update: (q) => void updated.push(q) };
    p.updateRule = rule;
    p.update();
    expect(updated).toEqual([p]);
  });

  test("has the methods of a Variable", () => {
    const p = new Parameter(array([1, 2]));
    p.mul(p).sum().backward();
    expect(p.grad?.tolistSync()).toEqual([2, 4]);
    p.cleargrad();
    expect(p.grad).toBeNull();
  });
});
