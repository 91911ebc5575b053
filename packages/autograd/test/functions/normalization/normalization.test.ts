import { array, InvalidType, ones, ValueError, zeros, type NdArray } from "@chain/array";
import { grad, Variable } from "@chain/autograd";
import * as F from "@chain/autograd/functions";
import { describe, expect, test } from "@jest/globals";
import { checkGradients, elements, expectElements, inLayouts, numbers } from "../support.js";

const sum = (list: readonly number[]): number => list.reduce((total, v) => total + v, 0);
const mean = (list: readonly number[]): number => sum(list) / list.length;
const variance = (list: readonly number[]): number => mean(list.map((v) => (v - mean(list)) ** 2));

/** For every element, the number of its channel; channels lie along `axis`. */
function channelsOf(x: NdArray, axis: number): number[] {
  const inner = x.shape.slice(axis + 1).reduce((product, n) => product * n, 1);
  return elements(x).map((_, i) => Math.floor(i / inner) % (x.shape[axis] as number));
}

/** `gamma (x - mean) / sqrt(var + eps) + beta` for each group of elements. */
function reference(
  x: NdArray,
  groups: readonly number[],
  scale: (i: number) => number,
  shift: (i: number) => number,
  eps: number,
): number[] {
  const values = elements(x);
  return values.map((v, i) => {
    const group = values.filter((_, k) => groups[k] === groups[i]);
    return (scale(i) * (v - mean(group))) / Math.sqrt(variance(group) + eps) + shift(i);
  });
}

