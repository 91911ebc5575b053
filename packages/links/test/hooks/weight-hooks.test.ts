import { array, memoryInfo, random, scope, ValueError, type NdArray } from "@chain/array";
import { Parameter, testMode, type Variable, type VariableLike } from "@chain/autograd";
import * as F from "@chain/autograd/functions";
import { beforeEach, describe, expect, test } from "@jest/globals";
import { Linear, Link, SpectralNormalization, WeightStandardization } from "../../src/index.js";
import { fromNpz, NpzFile, toNpz } from "../../src/serializers/index.js";

beforeEach(() => random.seed(11));

// Singular values 5 and 3: the rows are orthogonal and have these lengths.
const weights = [
  [3, 4, 0],
  [0, 0, 3],
];
const identity = array([
  [1, 0, 0],
  [0, 1, 0],
  [0, 0, 1],
]);

function linear(): Linear {
  return new Linear(3, 2, { nobias: true, initialW: array(weights) });
}

/** The weight that a link ran with: its response to the unit vectors. */
function response(link: Linear): number[] {
  return Array.from(link.forward(identity).array.T.copy().dataSync());
}

function expectClose(actual: readonly number[], expected: readonly number[], digits = 5): void {
  expect(actual).toHaveLength(expected.length);
  actual.forEach((value, i) => expect(value).toBeCloseTo(expected[i] as number, digits));
}

describe("SpectralNormalization", () => {
  test("divides by the largest singular value, found in a few runs", () => {
    const link = linear();
    link.addHook(new SpectralNormalization());
    for (let i = 0; i < 30; i++) link.forward(identity);
    expectClose(
      response(link),
      weights.flat().map((w) => w / 5),
    );
    expect(link.W).toBeInstanceOf(Parameter);
    expect(link.W.array.tolistSync()).toEqual(weights);
  });

  test("several steps a run, and a factor", () => {
    const link = linear();
    link.addHook(new SpectralNormalization({ nPowerIteration: 30, factor: 2 }));
    expectClose(
      response(link),
      weights.flat().map((w) => (2 * w) / 5),
    );
  });

  test("with gamma it starts out unchanged, and gamma is a parameter", () => {
    const link = linear();
    link.addHook(new SpectralNormalization({ nPowerIteration: 30, useGamma: true }));
    expect(link.namedParams().map(([path]) => path)).toEqual(["/W", "/gamma"]);
    const gamma = (link as unknown as { gamma: Parameter }).gamma;
    expect(gamma.shape).toEqual([]);
    expect(gamma.array.itemSync()).toBeCloseTo(5, 5);
    expectClose(response(link), weights.flat());
    F.sum(link.forward(identity)).backward();
    expect(gamma.grad?.itemSync()).toBeCloseTo((3 + 4 + 3) / 5, 4);
  });

  test("the gradient treats the vectors as constants", () => {
    const link = linear();
    const hook = new SpectralNormalization({ nPowerIteration: 30 });
    link.addHook(hook);
    F.sum(link.forward(identity)).backward();
    // For L = Σ W / σ and σ = uᵀWv with u = (1, 0), v = (3, 4, 0) / 5: dL/dW = 1 / σ - (Σ W / σ²) u vᵀ.
    const expected = [0.2 - 0.4 * 0.6, 0.2 - 0.4 * 0.8, 0.2, 0.2, 0.2, 0.2];
    expectClose(Array.from(link.W.grad?.dataSync() ?? []), expected, 4);
  });

  test("the vector moves in training only, and is saved with the link", async () => {
    const link = linear();
    link.addHook(new SpectralNormalization());
    const u = (): number[] => Array.from((link as unknown as { W_u: NdArray }).W_u.dataSync());
    const before = u();
    testMode(() => link.forward(identity));
    expect(u()).toEqual(before);
    link.forward(identity);
    expect(u()).not.toEqual(before);
    const bytes = await toNpz(link);
    expect(new NpzFile(bytes).keys()).toEqual(["W", "W_u"]);
    const other = linear();
    other.addHook(new SpectralNormalization());
    fromNpz(bytes, other);
    expect(response(other)).toEqual(response(link));
  });

  test("weights that are made by the first run", () => {
    const link = new Linear(null, 2);
    link.addHook(new SpectralNormalization());
    expect(link.persistents()).toEqual([]);
    link.forward(array([[1, 2, 3]]));
    expect(link.W.shape).toEqual([2, 3]);
    expect(link.persistents()).toEqual(["W_u"]);
  });

  test("weights of more axes, with outputs on the first or second", () => {
    class Filters extends Link {
      readonly W: Parameter;
      readonly weightOutputAxis: number;
      constructor(shape: number[], axis: number) {
        super();
        this.weightOutputAxis = axis;
        this.W = new Parameter(array(weights.flat()).reshape(shape));
      }
      override forward(): Variable {
        return F.mul(this.W, 1);
      }
    }
    const first = new Filters([2, 3, 1, 1], 0);
    first.addHook(new SpectralNormalization({ nPowerIteration: 30 }));
    const expected = weights.flat().map((w) => w / 5);
    expectClose(Array.from(first.forward().dataSync()), expected);
    const second = new Filters([2, 3], 1);
    second.addHook(new SpectralNormalization({ nPowerIteration: 30 }));
    expect((second as unknown as { W_u: NdArray }).W_u.shape).toEqual([3]);
    expectClose(Array.from(second.forward().dataSync()), expected);
  });

  test("removed, it leaves nothing behind", () => {
    const link = linear();
    link.addHook(new SpectralNormalization({ useGamma: true }));
    link.deleteHook("SpectralNormalization");
    expect(link.persistents()).toEqual([]);
    expect(Object.keys(link)).not.toContain("gamma");
    expect(response(link)).toEqual(weights.flat());
  });

  test("what cannot be", () => {
    expect(() => new SpectralNormalization().enable()).toThrow(ValueError);
    expect(() => new Link().addHook(new SpectralNormalization())).toThrow(/no parameter "W"/);
    expect(() => new SpectralNormalization({ nPowerIteration: 0 })).toThrow(ValueError);
  });

  test("runs in scopes leave nothing but the vector", () => {
    const link = linear();
    link.addHook(new SpectralNormalization());
    const before = memoryInfo()["cpu"]?.arrays;
    for (let i = 0; i < 10; i++) scope(() => void link.forward(identity));
    expect(memoryInfo()["cpu"]?.arrays).toBe(before);
  });
});

