import { array, random, ValueError, zerosLike, type NdArray } from "@chain/array";
import { Parameter } from "@chain/autograd";
import * as F from "@chain/autograd/functions";
import { Link } from "@chain/links";
import { describe, expect, test } from "@jest/globals";
import {
  exponentialDecayNoise,
  GradientClipping,
  GradientHardClipping,
  GradientLARS,
  GradientNoise,
  Lasso,
  SGD,
  WeightDecay,
  type GradientMethod,
  type OptimizerHook,
  type ParameterHook,
} from "../../src/index.js";

const p1 = [3, -4, 0];
const p2 = [1, 2];
const g1 = [1, -2, 2];
const g2 = [0.5, -4];

function setUp(dtype: "float32" | "float16" = "float32"): { optimizer: SGD; a: Parameter; b: Parameter } {
  const a = new Parameter(array(p1, { dtype }));
  const b = new Parameter(array(p2, { dtype }));
  a.grad = array(g1, { dtype });
  b.grad = array(g2, { dtype });
  return { optimizer: new SGD({ lr: 0 }).setup(new Link({ a, b })), a, b };
}

/** Gradients after the hook has run on `g1` and `g2`. */
function gradientsAfter(hook: OptimizerHook | ParameterHook, dtype: "float32" | "float16" = "float32"): number[][] {
  const { optimizer, a, b } = setUp(dtype);
  optimizer.addHook(hook);
  optimizer.update();
  return [a, b].map((param) => Array.from(param.grad?.dataSync() ?? []));
}

function expectClose(actual: number[][], expected: number[][], digits = 6): void {
  actual.forEach((row, i) => row.forEach((value, k) => expect(value).toBeCloseTo(expected[i]?.[k] as number, digits)));
}

test("WeightDecay", () => {
  expectClose(gradientsAfter(new WeightDecay(0.1)), [
    g1.map((g, i) => g + 0.1 * (p1[i] as number)),
    g2.map((g, i) => g + 0.1 * (p2[i] as number)),
  ]);
});

test("Lasso", () => {
  expectClose(gradientsAfter(new Lasso(0.1)), [
    [1.1, -2.1, 2],
    [0.6, -3.9],
  ]);
});

test("GradientHardClipping", () => {
  expectClose(gradientsAfter(new GradientHardClipping(-1.5, 0.75)), [
    [0.75, -1.5, 0.75],
    [0.5, -1.5],
  ]);
});

describe("GradientClipping", () => {
  // All elements together: √(1 + 4 + 4 + 0.25 + 16).
  const norm = Math.sqrt(25.25);

  test("scales all gradients to the norm", () => {
    const rate = 2 / norm;
    expectClose(gradientsAfter(new GradientClipping(2)), [g1.map((g) => g * rate), g2.map((g) => g * rate)]);
  });

  test("leaves smaller ones as they are, zeros too", () => {
    expect(gradientsAfter(new GradientClipping(6))).toEqual([g1, g2]);
    const { optimizer, a, b } = setUp();
    for (const param of [a, b]) param.grad = zerosLike(param.array);
    optimizer.addHook(new GradientClipping(1));
    optimizer.update();
    expect(Array.from(a.grad?.dataSync() ?? [])).toEqual([0, 0, 0]);
  });

  test("float16 gradients whose squares overflow", () => {
    const { optimizer, a, b } = setUp("float16");
    a.grad = array([600, -800, 0], { dtype: "float16" });
    b.grad = zerosLike(b.array);
    optimizer.addHook(new GradientClipping(10));
    optimizer.update();
    expectClose([Array.from(a.grad.dataSync())], [[6, -8, 0]], 2);
  });
});

describe("GradientLARS", () => {
  test("scales a gradient by the ratio of norms", () => {
    const actual = gradientsAfter(new GradientLARS({ weightDecay: 0.5, eps: 0.1 }));
    const scaled = (g: number[], p: number[], pNorm: number, gNorm: number): number[] => {
      const rate = pNorm / (0.1 + gNorm + 0.5 * pNorm);
      return g.map((v, i) => (v + 0.5 * (p[i] as number)) * rate);
    };
    expectClose(actual, [scaled(g1, p1, 5, 3), scaled(g2, p2, Math.sqrt(5), Math.sqrt(16.25))], 5);
  });

  test("leaves gradients of small parameters as they are", () => {
    expect(gradientsAfter(new GradientLARS({ threshold: 10 }))).toEqual([g1, g2]);
  });
});

