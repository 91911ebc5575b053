import { array } from "@chain/array";
import type { Variable } from "@chain/autograd";
import * as F from "@chain/autograd/functions";
import { describe, expect, test } from "@jest/globals";
import { checkGradients, elements, expectElements, numbers } from "../support.js";

type Unary = (x: Variable) => Variable;

const f64 = (...values: number[]) => array(values, { dtype: "float64" });
const values = (fn: Unary, ...at: number[]): number[] => elements(fn(f64(...at) as unknown as Variable));

/** Known to 16 digits (Abramowitz and Stegun; OEIS). */
describe("values", () => {
  test("erf, erfc", () => {
    expectElements(F.erf(f64(0, 0.5, 1, -1)), [0, 0.5204998778130465, 0.8427007929497149, -0.8427007929497149]);
    expectElements(F.erfc(f64(0, 1, 3)), [1, 0.15729920705028513, 2.209049699858544e-5]);
  });

  test("erfcx does not overflow", () => {
    // e^(x²) erfc(x); for large x: 1/(x√π) · (1 - 1/2x² + 3/4x⁴ - …).
    const far = (1 / (30 * Math.sqrt(Math.PI))) * (1 - 1 / 1800 + 3 / (4 * 810000));
    expectElements(F.erfcx(f64(0, 1, 30)), [1, 0.427583576155807, far], 1e-10);
    const [below, above] = values((x) => F.erfcx(x), 4, 4.0000001) as [number, number];
    expect(below).toBeCloseTo(0.13699945756, 8);
    expect(Math.abs(above - below)).toBeLessThan(1e-8);
  });

  test("inverses", () => {
    const p = [0.999999, 0.75, 0.5, 0.1, 1e-3, 1e-10, 1e-30];
    expectElements(F.ndtr(F.ndtri(f64(...p))), p);
    values((x) => F.ndtr(F.ndtri(x)), ...p).forEach((v, i) => expect(v / (p[i] as number)).toBeCloseTo(1, 8));
    values((x) => F.erfc(F.erfcinv(x)), ...p).forEach((v, i) => expect(v / (p[i] as number)).toBeCloseTo(1, 8));
    expectElements(F.erf(F.erfinv(f64(-0.9, 0, 0.3))), [-0.9, 0, 0.3]);
    expect(values((x) => F.ndtri(x), 0.025, 0.5)).toEqual([
      expect.closeTo(-1.959963984540054, 10),
      expect.closeTo(0, 15),
    ]);
  });

  test("inverses at the ends of their range, and outside", () => {
    expect(values((x) => F.erfcinv(x), 0, 2, -0.1, 2.1)).toEqual([Infinity, -Infinity, NaN, NaN]);
    expect(values((x) => F.ndtri(x), 0, 1, -0.1, 1.1)).toEqual([-Infinity, Infinity, NaN, NaN]);
    expect(values((x) => F.erfinv(x), -1, 1, 1.1)).toEqual([-Infinity, Infinity, NaN]);
  });

  test("logNdtr far out", () => {
    // Φ(-10) = 7.61985302416e-24; Φ(-40) = exp(-804.608442).
    expectElements(
      F.logNdtr(f64(0, 2, -1, -10, -40)),
      [Math.log(0.5), Math.log(0.9772498680518208), Math.log(0.15865525393145707), -53.2312851505, -804.608442014],
      1e-9,
    );
  });

  test("gamma functions", () => {
    const euler = 0.5772156649015329;
    expectElements(F.lgamma(f64(0.5, 5)), [Math.log(Math.PI) / 2, Math.log(24)]);
    expectElements(F.digamma(f64(1, 0.5)), [-euler, -euler - 2 * Math.LN2]);
    expectElements(F.polygamma(1, f64(1)), [Math.PI ** 2 / 6]);
    expectElements(F.polygamma(array([0, 1, 2], { dtype: "int32" }), f64(1, 1, 1)), [
      -euler,
      Math.PI ** 2 / 6,
      -2.404113806319188,
    ]);
    expectElements(F.zeta(f64(2, 4), f64(1, 1)), [Math.PI ** 2 / 6, Math.PI ** 4 / 90]);
    expectElements(F.zeta(3, f64(1)), [1.2020569031595942]);
  });
});

describe("derivatives", () => {
  test.each<[string, Unary, { low: number; high: number }]>([
    ["erf", (x) => F.erf(x), { low: -2, high: 2 }],
    ["erfc", (x) => F.erfc(x), { low: -2, high: 2 }],
    ["erfcx", (x) => F.erfcx(x), { low: -1, high: 6 }],
    ["erfinv", (x) => F.erfinv(x), { low: -0.9, high: 0.9 }],
    ["erfcinv", (x) => F.erfcinv(x), { low: 0.1, high: 1.9 }],
    ["ndtr", (x) => F.ndtr(x), { low: -2, high: 2 }],
    ["ndtri", (x) => F.ndtri(x), { low: 0.05, high: 0.95 }],
    ["logNdtr", (x) => F.logNdtr(x), { low: -6, high: 2 }],
    ["lgamma", (x) => F.lgamma(x), { low: 0.3, high: 4 }],
    ["digamma", (x) => F.digamma(x), { low: 0.3, high: 4 }],
    ["polygamma", (x) => F.polygamma(array([0, 1, 3], { dtype: "int32" }), x), { low: 0.5, high: 3 }],
    ["zeta", (x) => F.zeta(2.5, x), { low: 0.5, high: 3 }],
  ])("%s", async (_name, fn, range) => {
    await checkGradients(fn, [numbers([2, 3], range)]);
  });
});