describe("batchNormalization", () => {
  test.each<[number[], number | undefined]>([
    [[4, 3], undefined],
    [[4, 3, 2, 2], undefined],
    [[1, 2, 3], undefined],
    [[2, 2, 5], 2],
  ])("of shape %j, channels along axis %p", (shape, last) => {
    const axis = last ?? 1;
    const x = numbers(shape);
    const gamma = numbers([shape[axis] as number], { seed: 2 });
    const beta = numbers([shape[axis] as number], { seed: 3 });
    const channels = channelsOf(x, axis);
    const [g, b] = [elements(gamma), elements(beta)];
    const expected = reference(
      x,
      channels,
      (i) => g[channels[i] as number] as number,
      (i) => b[channels[i] as number] as number,
      2e-5,
    );
    const options = last === undefined ? {} : { axis: [0, 1] };
    for (const [, [p, q, r]] of inLayouts([x, gamma, beta])) {
      expectElements(F.batchNormalization(p as NdArray, q as NdArray, r as NdArray, options), expected, 1e-10);
    }
    const narrow = F.batchNormalization(x.astype("float32"), gamma.astype("float32"), beta.astype("float32"), options);
    expect(narrow.dtype).toBe("float32");
    expectElements(narrow, expected, 2e-5);
  });

  test("has one value for each of several axes, if gamma has", () => {
    const x = numbers([4, 2, 3]);
    const y = F.batchNormalization(x, ones([2, 3], { dtype: "float64" }), zeros([2, 3], { dtype: "float64" }));
    const places = elements(x).map((_, i) => i % 6);
    expectElements(
      y,
      reference(
        x,
        places,
        () => 1,
        () => 0,
        2e-5,
      ),
      1e-10,
    );
  });

  test("has the right derivatives", async () => {
    const parameters = [numbers([3], { seed: 2 }), numbers([3], { seed: 3 })];
    await checkGradients((x, g, b) => F.batchNormalization(x, g, b), [numbers([4, 3]), ...parameters]);
    await checkGradients(
      (x, g, b) => F.batchNormalization(x, g, b, { eps: 0.1 }),
      [numbers([2, 3, 2, 2]), ...parameters],
    );
    await checkGradients(
      (x, g, b) => F.batchNormalization(x, g, b, { axis: [0, 1] }),
      [numbers([2, 2, 3]), ...parameters],
    );
    await checkGradients((x, g, b) => F.batchNormalization(x, g.array, b.array), [numbers([4, 3])], {
      fixed: parameters,
    });
    await checkGradients((g, x, b) => F.batchNormalization(x.array, g, b.array), [numbers([3])], {
      fixed: [numbers([4, 3]), ...parameters.slice(1)],
    });
  });

  test("with ReLU in the same kernel is ReLU of it", async () => {
    const x = numbers([4, 3, 2, 2]);
    const [g, b] = [numbers([3], { seed: 2 }), numbers([3], { seed: 3 })];
    const options = { activation: "relu" } as const;
    expectElements(F.batchNormalization(x, g, b, options), elements(F.relu(F.batchNormalization(x, g, b))), 1e-12);
    await checkGradients((p, q, r) => F.batchNormalization(p, q, r, options), [x, g, b]);
    const gy = numbers(x.shape, { seed: 9 });
    const gradients = (fn: (v: Variable, q: Variable, r: Variable) => Variable): number[][] => {
      const inputs = [x, g, b].map((each) => new Variable(each.astype("float32"))) as [Variable, Variable, Variable];
      return grad([fn(...inputs)], inputs, { gradOutputs: [new Variable(gy.astype("float32"))] }).map((gx) =>
        elements(gx as Variable),
      );
    };
    const apart = gradients((p, q, r) => F.relu(F.batchNormalization(p, q, r)));
    gradients((p, q, r) => F.batchNormalization(p, q, r, options)).forEach((fused, i) => {
      fused.forEach((v, k) => expect(v).toBeCloseTo(apart[i]?.[k] as number, 5));
    });
    const wrong = { activation: "tanh" as "relu" };
    expect(() => F.batchNormalization(x, g, b, wrong)).toThrow('activation is "none" or "relu", got "tanh"');
  });

  test.each([
    ["a large mean and a small variance", [64, 2, 8, 8], (v: number, _: number) => 1000 + 0.01 * v],
    ["a first image that is unlike the others", [64, 2, 8, 8], (v: number, i: number) => (i < 128 ? 0 : 1000) + v],
    ["a few outliers at the start", [4096, 2], (v: number, i: number) => (i < 4 ? 1e4 : 3) + v],
  ])("statistics are exact in float32 with %s", (_, shape, make) => {
    const raw = elements(numbers(shape));
    const x = array(Float32Array.from(raw, make)).reshape(shape);
    const [values, channels] = [elements(x), channelsOf(x, 1)];
    const [runningMean, runningVar] = [zeros([2]), zeros([2])];
    F.batchNormalization(x, ones([2]), zeros([2]), runningMean, runningVar, { decay: 0 });
    for (const c of [0, 1]) {
      const own = values.filter((__, i) => channels[i] === c);
      const expected = (variance(own) * own.length) / (own.length - 1);
      expect(Math.abs((elements(runningMean)[c] as number) / mean(own) - 1)).toBeLessThan(2e-6);
      expect(Math.abs((elements(runningVar)[c] as number) / expected - 1)).toBeLessThan(2e-5);
    }
  });

  test("has third derivatives too", () => {
    const x = new Variable(numbers([4, 1]));
    const [g, b] = [ones([1], { dtype: "float64" }), zeros([1], { dtype: "float64" })];
    const options = { enableDoubleBackprop: true };
    const cube = (v: Variable): Variable => F.sum(F.mul(F.mul(v, v), v));
    const [first] = grad([cube(F.batchNormalization(x, g, b))], [x], options);
    const [second] = grad([cube(first as Variable)], [x], options);
    const [third] = grad([cube(second as Variable)], [x]);
    const eps = 1e-4;
    const secondAt = (shift: number): number => {
      const moved = new Variable(x.array.copy());
      moved.array = array(
        elements(x).map((v, i) => (i === 1 ? v + shift : v)),
        { dtype: "float64" },
      ).reshape(4, 1);
      const [one] = grad([cube(F.batchNormalization(moved, g, b))], [moved], options);
      const [two] = grad([cube(one as Variable)], [moved]);
      return sum(elements(two as Variable).map((v) => v ** 3));
    };
    const numeric = (secondAt(eps) - secondAt(-eps)) / (2 * eps);
    expect(Math.abs((elements(third as Variable)[1] as number) - numeric)).toBeLessThan(
      1e-4 * Math.max(1, Math.abs(numeric)),
    );
  });

  test("updates running statistics in place, with the unbiased variance", () => {
    const x = array([[1], [2], [6]], { dtype: "float64" });
    const [runningMean, runningVar] = [array([10], { dtype: "float64" }), array([20], { dtype: "float64" })];
    const parameters = [ones([1], { dtype: "float64" }), zeros([1], { dtype: "float64" })] as const;
    F.batchNormalization(x, ...parameters, { runningMean, runningVar, decay: 0.75 });
    expectElements(runningMean, [0.75 * 10 + 0.25 * 3]);
    expectElements(runningVar, [0.75 * 20 + 0.25 * 7]);
    F.batchNormalization(x, ...parameters, runningMean, null, { decay: 0 });
    expectElements(runningMean, [3]);
  });

  test("refuses what does not fit", () => {
    const x = numbers([2, 3]);
    expect(() => F.batchNormalization(x, numbers([2]), numbers([2]))).toThrow(
      "batchNormalization (forward): expected gamma of shape (3,) for x of shape (2, 3), got (2,)",
    );
    expect(() => F.batchNormalization(x, numbers([3]), numbers([3]).astype("float32"))).toThrow(InvalidType);
    expect(() => F.batchNormalization(x, numbers([3]), numbers([3]), { eps: 0 })).toThrow(ValueError);
    expect(() => F.batchNormalization(x, numbers([3]), numbers([3]), numbers([2]))).toThrow(InvalidType);
    expect(() => F.batchNormalization(x, numbers([3]), numbers([3]), { axis: 2 })).toThrow(InvalidType);
  });
});

