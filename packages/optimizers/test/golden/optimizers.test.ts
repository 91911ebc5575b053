/** Every stored run of Chainer's optimizers: parameters after each of six updates, and the state at the end. */
import { readFileSync } from "node:fs";
import { array, openDevice, type DType, type NdArray } from "@chain/array";
import { Parameter } from "@chain/autograd";
import { Link } from "@chain/links";
import { describe, expect, test } from "@jest/globals";
import { gpuDevices } from "../../../../testing/gpu-devices.js";
import * as O from "../../src/index.js";

const devices = ["cpu", "js", ...(await gpuDevices(openDevice))];

interface GoldenArray {
  readonly shape: readonly number[];
  readonly dtype: DType;
  readonly data: readonly number[];
}

type Named = Readonly<Record<string, GoldenArray>>;

interface GoldenRun {
  readonly id: string;
  readonly optimizer: string;
  readonly hyperparameters: Readonly<Record<string, unknown>>;
  readonly params: Named;
  readonly grads: readonly Named[];
  readonly after: readonly Named[];
  readonly state: Readonly<Record<string, Named>>;
  readonly t: number;
  readonly rtol: number;
  readonly atol: number;
}

const runs = JSON.parse(readFileSync(new URL("optimizers.json", import.meta.url), "utf8")) as GoldenRun[];

function toArray({ shape, dtype, data }: GoldenArray, device: string): NdArray {
  return array([...data], { dtype, device }).reshape(shape);
}

async function expectClose(
  actual: NdArray | undefined,
  expected: GoldenArray,
  { rtol, atol }: GoldenRun,
): Promise<void> {
  expect(actual?.shape).toEqual(expected.shape);
  expect(actual?.dtype).toBe(expected.dtype);
  const numbers = Array.from((await actual?.data()) ?? []);
  expected.data.forEach((value, i) => {
    const off = Math.abs((numbers[i] as number) - value);
    expect(off).toBeLessThanOrEqual(atol + rtol * Math.abs(value));
  });
}

describe.each(runs.map((run) => [run.id, run] as const))("%s", (_, run) => {
  test.each(devices)("as Chainer, on %s", async (device) => {
    const params = Object.fromEntries(
      Object.entries(run.params).map(([name, p]) => [name, new Parameter(toArray(p, device))]),
    );
    const Type = (O as unknown as Record<string, new (options: object) => O.GradientMethod>)[run.optimizer];
    if (Type === undefined) throw new Error(`no optimizer ${run.optimizer}`);
    const optimizer = new Type(run.hyperparameters).setup(new Link(params));
    for (const [step, grads] of run.grads.entries()) {
      for (const [name, grad] of Object.entries(grads)) (params[name] as Parameter).grad = toArray(grad, device);
      optimizer.update();
      for (const [name, after] of Object.entries(run.after[step] as Named)) {
        await expectClose(params[name]?.array, after, run);
      }
    }
    expect(optimizer.t).toBe(run.t);
    for (const [name, state] of Object.entries(run.state)) {
      const rule = params[name]?.updateRule as O.UpdateRule;
      expect(Object.keys(rule.state ?? {}).sort()).toEqual(Object.keys(state).sort());
      for (const [key, value] of Object.entries(state)) await expectClose(rule.state?.[key], value, run);
    }
  });
});