describe("GradientNoise", () => {
  test("adds what the noise function makes", () => {
    const noiseFunc = (shape: readonly number[], options: { device: string }): NdArray =>
      array(Array<number>(shape[0] as number).fill(10), options);
    expectClose(gradientsAfter(new GradientNoise(0.3, { noiseFunc })), [g1.map((g) => g + 10), g2.map((g) => g + 10)]);
  });

  test("by default normal noise that decays with the number of updates", () => {
    random.seed(3);
    const hook = new GradientNoise(0.5);
    const param = new Parameter(array([0]));
    new SGD().setup(new Link({ param }));
    const rule = param.updateRule as never as { t: number };
    for (const t of [0, 9]) {
      rule.t = t;
      const noise = exponentialDecayNoise([20000], { dtype: "float32", device: "cpu" }, hook, rule as never);
      const values = Array.from(noise.dataSync());
      const std = Math.sqrt(values.reduce((sum, v) => sum + v * v, 0) / values.length);
      expect(std / Math.sqrt(0.5 / (1 + t) ** 0.55)).toBeCloseTo(1, 1);
    }
  });
});

describe("adding hooks", () => {
  test("order, names, removal", () => {
    const { optimizer } = setUp();
    const calls: string[] = [];
    optimizer.addHook(() => calls.push("a"), { name: "a" });
    optimizer.addHook(() => calls.push("b"), { name: "b" });
    optimizer.addHook(() => calls.push("after"), { name: "c", timing: "post" });
    optimizer.addHook({ name: "d", timing: "post", call: () => calls.push("own timing") });
    optimizer.update();
    expect(calls).toEqual(["a", "b", "after", "own timing"]);
    optimizer.removeHook("a");
    optimizer.callHooks();
    expect(calls).toEqual(["a", "b", "after", "own timing", "b"]);
    expect(() => optimizer.removeHook("a")).toThrow(/there are: b, c, d/);
    expect(() => optimizer.addHook(() => undefined, { name: "b" })).toThrow(ValueError);
    expect(() =>
      optimizer.addHook(
        (
          () => () =>
            undefined
        )(),
      ),
    ).toThrow(/has no name/);
  });

  test("a pre hook sees gradients, a post hook updated parameters", () => {
    const param = new Parameter(array([1]));
    const optimizer = new SGD({ lr: 1 }).setup(new Link({ param }));
    const seen: number[] = [];
    const look = (o: GradientMethod): void =>
      void seen.push(o.t, param.array.itemSync(), param.grad?.itemSync() ?? NaN);
    optimizer.addHook(look, { name: "before" });
    optimizer.addHook(look, { name: "after", timing: "post" });
    optimizer.update(() => F.sum(F.mul(param, 3)));
    expect(seen).toEqual([0, 1, 3, 1, -2, 3]);
  });

  test("for one parameter, through its update rule", () => {
    const { optimizer, a, b } = setUp();
    const rule = a.updateRule as never as { addHook(hook: ParameterHook): void; removeHook(name: string): void };
    rule.addHook(new WeightDecay(1));
    optimizer.update();
    expect(Array.from(a.grad?.dataSync() ?? [])).toEqual(g1.map((g, i) => g + (p1[i] as number)));
    expect(Array.from(b.grad?.dataSync() ?? [])).toEqual(g2);
    rule.removeHook("WeightDecay");
    optimizer.update();
    expect(Array.from(a.grad?.dataSync() ?? [])).toEqual(g1.map((g, i) => g + (p1[i] as number)));
  });

  test("gradients that two parameters share are changed once each", () => {
    const [a, b] = [new Parameter(array([1])), new Parameter(array([10]))];
    const optimizer = new SGD({ lr: 0 }).setup(new Link({ a, b }));
    const shared = array([5]);
    a.grad = shared;
    b.grad = shared;
    optimizer.addHook(new WeightDecay(1));
    optimizer.update();
    expect([a.grad?.itemSync(), b.grad?.itemSync()]).toEqual([6, 15]);
  });
});
