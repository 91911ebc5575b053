/** Chainer's stored results, computed on every device. */
import * as F from "@chain/autograd/functions";
import { grad, usingConfig, Variable, type Config } from "@chain/autograd";
import { getDefaultDevice, NdArray, openDevice, setDefaultDevice } from "@chain/array";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { gpuDevices } from "../../../../testing/gpu-devices.js";
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

/** Functions that look at elements while they compute: a GPU has to refuse them. */
const readingOnes = new Set([
  "copy", // to the cpu, by the stored arguments
  "classification_summary",
  "precision",
  "recall",
  "f1_score",
  "cholesky",
  "batch_det",
  "det",
  "batch_inv",
  "inv",
]);

/** GPUs have no float64. */
const needsFloat64 = ({ args, kwargs }: GoldenCase): boolean => JSON.stringify([args, kwargs]).includes('"float64"');

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

async function close(
  actual: NdArray,
  stored: Stored,
  { rtol = 1e-5, atol = 1e-6 }: Tolerance,
  what: string,
): Promise<void> {
  if (!isStoredArray(stored)) throw new Error(`${what}: nothing stored`);
  const device = getDefaultDevice();
  expect({ what, shape: actual.shape, device: actual.device }).toEqual({ what, shape: stored.shape, device });
  const have = await actual.data();
  numbersOf(stored).forEach((want, i) => {
    const value = have[i] as number;
    const same = Object.is(value, want) || value === want;
    if (!same && !(Math.abs(value - want) <= atol + rtol * Math.abs(want))) {
      throw new Error(`${what}[${i}] is ${value}, expected ${want} (rtol ${rtol}, atol ${atol})`);
    }
  });
}

/** A gradient that is not stored is zero, or there is none. */
async function closeGradient(
  actual: NdArray | null,
  stored: Stored,
  tolerance: Tolerance,
  what: string,
): Promise<void> {
  const largest = (numbers: readonly number[]): number => Math.max(0, ...numbers.map(Math.abs));
  if (stored !== null && actual !== null) await close(actual, stored, tolerance, what);
  else if (isStoredArray(stored)) expect({ what, largest: largest(numbersOf(stored)) }).toEqual({ what, largest: 0 });
  else if (actual !== null) expect({ what, largest: largest([...(await actual.data())]) }).toEqual({ what, largest: 0 });
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

describe.each(["cpu", ...(await gpuDevices(openDevice))])("on %s", (device) => {
  beforeAll(() => setDefaultDevice(device));
  afterAll(() => setDefaultDevice("cpu"));
  const possible = device === "cpu" ? present : present.filter((golden) => !needsFloat64(golden));

  describe.each(possible.map((golden) => [golden.id, golden] as const))("%s", (_, golden) => {
    if (device !== "cpu" && readingOnes.has(golden.name)) {
      test("is refused, since it reads", () => {
        expect(() => run(golden, decodeArgs(golden))).toThrow(/cannot be read synchronously/);
      });
      return;
    }

    test("forward", async () => {
      const outputs = flat(run(golden, decodeArgs(golden)));
      const stored = flat(golden.outputs) as Stored[];
      expect(outputs.length).toBe(stored.length);
      for (const [i, expected] of stored.entries()) {
        const output = outputs[i] as Variable | NdArray;
        const array = output instanceof NdArray ? output : output.array;
        await close(array, expected, golden, `output ${i}`);
        if (isStoredArray(expected) && expected.dtype !== "float64") {
          expect(array.dtype).toBe(integerNames[expected.dtype] ?? expected.dtype);
        }
      }
    });

    test("gradients, by grad() and by backward()", async () => {
      const args = decodeArgs(golden);
      const pairs = pairVariables(args, golden.grads);
      const seeded = differentiableOutputs(golden, flat(run(golden, args)));
      if (seeded.length === 0 || pairs.length === 0) return;
      const gradients = grad(
        seeded.map(([y]) => y),
        pairs.map(([x]) => x),
        { gradOutputs: seeded.map(([, gy]) => new Variable(gy)) },
      );
      for (const [i, [, stored]] of pairs.entries()) {
        await closeGradient(gradients[i]?.array ?? null, stored, golden, `gradient ${i}`);
      }
      const [first, ...rest] = seeded.map(([y, gy]) => F.sum(F.mul(y, gy))) as [Variable, ...Variable[]];
      rest.reduce((sum, next) => F.add(sum, next), first).backward();
      for (const [i, [x, stored]] of pairs.entries()) await closeGradient(x.grad, stored, golden, `grad ${i}`);
    });

    const { double } = golden;
    if (double === undefined) return;
    test("second derivatives", async () => {
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
      for (const [i, [, stored]] of pairVariables(args, double.grads).entries()) {
        await closeGradient(second[i]?.array ?? null, stored, double, `second derivative by argument ${i}`);
      }
      const byGradients = (flat(double.grad_grad_outputs) as Stored[]).filter((_stored, i) =>
        isStoredArray((flat(golden.grad_outputs) as Stored[])[i]),
      );
      for (const [i, stored] of byGradients.entries()) {
        await closeGradient(second[xs.length + i]?.array ?? null, stored, double, `derivative by gradient ${i}`);
      }
    });
  });
});
