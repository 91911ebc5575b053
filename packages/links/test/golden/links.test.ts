/** Links against stored results of Chainer, with its parameters, for outputs and gradients. */
import { readFileSync } from "node:fs";
import { array, getDefaultDevice, openDevice, setDefaultDevice, type DType, type NdArray } from "@chain/array";
import { usingConfig, Variable, type Parameter } from "@chain/autograd";
import * as F from "@chain/autograd/functions";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { gpuDevices } from "../../../../testing/gpu-devices.js";
import * as L from "../../src/index.js";

interface GoldenArray {
  readonly shape: readonly number[];
  readonly dtype: DType;
  readonly data: readonly (number | string)[];
}

/** An array, or lists of arrays; null where there is none. */
type Golden = GoldenArray | null | readonly Golden[];

/** Persistent values by path. */
type Persistents = Readonly<Record<string, GoldenArray | number>>;

interface GoldenCall {
  readonly args: readonly Golden[];
  readonly outputs: readonly Golden[];
  readonly grad_outputs: readonly Golden[];
  readonly input_grads: readonly Golden[];
  readonly config?: Readonly<Record<string, boolean>>;
  readonly attributes_after?: Readonly<Record<string, GoldenArray>>;
  readonly persistents_after?: Persistents;
}

interface GoldenLink {
  readonly id: string;
  readonly name: string;
  readonly args: readonly unknown[];
  readonly kwargs: Readonly<Record<string, unknown>>;
  readonly calls: readonly GoldenCall[];
  readonly params: Readonly<Record<string, GoldenArray>>;
  readonly param_grads: Readonly<Record<string, GoldenArray>>;
  readonly persistents?: Persistents;
  /** For one that takes sizes from its first input. */
  readonly lazy?: boolean;
  readonly default_init: Readonly<
    Record<string, number | { shape: number[]; dtype: string; constant?: number; data?: number[] }>
  >;
  readonly rtol: number;
  readonly atol: number;
}

const all = JSON.parse(readFileSync(new URL("links.json", import.meta.url), "utf8")) as GoldenLink[];
const cases = all.filter(({ name }) => name in L);

type Runnable = Omit<L.Link, "forward"> & { forward(...args: unknown[]): Results };

/** Variables, or lists of Variables. */
type Results = Variable | readonly Results[];

function make(name: string, args: readonly unknown[], kwargs: Readonly<Record<string, unknown>>): Runnable {
  const type = (L as unknown as Record<string, new (...args: unknown[]) => Runnable>)[name];
  if (type === undefined) throw new Error(`no link ${name}`);
  const named = Object.entries(kwargs).map(([key, value]) => [
    key.replace(/_([a-zA-Z0-9])/g, (_, c: string) => c.toUpperCase()),
    argument(value),
  ]);
  const options = named.length === 0 ? [] : [Object.fromEntries(named) as unknown];
  return new type(...args.map(argument), ...options);
}

function argument(value: unknown): unknown {
  if (typeof value !== "object" || value === null) return value;
  if ("link" in value) {
    const { link, args, kwargs } = value as { link: string; args: unknown[]; kwargs: Record<string, unknown> };
    return make(link, args, kwargs);
  }
  if ("function" in value) return (F as unknown as Record<string, unknown>)[(value as { function: string }).function];
  return value;
}

function toArray({ shape, dtype, data }: GoldenArray): NdArray {
  return array(data.map(Number), { dtype }).reshape(shape);
}

/** Arrays as Variables, in the lists that they are in. */
function toVariables(value: Golden): unknown {
  if (value === null) return null;
  return isArray(value) ? new Variable(toArray(value)) : value.map(toVariables);
}

function isArray(value: Golden): value is GoldenArray {
  return value !== null && "shape" in value;
}

function flat(value: Golden): (GoldenArray | null)[] {
  return value === null || isArray(value) ? [value] : value.flatMap(flat);
}

function flatResults(value: unknown): Variable[] {
  return Array.isArray(value) ? value.flatMap(flatResults) : [value as Variable];
}

function configured<T>(config: GoldenCall["config"], body: () => T): T {
  return Object.entries(config ?? {}).reduce<() => T>(
    (inner, [key, value]) =>
      () =>
        usingConfig(key as "train", value, inner),
    body,
  )();
}

async function expectClose(actual: NdArray | null, expected: GoldenArray, { rtol, atol }: GoldenLink): Promise<void> {
  if (actual === null) throw new Error("no array");
  expect(actual.device).toBe(getDefaultDevice());
  expect(actual.shape).toEqual(expected.shape);
  expect(actual.dtype).toBe(expected.dtype);
  const numbers = Array.from(await actual.data());
  expected.data.forEach((value, i) => {
    const wanted = Number(value);
    const off = Math.abs((numbers[i] as number) - wanted);
    expect(Object.is(numbers[i], wanted) || off <= atol + rtol * Math.abs(wanted) ? 0 : off).toBe(0);
  });
}

