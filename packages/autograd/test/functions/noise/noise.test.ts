import { array, InvalidType, random, ValueError, type NdArray } from "@chain/array";
import { testMode, Variable } from "@chain/autograd";
import * as F from "@chain/autograd/functions";
import { describe, expect, test } from "@jest/globals";
import { checkGradients, elements, expectElements, gradientOf, numbers } from "../support.js";

const mean = (list: readonly number[]): number => list.reduce((total, v) => total + v, 0) / list.length;

/** Runs twice with the same random numbers. */
function twice<T>(body: () => T): [T, T] {
  random.seed(5);
  const first = body();
  random.seed(5);
  return [first, body()];
}

describe("dropout", () => {
  const x = numbers([100, 50], { low: 1, high: 2 });

  test("drops the given share, and scales the rest", () => {
    random.seed(1);
    const y = elements(F.dropout(x, { ratio: 0.3 }));
    const values = elements(x);
    const kept = y.filter((v, i) => v !== 0 && Math.abs(v - (values[i] as number) / 0.7) < 1e-12).length;
    expect(kept + y.filter((v) => v === 0).length).toBe(5000);
    expect(Math.abs(kept / 5000 - 0.7)).toBeLessThan(0.03);
    expect(Math.abs(mean(elements(F.dropout(x)).map((v) => (v === 0 ? 0 : 1))) - 0.5)).toBeLessThan(0.03);
  });

  test("is repeated by the seed", () => {
    const [a, b] = twice(() => elements(F.dropout(x)));
    expect(a).toEqual(b);
    expect(elements(F.dropout(x))).not.toEqual(a);
  });

  test("returns its factors, and takes them", async () => {
    const [y, mask] = F.dropout(x.astype("float32"), { ratio: 0.2, returnMask: true });
    expect([mask?.shape, mask?.dtype]).toEqual([[100, 50], "float32"]);
    expect(new Set(elements(mask as NdArray))).toEqual(new Set([0, 1.25]));
    expectElements(F.dropout(x.astype("float32"), { mask }), elements(y));
    expectElements(F.dropout(x.astype("float32"), mask), elements(y));
    const factors = numbers([2, 3]);
    await checkGradients((v, f) => F.dropout(v, f.array), [numbers([2, 3])], { fixed: [factors] });
  });

  test("sends the gradient back through the same mask", async () => {
    const [y, gradient] = twice(() => F.dropout(x)).map((v) => elements(v)) as [number[], number[]];
    random.seed(5);
    const back = elements(gradientOf((v) => F.dropout(v), x));
    expect(back.map((v) => v !== 0)).toEqual(y.map((v) => v !== 0));
    expect(gradient).toEqual(y);
    const repeated = (v: Variable): Variable => {
      random.seed(5);
      return F.dropout(v, { ratio: 0.4 });
    };
    await checkGradients(repeated, [numbers([3, 4])]);
  });

  test("changes nothing in test mode, or with ratio 0", () => {
    const v = new Variable(x);
    testMode(() => {
      expect(F.dropout(v)).toBe(v);
      expect(F.dropout(v, { returnMask: true })).toEqual([v, null]);
    });
    expectElements(F.dropout(v, { ratio: 0 }), elements(x));
  });

  test("refuses ratios from 1 up, integers, and masks that do not fit", () => {
    expect(() => F.dropout(x, { ratio: 1 })).toThrow("dropout: ratio must be in [0, 1), got 1");
    expect(() => F.dropout(x, { ratio: -0.1 })).toThrow(ValueError);
    expect(() => F.dropout(array([1], { dtype: "int32" }))).toThrow(InvalidType);
    expect(() => F.dropout(x, numbers([2]))).toThrow(InvalidType);
    expect(() => F.dropout(numbers([2]), numbers([2]).astype("float32"))).toThrow(InvalidType);
  });
});

describe("gaussian", () => {
  const [m, v] = [numbers([2, 3]), numbers([2, 3], { seed: 2 })];

  test("is mean + standard deviation · eps", async () => {
    const eps = numbers([2, 3], { seed: 3 });
    const expected = elements(m).map(
      (a, i) => a + Math.exp((elements(v)[i] as number) / 2) * (elements(eps)[i] as number),
    );
    const [y, same] = F.gaussian(m, v, { eps, returnEps: true });
    expect(same).toBe(eps);
    expectElements(y, expected);
    expectElements(F.gaussian(m, v, eps), expected);
    await checkGradients((p, q, e) => F.gaussian(p, q, e.array), [m, v], { fixed: [eps] });
  });

  test("draws standard normal numbers, repeated by the seed", () => {
    const [a, b] = twice(() => elements(F.gaussian(m, v)));
    expect(a).toEqual(b);
    const [, eps] = F.gaussian(numbers([5000]), numbers([5000]), { returnEps: true });
    const drawn = elements(eps);
    expect(Math.abs(mean(drawn))).toBeLessThan(0.06);
    expect(Math.abs(mean(drawn.map((e) => e * e)) - 1)).toBeLessThan(0.1);
  });

  test("refuses what does not fit", () => {
    expect(() => F.gaussian(m, numbers([3]))).toThrow(InvalidType);
    expect(() => F.gaussian(m, v.astype("float32"))).toThrow(InvalidType);
    expect(() => F.gaussian(m, v, numbers([3]))).toThrow(InvalidType);
  });
});

