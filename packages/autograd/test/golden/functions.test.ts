import * as F from "@chain/autograd/functions";
import { grad, usingConfig, Variable, type Config } from "@chain/autograd";
import { NdArray } from "@chain/array";
import { describe, expect, test } from "@jest/globals";
import { call, isPresent } from "./call.js";
import {
  camelCase,
  decode,
  isStoredArray,
  numbersOf,
  pairVariables,
  readCases,
  toArray,
  type GoldenCase,
  type Stored,
} from "./cases.js";
import { missing } from "./missing.js";

function run(golden: GoldenCase, args: unknown[]): unknown {
  const configured = Object.entries(golden.config ?? {}) as [keyof Config, never][];
  return configured.reduce(
    (body, [key, value]) =>
      () =>
        usingConfig(key, value, body),
    () => call(golden, args),
  )();
}

/** Results as one list, in order. */
function flat(values: unknown): unknown[] {
  return Array.isArray(values) ? values.flatMap(flat) : [values];
}

interface Tolerance {
  readonly rtol?: number;
  readonly atol?: number;
}

const integerNames: Record<string, string> = { int64: "int32", int8: "int32", int16: "int32" };

function close(actual: NdArray, stored: Stored, { rtol = 1e-5, atol = 1e-6 }: Tolerance, what: string): void {
  if (!isStoredArray(stored)) throw new Error(`${what}: nothing stored`);
  expect({ what, shape: actual.shape }).toEqual({ what, shape: stored.shape });
  const have = actual.dataSync();
  numbersOf(stored).forEach((want, i) => {
    const value = have[i] as number;
    const same = Object.is(value, want) || value === want;
    if (!same && !(Math.abs(value - want) <= atol + rtol * Math.abs(want))) {
      throw new Error(`${what}[${i}] is ${value}, expected ${want} (rtol ${rtol}, atol ${atol})`);
    }
  });
}

/** A gradient that is not stored is zero, or there is none. */
function closeGradient(
  actual: NdArray | null,
  stored: Stored,
  tolerance: Tolerance,
  what: string,
): void {
  if (stored !== null && actual !== null) close(actual, stored, tolerance, what);
  else if (stored !== null && isStoredArray(stored)) {
    expect({ what, largest: Math.max(0, ...numbersOf(stored).map(Math.abs)) }).toEqual({ what, largest: 0 });
  } else if (actual !== null) {
    expect({ what, largest: Math.max(0, ...Array.from(actual.dataSync(), Math.abs)) }).toEqual({ what, largest: 0 });
  }
}

function decodeArgs(golden: GoldenCase): unknown[] {
  return golden.args.map((arg, i) => decode(arg, golden.nondiff_args?.includes(i) !== true));
}

/** Outputs that have a gradient, with it. */
function differentiableOutputs(golden: GoldenCase, outputs: unknown[]): [Variable, NdArray][] {
  return flat(golden.grad_outputs).flatMap((gy, i): [Variable, NdArray][] => {
    const output = outputs[i] as Variable;
    return isStoredArray(gy as Stored) ? [[output, toArray(gy as never).astype(output.dtype)]] : [];
  });
}

const cases = readCases("functions.json");
const present = cases.filter(({ name }) => isPresent(name));

test("the list of functions still missing is exact", () => {
  const absent = cases.filter((golden) => !present.includes(golden)).map(({ name }) => camelCase(name));
  expect([...new Set(absent)].sort()).toEqual([...missing].sort());
});

describe.each(present.map((golden) => [golden.id, golden] as const))("%s", (_, golden) => {
  test("forward", () => {
    const outputs = flat(run(golden, decodeArgs(golden)));
    const stored = flat(golden.outputs) as Stored[];
    expect(outputs.length).toBe(stored.length);
    stored.forEach((expected, i) => {
      const output = outputs[i] as Variable | NdArray;
      const array = output instanceof NdArray ? output : output.array;
      close(array, expected, golden, `output ${i}`);
      if (isStoredArray(expected) && expected.dtype !== "float64") {
        expect(array.dtype).toBe(integerNames[expected.dtype] ?? expected.dtype);
      }
    });
  });

  test("gradients, by grad() and by backward()", () => {
    const args = decodeArgs(golden);
    const pairs = pairVariables(args, golden.grads);
    const seeded = differentiableOutputs(golden, flat(run(golden, args)));
    if (seeded.length === 0 || pairs.length === 0) return;
    const gradients = grad(
      seeded.map(([y]) => y),
      pairs.map(([x]) => x),
      { gradOutputs: seeded.map(([, gy]) => new Variable(gy)) },
    );
    pairs.forEach(([, stored], i) => closeGradient(gradients[i]?.array ?? null, stored, golden, `gradient ${i}`));
    const [first, ...rest] = seeded.map(([y, gy]) => F.sum(F.mul(y, gy))) as [Variable, ...Variable[]];
    rest.reduce((sum, next) => F.add(sum, next), first).backward();
    pairs.forEach(([x, stored], i) => closeGradient(x.grad, stored, golden, `grad ${i}`));
  });

  const { double } = golden;
  if (double === undefined) return;
  test("second derivatives", () => {
    const args = decodeArgs(golden);
    const xs = pairVariables(args, double.c);
    const seeded = differentiableOutputs(golden, flat(run(golden, args)));
    const gys = seeded.map(([, gy]) => new Variable(gy));
    const first = grad(
      seeded.map(([y]) => y),
      xs.map(([x]) => x),
      { gradOutputs: gys, enableDoubleBackprop: true },
    );
    const terms = xs.flatMap(([, c], i) => {
      const gradient = first[i];
      return isStoredArray(c) && gradient !== null && gradient !== undefined ? [F.sum(F.mul(gradient, toArray(c)))] : [];
    });
    const [start, ...rest] = terms as [Variable, ...Variable[]];
    const sum = rest.reduce((total, next) => F.add(total, next), start);
    const second = grad([sum], [...xs.map(([x]) => x), ...gys]);
    pairVariables(args, double.grads).forEach(([, stored], i) =>
      closeGradient(second[i]?.array ?? null, stored, double, `second derivative by argument ${i}`),
    );
    (flat(double.grad_grad_outputs) as Stored[])
      .filter((_stored, i) => isStoredArray((flat(golden.grad_outputs) as Stored[])[i]))
      .forEach((stored, i) =>
        closeGradient(second[xs.length + i]?.array ?? null, stored, double, `derivative by gradient ${i}`),
      );
  });
});
