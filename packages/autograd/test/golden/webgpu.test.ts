/** Chainer's stored results again, computed on a GPU where there is one. */
import * as F from "@chain/autograd/functions";
import { grad, usingConfig, Variable, type Config } from "@chain/autograd";
import { NdArray, openDevice, setDefaultDevice } from "@chain/array";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { describeIfOpens } from "../../../../testing/describe-if-opens.js";
import { call, isPresent } from "./call.js";
import { decode, isStoredArray, numbersOf, pairVariables, readCases, toArray, type GoldenCase, type Stored } from "./cases.js";

const describeGpu = await describeIfOpens(() => openDevice("webgpu"));

/** float64 does not exist there. */
const cases = readCases("functions.json").filter(
  (golden) => isPresent(golden.name) && !JSON.stringify([golden.args, golden.kwargs]).includes('"float64"'),
);

/** Functions that look at elements while they compute, which a GPU does not allow: they have to say so. */
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

function run(golden: GoldenCase, args: unknown[]): unknown {
  const configured = Object.entries(golden.config ?? {}) as [keyof Config, never][];
  return configured.reduce(
    (body, [key, value]) =>
      () =>
        usingConfig(key, value, body),
    () => call(golden, args),
  )();
}

function flat(values: unknown): unknown[] {
  return Array.isArray(values) ? values.flatMap(flat) : [values];
}

async function close(actual: NdArray, stored: Stored, { rtol, atol }: GoldenCase, what: string): Promise<void> {
  if (!isStoredArray(stored)) throw new Error(`${what}: nothing stored`);
  expect({ what, shape: actual.shape, device: actual.device }).toEqual({ what, shape: stored.shape, device: "webgpu" });
  const have = await actual.data();
  numbersOf(stored).forEach((want, i) => {
    const value = have[i] as number;
    if (Object.is(value, want) || value === want || Math.abs(value - want) <= atol + rtol * Math.abs(want)) return;
    throw new Error(`${what}[${i}] is ${value}, expected ${want} (rtol ${rtol}, atol ${atol})`);
  });
}

function decodeArgs(golden: GoldenCase): unknown[] {
  return golden.args.map((arg, i) => decode(arg, golden.nondiff_args?.includes(i) !== true));
}

describeGpu("on webgpu", () => {
  beforeAll(() => setDefaultDevice("webgpu"));
  afterAll(() => setDefaultDevice("cpu"));

  describe.each(cases.map((golden) => [golden.id, golden] as const))("%s", (_, golden) => {
    if (readingOnes.has(golden.name)) {
      test("is refused, since it reads", () => {
        expect(() => run(golden, decodeArgs(golden))).toThrow(/cannot be read synchronously/);
      });
      return;
    }
    test("forward and gradients", async () => {
      const args = decodeArgs(golden);
      const outputs = flat(run(golden, args)) as (Variable | NdArray)[];
      const stored = flat(golden.outputs) as Stored[];
      expect(outputs.length).toBe(stored.length);
      for (const [i, output] of outputs.entries()) {
        await close(output instanceof NdArray ? output : output.array, stored[i] as Stored, golden, `output ${i}`);
      }
      const seeded = flat(golden.grad_outputs).flatMap((gy, i): [Variable, NdArray][] => {
        const output = outputs[i] as Variable;
        return isStoredArray(gy as Stored) ? [[output, toArray(gy as never).astype(output.dtype)]] : [];
      });
      const pairs = pairVariables(args, golden.grads);
      if (seeded.length === 0 || pairs.length === 0) return;
      const gradients = grad(
        seeded.map(([y]) => y),
        pairs.map(([x]) => x),
        { gradOutputs: seeded.map(([, gy]) => new Variable(gy)) },
      );
      for (const [i, [, wanted]] of pairs.entries()) {
        const actual = gradients[i]?.array;
        if (wanted !== null && actual !== undefined) await close(actual, wanted, golden, `gradient ${i}`);
      }
      expect(F.sum(F.mul(seeded[0]?.[0] as Variable, 1)).array.device).toBe("webgpu");
    }, 120_000);
  });
});