describe("fixedBatchNormalization and fixedBatchRenormalization", () => {
  const x = numbers([3, 2, 2]);
  const [gamma, beta, center] = [2, 3, 4].map((seed) => numbers([2], { seed })) as [NdArray, NdArray, NdArray];
  const spread = numbers([2], { seed: 5, low: 0.5, high: 2 });

  test("use the given statistics", () => {
    const [g, b, m, v] = [gamma, beta, center, spread].map(elements) as [number[], number[], number[], number[]];
    const channels = channelsOf(x, 1);
    const expected = elements(x).map((value, i) => {
      const c = channels[i] as number;
      return ((g[c] as number) * (value - (m[c] as number))) / Math.sqrt((v[c] as number) + 2e-5) + (b[c] as number);
    });
    expectElements(F.fixedBatchNormalization(x, gamma, beta, center, spread), expected);
    expectElements(F.fixedBatchRenormalization(x, gamma, beta, center, spread), expected);
  });

  test("have the right derivatives", async () => {
    await checkGradients((p, q, r, s, t) => F.fixedBatchNormalization(p, q, r, s, t), [x, gamma, beta, center, spread]);
  });

  test("refuse what does not fit", () => {
    expect(() => F.fixedBatchNormalization(x, gamma, beta, numbers([3]), spread)).toThrow(
      "expected mean of shape (2,)",
    );
  });
});

describe("batchRenormalization", () => {
  const x = numbers([5, 2]);
  const [gamma, beta] = [numbers([2], { seed: 2 }), numbers([2], { seed: 3 })];
  const columns = [0, 1].map((c) => elements(x).filter((_, i) => i % 2 === c));

  test("corrects by bounded factors", () => {
    const runningMean = array([0.1, -3], { dtype: "float64" });
    const runningVar = array([1.2, 0.01], { dtype: "float64" });
    const [g, b] = [elements(gamma), elements(beta)];
    const expected = elements(x).map((v, i) => {
      const c = i % 2;
      const [m, s] = [mean(columns[c] as number[]), Math.sqrt(variance(columns[c] as number[]) + 2e-5)];
      const sigma = Math.sqrt((elements(runningVar)[c] as number) + 2e-5);
      const r = Math.min(Math.max(s / sigma, 1 / 2), 2);
      const d = Math.min(Math.max((m - (elements(runningMean)[c] as number)) / sigma, -0.5), 0.5);
      return (g[c] as number) * (((v - m) / s) * r + d) + (b[c] as number);
    });
    expectElements(F.batchRenormalization(x, gamma, beta, 2, 0.5, { runningMean, runningVar }), expected, 1e-10);
    expect(elements(runningMean)).toEqual([0.1, -3]);
    F.batchRenormalization(x, gamma, beta, 2, 0.5, runningMean, runningVar, { updateStatistics: true, decay: 0 });
    expectElements(runningMean, columns.map(mean), 1e-10);
    expectElements(
      runningVar,
      columns.map((c) => (variance(c) * 5) / 4),
      1e-10,
    );
  });

  test("is batch normalization without room for corrections", () => {
    expectElements(F.batchRenormalization(x, gamma, beta, 1, 0), elements(F.batchNormalization(x, gamma, beta)), 1e-10);
  });

  test("refuses bounds that make no sense", () => {
    expect(() => F.batchRenormalization(x, gamma, beta, 0.5, 1)).toThrow(ValueError);
    expect(() => F.batchRenormalization(x, gamma, beta, 1, -1)).toThrow(ValueError);
  });
});

