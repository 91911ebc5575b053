import { array, Generator, random, ValueError, type NdArray, type Shape } from "@chain/array";
import { Parameter, usingConfig } from "@chain/autograd";
import { beforeEach, describe, expect, test } from "@jest/globals";
import * as I from "../../src/initializers/index.js";

beforeEach(() => random.seed(7));

function numbers(initializer: I.InitializerLike, shape: Shape): number[] {
  return Array.from(I.generateArray(initializer, shape).dataSync());
}

/** Mean, standard deviation and largest absolute value of many numbers. */
function statistics(values: readonly number[]): { mean: number; std: number; largest: number } {
  const mean = values.reduce((a, b) => a + b, 0) / values.length;
  const std = Math.sqrt(values.reduce((sum, v) => sum + (v - mean) ** 2, 0) / values.length);
  return { mean, std, largest: values.reduce((a, b) => Math.max(a, Math.abs(b)), 0) };
}

describe("constants", () => {
  test("Zero, One, NaN, Constant", () => {
    expect(numbers(new I.Zero(), [2, 2])).toEqual([0, 0, 0, 0]);
    expect(numbers(new I.One(), [3])).toEqual([1, 1, 1]);
    expect(numbers(new I.NaN(), [2])).toEqual([NaN, NaN]);
    expect(numbers(new I.Constant(2.5), [])).toEqual([2.5]);
    expect(numbers(new I.Constant(array([1, 2])), [2, 2])).toEqual([1, 2, 1, 2]);
    expect(() => numbers(new I.Constant(array([1, 2])), [3])).toThrow(ValueError);
  });

  test("Identity", () => {
    expect(numbers(new I.Identity({ scale: 3 }), [2, 2])).toEqual([3, 0, 0, 3]);
    for (const shape of [[2, 3], [4], [2, 2, 2]]) expect(() => numbers(new I.Identity(), shape)).toThrow(ValueError);
  });
});

// Deviations and bounds by hand, from Chainer's formulas: shape (out, in, k, k) has fans in·k² and out·k².
const shape = [40, 30, 5, 5];
const fanIn = 750;
const fanOut = 1000;

describe("normal distributions", () => {
  test.each([
    ["Normal", new I.Normal(), 0.05],
    ["Normal, scaled", new I.Normal({ scale: 2 }), 2],
    ["LeCunNormal", new I.LeCunNormal(), Math.sqrt(1 / fanIn)],
    ["LeCunNormal, scaled", new I.LeCunNormal({ scale: 3 }), 3 * Math.sqrt(1 / fanIn)],
    ["GlorotNormal", new I.GlorotNormal(), Math.sqrt(2 / (fanIn + fanOut))],
    ["HeNormal", new I.HeNormal(), Math.sqrt(2 / fanIn)],
    ["HeNormal of outputs", new I.HeNormal({ fanOption: "fan_out" }), Math.sqrt(2 / fanOut)],
  ])("%s", (_, initializer, expected) => {
    const { mean, std, largest } = statistics(numbers(initializer, shape));
    expect(Math.abs(mean)).toBeLessThan((5 * expected) / Math.sqrt(30000));
    expect(Math.abs(std / expected - 1)).toBeLessThan(0.025);
    expect(largest).toBeGreaterThan(3 * expected);
  });
});

describe("uniform distributions", () => {
  test.each([
    ["Uniform", new I.Uniform(), 0.05],
    ["LeCunUniform", new I.LeCunUniform(), Math.sqrt(3 / fanIn)],
    ["GlorotUniform", new I.GlorotUniform({ scale: 2 }), 2 * Math.sqrt(6 / (fanIn + fanOut))],
    ["HeUniform", new I.HeUniform(), Math.sqrt(6 / fanIn)],
  ])("%s", (_, initializer, bound) => {
    const { mean, std, largest } = statistics(numbers(initializer, shape));
    expect(largest).toBeLessThanOrEqual(bound * (1 + 1e-6));
    expect(largest).toBeGreaterThan(0.99 * bound);
    expect(Math.abs(mean)).toBeLessThan(bound / 50);
    expect(Math.abs(std / (bound / Math.sqrt(3)) - 1)).toBeLessThan(0.02);
  });
});

test("fans", () => {
  expect(I.getFans([3, 4])).toEqual({ fanIn: 4, fanOut: 3 });
  expect(I.getFans([2, 3, 4, 5])).toEqual({ fanIn: 60, fanOut: 40 });
  expect(() => I.getFans([3])).toThrow(ValueError);
  expect(() => numbers(new I.LeCunNormal(), [3])).toThrow(/two axes or more/);
  expect(() => numbers(new I.HeNormal({ fanOption: "fan" as "fan_in" }), [3, 3])).toThrow(ValueError);
});

