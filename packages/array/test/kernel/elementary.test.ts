import { describe, expect, test } from "@jest/globals";
import { createCpuBackend } from "../../src/backends/cpu/index.js";
import { createJsBackend } from "../../src/backends/js/index.js";
import { fromElements } from "../../src/creation/from-host.js";
import { elementaryExpansion } from "../../src/kernel/elementary.js";
import { elementwise } from "../../src/kernel/index.js";
import * as ops from "../../src/kernel/ops.js";
import { reference } from "../../src/kernel/reference.js";

/**
 * The reference backend without transcendental instructions: every operation with an expansion is expanded. Generated code runs the same
 * on the cpu, with fused multiply-adds where the engine has them.
 */
const expanding = {
  ...createJsBackend(),
  name: "expanding",
  isNative: () => false,
  expansions: elementaryExpansion,
};

const cpu = createCpuBackend({ threads: 1 });

const floats = new Float32Array(1);
const ints = new Int32Array(floats.buffer);

/** Distance in units in the last place between a float32 and the exact value. */
function ulps(actual: number, exact: number): number {
  const rounded = Math.fround(exact);
  if (Object.is(actual, rounded) || (actual === 0 && rounded === 0 && Object.is(Math.sign(actual), Math.sign(rounded))))
    return 0;
  if (!Number.isFinite(rounded) || !Number.isFinite(actual)) {
    // One step beyond the largest number is infinite.
    const largest = 3.4028234663852886e38;
    if (Math.abs(rounded) === Infinity && actual === Math.sign(rounded) * largest) return 1;
    return Object.is(actual, rounded) || (Number.isNaN(actual) && Number.isNaN(rounded)) ? 0 : Infinity;
  }
  floats[0] = Math.abs(rounded);
  const exponent = Math.max((ints[0] as number) >> 23, 1) - 127;
  return Math.abs(actual - exact) / 2 ** (exponent - 23);
}

/** Every `step`th float32 bit pattern, both signs, NaN and infinities included. */
function patterns(step: number): Float32Array {
  const bits: number[] = [];
  for (let b = 0; b <= 0x7f800000; b += step) bits.push(b, b | 0x80000000);
  bits.push(0x7f800000, 0xff800000 | 0, 0x7fc00000, 0x3f800000, 0xbf800000 | 0, 1, 0x7f7fffff, 0x00800000);
  return new Float32Array(Int32Array.from(bits).buffer);
}

const {
  exp,
  expm1,
  log,
  log1p,
  log2,
  log10,
  tanh,
  sinh,
  cosh,
  asinh,
  acosh,
  atanh,
  atan,
  asin,
  acos,
  erf,
  cbrt,
  erfc,
  erfinv,
  sin,
  cos,
  tan,
} = ops;
const named = {
  exp,
  expm1,
  log,
  log1p,
  log2,
  log10,
  tanh,
  sinh,
  cosh,
  asinh,
  acosh,
  atanh,
  atan,
  asin,
  acos,
  erf,
  cbrt,
  erfc,
  erfinv,
  sin,
  cos,
  tan,
};
const unary = Object.keys(named) as (keyof typeof named)[];