describe("layerNormalization", () => {
  const [x, gamma, beta] = [numbers([3, 5]), numbers([5], { seed: 2 }), numbers([5], { seed: 3 })];

  test("normalizes each row", () => {
    const rows = elements(x).map((_, i) => Math.floor(i / 5));
    const [g, b] = [elements(gamma), elements(beta)];
    const expected = reference(
      x,
      rows,
      (i) => g[i % 5] as number,
      (i) => b[i % 5] as number,
      1e-5,
    );
    for (const [, [p]] of inLayouts([x]))
      expectElements(F.layerNormalization(p as NdArray, gamma, beta), expected, 1e-10);
    expect(F.layerNormalization(zeros([0, 5], { dtype: "float64" }), gamma, beta).shape).toEqual([0, 5]);
  });

  test("has the right derivatives", async () => {
    await checkGradients((p, q, r) => F.layerNormalization(p, q, r), [x, gamma, beta]);
    await checkGradients((p, q, r) => F.layerNormalization(p, q.array, r.array, { eps: 0.1 }), [x], {
      fixed: [gamma, beta],
    });
  });

  test("refuses what does not fit", () => {
    expect(() => F.layerNormalization(x, numbers([4]), beta)).toThrow(
      "layerNormalization (forward): expected gamma.shape[0] == x.shape[1], got 4 != 5",
    );
    expect(() => F.layerNormalization(numbers([2, 3, 5]), gamma, beta)).toThrow(InvalidType);
    expect(() => F.layerNormalization(x, gamma, beta, { eps: -1 })).toThrow(ValueError);
  });
});

describe("groupNormalization", () => {
  const [gamma, beta] = [numbers([4], { seed: 2 }), numbers([4], { seed: 3 })];

  test.each<[number[], number]>([
    [[2, 4, 3], 2],
    [[2, 4, 2, 2], 4],
    [[3, 4], 1],
  ])("of shape %j in %d groups", (shape, groups) => {
    const x = numbers(shape);
    const size = x.size / ((shape[0] as number) * groups);
    const channels = channelsOf(x, 1);
    const [g, b] = [elements(gamma), elements(beta)];
    const expected = reference(
      x,
      elements(x).map((_, i) => Math.floor(i / size)),
      (i) => g[channels[i] as number] as number,
      (i) => b[channels[i] as number] as number,
      1e-5,
    );
    expectElements(F.groupNormalization(x, groups, gamma, beta), expected, 1e-10);
  });

  test("has the right derivatives", async () => {
    await checkGradients((p, q, r) => F.groupNormalization(p, 2, q, r), [numbers([2, 4, 3]), gamma, beta]);
  });

  test("refuses what does not fit", () => {
    expect(() => F.groupNormalization(numbers([2, 4]), 3, gamma, beta)).toThrow(
      "groupNormalization: groups must divide the 4 channels, got 3",
    );
    expect(() => F.groupNormalization(numbers([2, 4]), 2, numbers([2]), beta)).toThrow(InvalidType);
    expect(() => F.groupNormalization(numbers([4]), 2, gamma, beta)).toThrow(InvalidType);
  });
});