test("there are cases", () => {
  expect(cases.length).toBeGreaterThanOrEqual(11);
});

describe.each(cases.map((golden) => [golden.id, golden] as const))("%s", (_, golden) => {
  test("parameters: names, shapes, first values", () => {
    const link = make(golden.name, golden.args, golden.kwargs);
    if (golden.lazy === true) {
      const args = (golden.calls[0]?.args ?? []).map(toVariables);
      configured({ train: false }, () => link.forward(...args));
    }
    const values = new Map<string, Variable | NdArray | number>(link.namedParams());
    for (const [path, owner] of link.namedLinks()) {
      for (const name of owner.persistents()) {
        values.set(`${path === "/" ? "" : path}/${name}`, (owner as unknown as Record<string, number>)[name] as number);
      }
    }
    expect([...values.keys()].sort()).toEqual(Object.keys(golden.default_init).sort());
    for (const [path, expected] of Object.entries(golden.default_init)) {
      const value = values.get(path) as Variable | NdArray | number;
      if (typeof value === "number") {
        expect(value).toBe(typeof expected === "number" ? expected : (expected.constant ?? expected.data?.[0]));
        continue;
      }
      if (typeof expected === "number") throw new Error(`${path} is no number`);
      expect(value.shape).toEqual(expected.shape);
      expect(value.dtype).toBe(expected.dtype);
      const numbers = Array.from(value.dataSync());
      if (expected.data !== undefined) expect(numbers).toEqual(expected.data);
      else if (expected.constant === undefined) expect(new Set(numbers).size).toBeGreaterThan(1);
      else expect(numbers).toEqual(numbers.map(() => expected.constant));
    }
  });
});

/** The link that holds a persistent value, and the value's name. */
function persistent(link: Runnable, path: string): { owner: Record<string, unknown>; name: string } {
  const end = path.lastIndexOf("/");
  const name = path.slice(end + 1);
  const owner = new Map(link.namedLinks()).get(path.slice(0, end) || "/");
  if (owner === undefined || !owner.persistents().includes(name)) throw new Error(`no persistent value ${path}`);
  return { owner: owner as unknown as Record<string, unknown>, name };
}

/** A link with the stored parameters: its outputs and gradients, on the default device. */
async function check(golden: GoldenLink): Promise<void> {
  const link = make(golden.name, golden.args, golden.kwargs);
  const params = new Map(link.namedParams());
  for (const [path, value] of Object.entries(golden.params)) (params.get(path) as Parameter).array = toArray(value);
  for (const [path, value] of Object.entries(golden.persistents ?? {})) {
    const { owner, name } = persistent(link, path);
    owner[name] = typeof value === "number" ? value : value.shape.length === 0 ? Number(value.data[0]) : toArray(value);
  }
  let total: Variable | null = null;
  const inputs: unknown[] = [];
  for (const call of golden.calls) {
    const args = call.args.map(toVariables);
    const results = flatResults(configured(call.config, () => link.forward(...args)));
    const [outputs, gradients] = [flat(call.outputs), flat(call.grad_outputs)];
    expect(results.length).toBe(outputs.length);
    for (const [i, result] of results.entries()) {
      await expectClose(result.array, outputs[i] as GoldenArray, golden);
      const weighted = F.sum(F.mul(result, toArray(gradients[i] as GoldenArray)));
      total = total === null ? weighted : F.add(total, weighted);
    }
    for (const [name, value] of Object.entries(call.attributes_after ?? {})) {
      await expectClose((link as unknown as Record<string, Variable>)[name]?.array ?? null, value, golden);
    }
    for (const [path, value] of Object.entries(call.persistents_after ?? {})) {
      const { owner, name } = persistent(link, path);
      if (typeof value === "number" || value.shape.length === 0) {
        expect(owner[name]).toBe(typeof value === "number" ? value : Number(value.data[0]));
      } else await expectClose(owner[name] as NdArray, value, golden);
    }
    inputs.push(args);
  }
  total?.backward();
  for (const [path, value] of Object.entries(golden.param_grads)) {
    await expectClose((params.get(path) as Parameter).grad, value, golden);
  }
  for (const [i, call] of golden.calls.entries()) {
    const variables = flatResults(inputs[i]);
    for (const [k, value] of flat(call.input_grads).entries()) {
      if (value !== null) await expectClose(variables[k]?.grad ?? null, value, golden);
    }
  }
}

describe.each(["cpu", ...(await gpuDevices(openDevice))])("on %s", (device) => {
  beforeAll(() => setDefaultDevice(device));
  afterAll(() => setDefaultDevice("cpu"));

  test.each(cases.map((golden) => [golden.id, golden] as const))("%s: outputs and gradients", (_, golden) =>
    check(golden),
  );
});