describe.each([
  ["the reference", expanding],
  ["the cpu", cpu],
])("float32 expansions of elementary functions on %s", (_device, backend) => {
  const everywhere = patterns(49_999);
  // Where most arguments lie, densely.
  const usual = Float32Array.from({ length: 40_001 }, (_, i) => (i - 20_000) / 1000);
  const unit = Float32Array.from({ length: 20_001 }, (_, i) => (i - 10_000) / 10_000);

  test.each(unary)("%s is within 4 units in the last place", (name) => {
    expect(elementaryExpansion(name, "float32")).toBeDefined();
    const kernel = elementwise(name, (x) => named[name](x));
    let worst = 0;
    let at = 0;
    for (const inputs of [everywhere, usual, unit]) {
      const results = kernel(fromElements(inputs, "float32", [inputs.length], backend)).dataSync();
      inputs.forEach((x, i) => {
        const error = ulps(results[i] as number, reference[name](x));
        if (error > worst || Number.isNaN(error)) [worst, at] = [error, x];
      });
    }
    expect({ worst: worst <= 4 ? "<= 4" : worst, at: worst <= 4 ? 0 : at }).toEqual({ worst: "<= 4", at: 0 });
  });

  describe("pow is within 2 units in the last place", () => {
    const kernel = elementwise("pow", (a, b) => ops.pow(a, b));
    const make = (values: readonly number[]) => fromElements(values, "float32", [values.length], backend);
    const draw = (i: number, k: number): number => (Math.sin(12.9898 * i + 78.233 * k) * 43758.5453) % 1;
    const large = 88.7;

    /** Base and exponent for a number i. */
    const kinds: [name: string, base: (i: number) => number, exponent: (i: number, base: number) => number][] = [
      ["moderate", (i) => 2 + 2 * draw(i, 0), (i) => 30 * draw(i, 1)],
      ["any base", (i) => Math.exp(88 * draw(i, 0)), (i) => draw(i, 1)],
      ["subnormal bases", (i) => 2 ** -149 * Math.ceil(1e6 * Math.abs(draw(i, 0))), (i) => draw(i, 1)],
      ["whole exponents, bases of both signs", (i) => 10 * draw(i, 0), (i) => Math.round(10 * draw(i, 1))],
      ["bases close to 1", (i) => 1 + 1e-5 * draw(i, 0), (i) => 5e6 * draw(i, 1)],
      // An error of the logarithm is multiplied by 256 here.
      [
        "results up to the largest, from √2",
        (i) => Math.SQRT2 + 0.05 * draw(i, 0),
        (i, a) => (large - Math.abs(draw(i, 1))) / Math.log(a),
      ],
      [
        "results up to the largest, from √½",
        (i) => Math.SQRT1_2 + 0.03 * draw(i, 0),
        (i, a) => (large - Math.abs(draw(i, 1))) / Math.log(a),
      ],
      ["subnormal results", (i) => 3 + 2 * draw(i, 0), (i, a) => -(large + 14 * Math.abs(draw(i, 1))) / Math.log(a)],
      ["too large and too small", (i) => 10 + 9 * draw(i, 0), (i) => 400 * draw(i, 1)],
    ];

    test.each(kinds)("%s", (_name, base, exponent) => {
      const a = Float32Array.from({ length: 30_000 }, (_, i) => base(i));
      const b = Float32Array.from(a, (value, i) => exponent(i, value));
      const results = kernel(make([...a]), make([...b])).dataSync();
      const wrong = [...a].flatMap((value, i) => {
        const error = ulps(results[i] as number, reference.pow(value, b[i] as number));
        return error <= 2 ? [] : [[value, b[i], results[i], error]];
      });
      expect(wrong.slice(0, 5)).toEqual([]);
    });

    test("zeros, infinities, NaN, signs and exponents beyond whole numbers", () => {
      const values = [
        0,
        1,
        2,
        0.5,
        3,
        1 / 3,
        Infinity,
        2 ** -149,
        2 ** -126,
        3.4e38,
        2 ** 23 + 1,
        2 ** 24,
        16_777_215,
        8_388_607.5,
        1e30,
      ];
      const signed = [...values, ...values.map((value) => -value), NaN];
      const a = signed.flatMap((value) => signed.map(() => value));
      const b = signed.flatMap(() => signed);
      const results = kernel(make(a), make(b)).dataSync();
      const wrong = a.flatMap((value, i) => {
        const exact = reference.pow(Math.fround(value), Math.fround(b[i] as number));
        const same = Number.isNaN(exact)
          ? Number.isNaN(results[i])
          : Object.is(Math.sign(results[i] as number), Math.sign(Math.fround(exact)));
        return same && ulps(results[i] as number, exact) <= 2 ? [] : [[value, b[i], results[i], exact]];
      });
      expect(wrong).toEqual([]);
    });
  });

  test("atan2 has the right quadrant, signs and special values", () => {
    const values = [0, -0, 1, -1, 2.5, -3e-5, 1e30, -1e30, Infinity, -Infinity, NaN, 1e-40];
    const ys = values.flatMap((y) => values.map(() => y));
    const xs = values.flatMap(() => values);
    const kernel = elementwise("atan2", (y, x) => ops.atan2(y, x));
    const make = (v: number[]) => fromElements(v, "float32", [v.length], backend);
    const results = kernel(make(ys), make(xs)).dataSync();
    const failures = ys.flatMap((y, i) => {
      const x = Math.fround(xs[i] as number);
      return ulps(results[i] as number, Math.atan2(Math.fround(y), x)) <= 4 ? [] : [[y, x, results[i]]];
    });
    expect(failures).toEqual([]);
  });

  test("zeros keep their sign", () => {
    for (const name of ["expm1", "log1p", "tanh", "sinh", "asinh", "atanh", "atan", "asin", "erf"] as const) {
      const kernel = elementwise(name, (x) => named[name](x));
      const [positive, negative] = kernel(fromElements([0, -0], "float32", [2], backend)).dataSync();
      expect([name, Object.is(positive, 0), Object.is(negative, -0)]).toEqual([name, true, true]);
    }
  });
});