describe("Orthogonal", () => {
  /** The matrix of inner products of rows (or of columns). */
  function products(values: readonly number[], rows: number, columns: number, ofRows: boolean): number[][] {
    const at = (i: number, j: number): number => values[ofRows ? i * columns + j : j * columns + i] as number;
    const [count, length] = ofRows ? [rows, columns] : [columns, rows];
    return Array.from({ length: count }, (_, a) =>
      Array.from({ length: count }, (__, b) =>
        Array.from({ length }, (___, j) => at(a, j) * at(b, j)).reduce((x, y) => x + y, 0),
      ),
    );
  }

  test.each([
    [[5, 12], 5, 12],
    [[12, 5], 12, 5],
    [[8, 8], 8, 8],
    [[4, 3, 2, 2], 4, 12],
    [[20, 3, 2], 20, 6],
    [[7], 7, 1],
  ])("shape %p: orthogonal vectors of length scale", (size, rows, columns) => {
    const values = numbers(new I.Orthogonal({ scale: 2 }), size);
    products(values, rows, columns, rows <= columns).forEach((row, i) =>
      row.forEach((value, j) => expect(value).toBeCloseTo(i === j ? 4 : 0, 4)),
    );
  });

  test("a number becomes plus or minus scale", () => {
    expect(Math.abs(numbers(new I.Orthogonal(), [])[0] as number)).toBeCloseTo(1.1, 6);
  });

  test("modes", () => {
    expect(() => numbers(new I.Orthogonal({ mode: "projection" }), [5, 3])).toThrow(ValueError);
    expect(() => numbers(new I.Orthogonal({ mode: "embedding" }), [3, 5])).toThrow(ValueError);
    expect(() => numbers(new I.Orthogonal({ mode: "basis" }), [3, 5])).toThrow(ValueError);
    expect(numbers(new I.Orthogonal({ mode: "projection" }), [3, 5])).toHaveLength(15);
    expect(numbers(new I.Orthogonal({ mode: "embedding" }), [5, 3])).toHaveLength(15);
    expect(numbers(new I.Orthogonal({ mode: "basis" }), [3, 3])).toHaveLength(9);
    expect(() => new I.Orthogonal({ mode: "other" as "basis" })).toThrow(ValueError);
    expect(() => numbers(new I.Orthogonal(), [0, 3])).toThrow(ValueError);
  });
});

describe("sampling filters", () => {
  // By hand: for size 4, factor 2 and centre 1.5, the line is 1/4, 3/4, 3/4, 1/4.
  const line = [0.25, 0.75, 0.75, 0.25];

  test("UpsamplingDeconvFilter", () => {
    const values = numbers(new I.UpsamplingDeconvFilter(), [2, 2, 4, 4]);
    const filter = line.flatMap((a) => line.map((b) => a * b));
    const nothing = Array<number>(16).fill(0);
    expect(values).toEqual([...filter, ...nothing, ...nothing, ...filter]);
    expect(numbers(new I.UpsamplingDeconvFilter(), [2, 1, 3])).toEqual([0.5, 1, 0.5, 0.5, 1, 0.5]);
  });

  test("DownsamplingConvFilter", () => {
    const values = numbers(new I.DownsamplingConvFilter(), [3, 1, 4, 4]);
    const filter = line.flatMap((a) => line.map((b) => (a * b) / 4));
    expect(values).toEqual([...filter, ...filter, ...filter]);
  });

  test("shapes that they do not fit", () => {
    for (const size of [[2, 3, 4], [2, 2, 3, 4], [2]]) {
      expect(() => numbers(new I.UpsamplingDeconvFilter(), size)).toThrow(ValueError);
    }
    expect(() => new I.UpsamplingDeconvFilter({ interpolation: "cubic" as "linear" })).toThrow(ValueError);
  });
});

describe("generateArray and getInitializer", () => {
  test("dtypes: what is asked for, else the initializer's, else the configured one", () => {
    expect(I.generateArray(new I.Zero(), [1]).dtype).toBe("float32");
    expect(I.generateArray(new I.Zero({ dtype: "float64" }), [1]).dtype).toBe("float64");
    expect(I.generateArray(new I.Zero(), [1], { dtype: "float16" }).dtype).toBe("float16");
    usingConfig("dtype", "float16", () => expect(I.generateArray(new I.Normal(), [1]).dtype).toBe("float16"));
    expect(() => I.generateArray(new I.Zero({ dtype: "float64" }), [1], { dtype: "float32" })).toThrow(ValueError);
  });

  test("devices", () => {
    expect(I.generateArray(new I.LeCunNormal(), [2, 2], { device: "js" }).device).toBe("js");
    expect(I.generateArray(new I.Orthogonal(), [2, 2], { device: "js" }).device).toBe("js");
  });

  test("null is LeCunNormal, numbers and arrays are constants, functions make arrays", () => {
    expect(I.getInitializer(null)).toBeInstanceOf(I.LeCunNormal);
    expect(I.getInitializer(3)).toBeInstanceOf(I.Constant);
    const own = new I.One();
    expect(I.getInitializer(own)).toBe(own);
    expect(numbers(array([1, 2]), [2])).toEqual([1, 2]);
    expect(numbers((size, { dtype }) => array(Array<number>(size[0] ?? 0).fill(4), { dtype }), [2])).toEqual([4, 4]);
  });

  test("the seed decides, and a generator of one's own", () => {
    const first = numbers(new I.LeCunNormal(), [3, 3]);
    expect(numbers(new I.LeCunNormal(), [3, 3])).not.toEqual(first);
    random.seed(7);
    expect(numbers(new I.LeCunNormal(), [3, 3])).toEqual(first);
    const own = numbers(new I.Uniform({ rng: new Generator(3) }), [4]);
    expect(numbers(new I.Uniform({ rng: new Generator(3) }), [4])).toEqual(own);
  });

  test("fill writes over an array", () => {
    const x = array([
      [1, 2],
      [3, 4],
    ]);
    new I.Identity().fill(x);
    expect(x.tolistSync()).toEqual([
      [1, 0],
      [0, 1],
    ]);
  });

  test("an initializer of one's own", () => {
    class Ramp extends I.Initializer {
      override generate(size: Shape, options: I.GenerateOptions): NdArray {
        const length = size.reduce((a, b) => a * b, 1);
        return array(
          Array.from({ length }, (_, i) => i),
          options,
        ).reshape(size);
      }
    }
    expect(new Parameter(new Ramp(), { shape: [2, 2] }).array.tolistSync()).toEqual([
      [0, 1],
      [2, 3],
    ]);
  });
});