describe("WeightStandardization", () => {
  test("every output's weights have mean 0 and variance 1", () => {
    const link = linear();
    link.addHook(new WeightStandardization({ eps: 0 }));
    // Rows (3, 4, 0) and (0, 0, 3): means 7/3 and 1, variances 26/9 and 2.
    const [a, b] = [Math.sqrt(26 / 9), Math.sqrt(2)];
    expectClose(response(link), [2 / 3 / a, 5 / 3 / a, -7 / 3 / a, -1 / b, -1 / b, 2 / b]);
    expect(link.W.array.tolistSync()).toEqual(weights);
  });

  test("eps keeps a constant row from dividing by 0", () => {
    const link = new Linear(2, 1, { nobias: true, initialW: array([[4, 4]]) });
    link.addHook(new WeightStandardization());
    expect(Array.from(link.forward(array([[1, 2]])).dataSync())).toEqual([0]);
  });

  test("gradients reach the parameter", () => {
    const link = linear();
    link.addHook(new WeightStandardization());
    F.sum(
      F.mul(
        link.forward(identity),
        array([
          [1, 0],
          [0, 0],
          [0, 0],
        ]),
      ),
    ).backward();
    expect(link.W.grad?.shape).toEqual([2, 3]);
    expect(link.W.grad?.dataSync()[0]).not.toBe(0);
  });
});

test("a link that throws has its parameter back", () => {
  class Failing extends Linear {
    override forward(_x: VariableLike): Variable {
      throw new Error("no");
    }
  }
  const link = new Failing(3, 2);
  const { W } = link;
  link.addHook(new WeightStandardization());
  expect(() => link.forward(identity)).toThrow("no");
  expect(link.W).toBe(W);
});
