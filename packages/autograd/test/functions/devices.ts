/** What functions compute on the devices beside the cpu: the same, with gradients of both orders, in float32. */
import { DeviceError, openDevice, random, setDefaultDevice, type NdArray } from "@chain/array";
import { grad, Variable, type CheckedFunction } from "@chain/autograd";
import * as F from "@chain/autograd/functions";
import { expect } from "@jest/globals";
import { gpuDevices } from "../../../../testing/gpu-devices.js";

/** Devices on which a function has to do as on the cpu. */
const devices = await gpuDevices(openDevice);

/** A function with what it is run on: inputs and, for each output, a gradient (made by shape). */
export interface Comparison {
  readonly fn: CheckedFunction;
  readonly inputs: readonly NdArray[];
  /** By input, whether its gradient is compared. */
  readonly wanted: readonly boolean[];
  readonly double: boolean;
  /** Numbers for a gradient of a shape, on the cpu. */
  readonly gradient: (shape: readonly number[], seed: number) => NdArray;
  /** Whether the function looks at elements, which devices refuse that cannot be read at once. */
  readonly reads: boolean;
}

/** Fails if results or gradients on another device differ from the cpu's by more than rounding explains. */
export async function checkOnDevices(comparison: Comparison): Promise<void> {
  if (devices.length === 0) return;
  const expected = await fetched(computed(comparison, "cpu"));
  for (const device of devices) {
    await setDefaultDevice(device);
    try {
      if (comparison.reads) {
        expect(() => computed(comparison, device)).toThrow(
          expect.objectContaining({ name: DeviceError.name, message: expect.stringMatching(/read synchronously/) }),
        );
        continue;
      }
      const results = computed(comparison, device);
      for (const [, array] of results) expect(array?.device ?? device).toBe(device);
      expectClose(await fetched(results), expected, device);
    } finally {
      await setDefaultDevice("cpu");
    }
  }
}

type Named<T> = [name: string, value: T];

function computed(comparison: Comparison, device: string): Named<NdArray | null>[] {
  const { fn, inputs, wanted, double } = comparison;
  random.seed(0);
  const there = (x: NdArray): NdArray => (x.dtype === "float64" ? x.astype("float32") : x).toDevice(device);
  const xs = inputs.map((x) => new Variable(there(x)));
  const result = fn(...xs);
  const ys = result instanceof Variable ? [result] : result;
  const gys = ys.map((y, i) => new Variable(there(comparison.gradient(y.shape, 31 + i)).astype(y.dtype)));
  const sources = xs.filter((_, i) => wanted[i]);
  const first = grad(ys, sources, { gradOutputs: gys, enableDoubleBackprop: double });
  const results: Named<NdArray | null>[] = [
    ...ys.map((y, i): Named<NdArray> => [`output ${i}`, y.array]),
    ...first.map((g, i): Named<NdArray | null> => [`gradient ${i}`, g?.array ?? null]),
  ];
  if (!double) return results;
  const terms = first.flatMap((g, i) =>
    g === null ? [] : [F.sum(F.mul(g, there(comparison.gradient(g.shape, 41 + i)).astype(g.dtype)))],
  );
  const [start, ...rest] = terms;
  if (start === undefined) return results;
  const total = rest.reduce((sum, next) => F.add(sum, next), start);
  const second = total.requiresGrad ? grad([total], [...sources, ...gys]) : [];
  return [...results, ...second.map((g, i): Named<NdArray | null> => [`second derivative ${i}`, g?.array ?? null])];
}

async function fetched(results: readonly Named<NdArray | null>[]): Promise<Named<ArrayLike<number> | null>[]> {
  return Promise.all(
    results.map(async ([name, array]): Promise<Named<ArrayLike<number> | null>> => [
      array === null ? name : `${name}, ${array.dtype}[${array.shape.join()}]`,
      array === null ? null : await array.data(),
    ]),
  );
}

function expectClose(
  actual: readonly Named<ArrayLike<number> | null>[],
  expected: readonly Named<ArrayLike<number> | null>[],
  device: string,
): void {
  expect(actual.map(([name]) => name)).toEqual(expected.map(([name]) => name));
  expected.forEach(([name, wants], k) => {
    const have = actual[k]?.[1] ?? null;
    if (wants === null || have === null) return;
    const scale = Array.from(wants, Math.abs).reduce((a, b) => (b > a && b < Infinity ? b : a), 1);
    Array.from(wants, (want, i) => {
      const value = have[i] as number;
      if (Object.is(value, want) || value === want) return;
      const tolerance = (name.includes("float16") ? 4e-3 : 1e-5) * scale;
      if (!(Math.abs(value - want) <= tolerance)) {
        throw new Error(`${name}: element ${i} is ${value} on ${device}, ${want} on the cpu`);
      }
    });
  });
}