describe("gumbelSoftmax", () => {
  test("gives samples that sum to 1, nearly one-hot at low temperature, with the given probabilities", () => {
    random.seed(2);
    const probabilities = [0.1, 0.6, 0.3];
    const logPi = array(Array.from({ length: 2000 }, () => probabilities.map(Math.log)));
    const y = elements(F.gumbelSoftmax(logPi, { tau: 0.01 }));
    for (let i = 0; i < y.length; i += 3)
      expect((y[i] as number) + (y[i + 1] as number) + (y[i + 2] as number)).toBeCloseTo(1, 4);
    probabilities.forEach((p, c) => {
      expect(Math.abs(mean(y.filter((_, i) => i % 3 === c)) - p)).toBeLessThan(0.04);
    });
  });

  test("has the right derivatives", async () => {
    const repeated = (v: Variable): Variable => {
      random.seed(5);
      return F.gumbelSoftmax(v, { tau: 0.7, axis: 0 });
    };
    await checkGradients(repeated, [numbers([3, 2])]);
  });

  test("refuses what does not fit", () => {
    expect(() => F.gumbelSoftmax(numbers([2, 2]), { tau: 0 })).toThrow(ValueError);
    expect(() => F.gumbelSoftmax(numbers([2]))).toThrow(InvalidType);
  });
});

describe("zoneout", () => {
  const [h, x] = [numbers([40, 50]), numbers([40, 50], { seed: 2 })];

  test("keeps the given share of old values", () => {
    random.seed(1);
    const y = elements(F.zoneout(h, x, { ratio: 0.2 }));
    const old = y.filter((v, i) => v === elements(h)[i]).length;
    expect(old + y.filter((v, i) => v === elements(x)[i]).length).toBe(2000);
    expect(Math.abs(old / 2000 - 0.2)).toBeLessThan(0.04);
    expectElements(F.zoneout(h, x, { ratio: 0 }), elements(x));
  });

  test("gives the new values in test mode, as Chainer does", () => {
    testMode(() => expectElements(F.zoneout(h, x, { ratio: 0.2 }), elements(x)));
  });

  test("has the right derivatives", async () => {
    const inputs = [numbers([3, 4]), numbers([3, 4], { seed: 2 })];
    const repeated = (a: Variable, b: Variable): Variable => {
      random.seed(5);
      return F.zoneout(a, b);
    };
    await checkGradients((a, b) => repeated(a, b), inputs);
    await checkGradients((b, a) => testMode(() => F.zoneout(a.array, b)), inputs.slice(1), {
      fixed: [numbers([3, 4])],
    });
  });

  test("refuses what does not fit", () => {
    expect(() => F.zoneout(h, numbers([2]))).toThrow(InvalidType);
    expect(() => F.zoneout(h, x, { ratio: 1 })).toThrow(ValueError);
  });
});

describe("simplifiedDropconnect", () => {
  const [x, W, b] = [numbers([2, 3]), numbers([4, 3], { seed: 2 }), numbers([4], { seed: 3 })];

  test("is a linear layer whose weights are multiplied by a mask", async () => {
    const mask = numbers([2, 4, 3], { seed: 4 });
    const [p, q, r, m] = [x, W, b, mask].map(elements) as [number[], number[], number[], number[]];
    const expected = [0, 1].flatMap((i) =>
      [0, 1, 2, 3].map((o) =>
        [0, 1, 2].reduce(
          (sum, k) => sum + (p[3 * i + k] as number) * (q[3 * o + k] as number) * (m[(4 * i + o) * 3 + k] as number),
          r[o] as number,
        ),
      ),
    );
    expectElements(F.simplifiedDropconnect(x, W, b, mask), expected);
    expectElements(F.simplifiedDropconnect(x, W, b, { mask }), expected);
    await checkGradients((s, t, u, k) => F.simplifiedDropconnect(s, t, u, k.array), [x, W, b], { fixed: [mask] });
    const shared = numbers([4, 3], { seed: 5 });
    await checkGradients(
      (s, t, k) => F.simplifiedDropconnect(s, t, { mask: k.array, useBatchwiseMask: false }),
      [x, W],
      { fixed: [shared] },
    );
  });

  test("drops nothing with ratio 0 or outside of training", () => {
    const expected = elements(F.linear(x, W, b));
    expectElements(F.simplifiedDropconnect(x, W, b, { ratio: 0 }), expected);
    expectElements(F.simplifiedDropconnect(x, W, b, { train: false }), expected);
    expectElements(F.simplifiedDropconnect(x.reshape(2, 3, 1), W, b, null, { train: false }), expected);
  });

  test("drops the given share of weights, for every sample its own", () => {
    random.seed(3);
    const wide = F.simplifiedDropconnect(
      numbers([2, 1], { low: 1, high: 1.0000001 }),
      numbers([1000, 1], { low: 1, high: 2 }),
      { ratio: 0.25 },
    );
    const kept = elements(wide).map((v) => v !== 0);
    expect(Math.abs(kept.filter(Boolean).length / 2000 - 0.75)).toBeLessThan(0.05);
    expect(kept.slice(0, 1000)).not.toEqual(kept.slice(1000));
    const shared = F.simplifiedDropconnect(
      numbers([2, 1], { low: 1, high: 2 }),
      numbers([100, 1], { low: 1, high: 2 }),
      { useBatchwiseMask: false },
    );
    const common = elements(shared).map((v) => v !== 0);
    expect(common.slice(0, 100)).toEqual(common.slice(100));
  });

  test("refuses what does not fit", () => {
    expect(() => F.simplifiedDropconnect(x, numbers([4, 2]))).toThrow(InvalidType);
    expect(() => F.simplifiedDropconnect(x, W, b, numbers([4, 3]))).toThrow(
      "simplifiedDropconnect (forward): expected mask.shape == (2, 4, 3), got (4, 3)",
    );
    expect(() => F.simplifiedDropconnect(x, W, numbers([3]))).toThrow(InvalidType);
    expect(() => F.simplifiedDropconnect(x, W, { ratio: 1 })).toThrow(ValueError);
  });
});