describe("normalize", () => {
  test("divides by the norm", () => {
    const x = array(
      [
        [3, 4],
        [0, 0],
      ],
      { dtype: "float64" },
    );
    expectElements(F.normalize(x), [3 / (5 + 1e-5), 4 / (5 + 1e-5), 0, 0]);
    expectElements(F.normalize(x, { axis: [0, 1], eps: 0.5 }), [3 / 5.5, 4 / 5.5, 0, 0]);
    expectElements(F.normalize(x, { axis: 0, eps: 1 }), [3 / 4, 4 / 5, 0, 0]);
  });

  test("has the gradient gy / eps at 0", () => {
    const x = new Variable(zeros([1, 2], { dtype: "float64" }));
    F.sum(F.normalize(x, { eps: 0.25 })).backward();
    expectElements(x.grad as NdArray, [4, 4]);
  });

  test("has the right derivatives", async () => {
    await checkGradients((x) => F.normalize(x), [numbers([3, 4])]);
    await checkGradients((x) => F.normalize(x, { axis: [0, 2] }), [numbers([2, 3, 2])]);
  });

  test("refuses what does not fit", () => {
    expect(() => F.normalize(numbers([3]))).toThrow("normalize (forward): expected -1 <= axis < 1, got 1");
    expect(() => F.normalize(zeros([2, 2], { dtype: "int32" }))).toThrow(InvalidType);
  });
});

describe("localResponseNormalization", () => {
  test.each([1, 2, 3, 5])("over %d channels", (n) => {
    const x = numbers([2, 6, 2]);
    const reach = Math.floor(n / 2);
    const values = elements(x);
    const expected = values.map((v, i) => {
      const [channel, place] = [Math.floor(i / 2) % 6, i % 2];
      const start = i - channel * 2 - place;
      let squares = 0;
      for (let c = Math.max(channel - reach, 0); c <= Math.min(channel + reach, 5); c++)
        squares += (values[start + c * 2 + place] as number) ** 2;
      return v / (2 + 0.1 * squares) ** 0.6;
    });
    expectElements(F.localResponseNormalization(x, { n, alpha: 0.1, beta: 0.6 }), expected);
  });

  test("has the right derivatives", async () => {
    await checkGradients((x) => F.localResponseNormalization(x, { n: 3, k: 1, alpha: 0.5 }), [numbers([2, 4, 2])]);
  });

  test("refuses what does not fit", () => {
    expect(() => F.localResponseNormalization(numbers([3]))).toThrow(InvalidType);
    expect(() => F.localResponseNormalization(numbers([3, 3]), { n: 0 })).toThrow(ValueError);
  });
});

describe("float16 statistics", () => {
  const shape = [4096, 3, 4, 4] as const;
  const count = 4096 * 16;
  // Means of up to 40 and standard deviations of about 1: sums over the batch are far beyond what a half holds.
  const wide = F.add(
    F.mul(
      numbers([...shape], { low: -1.7, high: 1.7, seed: 12 }),
      array([1, 0.5, 2], { dtype: "float64" }).reshape(3, 1, 1),
    ),
    array([40, -8, 0], { dtype: "float64" }).reshape(3, 1, 1),
  ).array.astype("float16");
  const gy = numbers([...shape], { low: 0.5, high: 1.5, seed: 13 }).astype("float16");
  const [gamma, beta] = [array([1.5, 0.5, -1]), array([0.25, 0, 2])];
  const channels = channelsOf(wide, 1);
  const perChannel = (x: NdArray): number[][] => {
    const lists: number[][] = [[], [], []];
    elements(x).forEach((value, i) => (lists[channels[i] as number] as number[]).push(value));
    return lists;
  };
  const expected = perChannel(wide).map((list) => [mean(list), variance(list)] as const);

  test.each(["float16", "float32"] as const)("with parameters of %s", (dtype) => {
    const [runningMean, runningVar] = [zeros([3], { dtype: "float32" }), zeros([3], { dtype: "float32" })];
    const [x, g, b] = [wide, gamma.astype(dtype), beta.astype(dtype)].map((value) => new Variable(value)) as [
      Variable,
      Variable,
      Variable,
    ];
    const y = F.batchNormalization(x, g, b, runningMean, runningVar, { decay: 0 });
    expect(y.dtype).toBe("float16");
    expectElements(
      runningMean,
      expected.map(([m]) => m),
      1e-5,
    );
    expectElements(
      runningVar,
      expected.map(([, v]) => (v * count) / (count - 1)),
      1e-5,
    );
    const normalized = perChannel(wide).map((list, c) => {
      const [m, v] = expected[c] as readonly [number, number];
      return list.map((value) => (value - m) / Math.sqrt(v + 2e-5));
    });
    perChannel(y.array).forEach((list, c) => {
      const [scale, shift] = [elements(gamma)[c] as number, elements(beta)[c] as number];
      list.forEach((value, i) => {
        const want = (normalized[c]?.[i] as number) * scale + shift;
        if (Math.abs(value - want) > 1e-3 * (1 + Math.abs(want))) throw new Error(`${value} instead of ${want}`);
      });
    });

    y.grad = gy;
    y.backward();
    expect([x.grad?.dtype, g.grad?.dtype, b.grad?.dtype]).toEqual(["float16", dtype, dtype]);
    const gys = perChannel(gy);
    const slopes = gys.map((list, c) => mean(list.map((value, i) => value * (normalized[c]?.[i] as number))));
    // The gradient of beta is about 65,536: a half is at its end there.
    if (dtype === "float32") expectElements(b.grad as NdArray, gys.map(sum), 1e-5);
    // The mean is known to about 4e-6, as far as float32 goes at 40.
    elements(g.grad as NdArray).forEach((slope, c) => {
      expect(Math.abs(slope / count - (slopes[c] as number))).toBeLessThan(dtype === "float16" ? 1e-4 : 1e-5);
    });
    perChannel(x.grad as NdArray).forEach((list, c) => {
      const factor = (elements(gamma)[c] as number) / Math.sqrt((expected[c] as readonly [number, number])[1] + 2e-5);
      list.forEach((value, i) => {
        const own = (gys[c]?.[i] as number) - mean(gys[c] as number[]);
        const want = factor * (own - (normalized[c]?.[i] as number) * (slopes[c] as number));
        if (Math.abs(value - want) > 2e-3 * (1 + Math.abs(want))) throw new Error(`${value} instead of ${want}`);
      });
    });
  });

  test.each(["float16", "float32"] as const)("given ones of %s", (dtype) => {
    const x = numbers([5, 3], { seed: 14 }).astype("float16");
    const [m, v] = [array([0.1, -0.2, 0.3]), array([1e-4, 2, 900])];
    const y = F.fixedBatchNormalization(x, gamma.astype(dtype), beta.astype(dtype), m.astype(dtype), v.astype(dtype));
    expect(y.dtype).toBe("float16");
    const of = (list: NdArray): number[] => elements(list.astype(dtype));
    expectElements(
      y,
      elements(x).map((value, i) => {
        const [scale, shift, centre, spread] = [gamma, beta, m, v].map((list) => of(list)[i % 3] as number) as [
          number,
          number,
          number,
          number,
        ];
        return (scale * (value - centre)) / Math.sqrt(spread + 2e-5) + shift;
      }),
      1e-3,
    );
  });

  test("with second derivatives", () => {
    const x = new Variable(numbers([6, 2], { seed: 15 }).astype("float16"));
    const [g, b] = [new Variable(ones([2])), new Variable(zeros([2]))];
    const [gx] = grad([F.sum(F.square(F.batchNormalization(x, g, b)))], [x], { enableDoubleBackprop: true }) as [
      Variable,
    ];
    const [ggx, ggg] = grad([F.sum(F.square(gx))], [x, g]) as [Variable, Variable];
    expect([gx.dtype, ggx.dtype, ggg.dtype]).toEqual(["float16", "float16", "float32"]);
  });

  test("parameters are of one dtype", () => {
    expect(() => F.batchNormalization(wide, gamma, beta.astype("float16"))).toThrow("gamma.dtype == beta.dtype");
    expect(() => F.batchNormalization(wide, gamma.astype("int32"), beta.astype("int32"))).toThrow(
      "gamma of a floating dtype",
    );
  });
});
