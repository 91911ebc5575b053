/** Models that move to a GPU and back, and their NPZ files. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { array, openDevice, type NdArray } from "@chain/array";
import { Variable } from "@chain/autograd";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { describeIfOpens } from "../../../../testing/gpu-devices.js";
import { BatchNormalization, Chain, Linear } from "../../src/index.js";
import { fromNpz, loadNpz, saveNpz, toNpz } from "../../src/serializers/index.js";

/** Parameters, and persistent values that are arrays and numbers. */
class Model extends Chain {
  readonly l1 = new Linear(3, 4);
  readonly bn = new BatchNormalization(4);
  steps: number = 0;
  seen: NdArray = array([1, 2, 3], { dtype: "int32" });

  constructor() {
    super();
    this.registerPersistent("steps");
    this.registerPersistent("seen");
  }

  override forward(x: Variable): Variable {
    this.steps += 1;
    return this.bn.forward(this.l1.forward(x));
  }
}

const describeGpu = await describeIfOpens(openDevice);
const input = [
  [1, 2, 3],
  [-1, 0, 4],
  [0.5, -2, 1],
];

/** Runs the model once in training mode, which moves its averages; returns what comes out. */
async function run(model: Model, device: string): Promise<number[]> {
  return Array.from(await model.forward(new Variable(array(input, { device }))).array.data());
}

/** Every array that the model holds, by where it lies and what is in it. */
async function contents(model: Model): Promise<[devices: Set<string>, numbers: number[][]]> {
  const arrays = [
    ...model.params().map((param) => param.array),
    model.seen,
    model.bn.avg_mean as NdArray,
    model.bn.avg_var as NdArray,
  ];
  const numbers = await Promise.all(arrays.map(async (x) => Array.from(await x.data())));
  return [new Set(arrays.map(({ device }) => device)), numbers];
}

function expectClose(actual: readonly number[], expected: readonly number[]): void {
  expect(actual).toHaveLength(expected.length);
  expected.forEach((value, i) => expect(Math.abs((actual[i] as number) - value)).toBeLessThan(1e-4));
}

describeGpu("models on webgpu", () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "chain-npz-devices-"));
  });
  afterAll(() => rm(folder, { recursive: true }));

  test("toDevice moves parameters and persistent values, which compute there, and come back as they were", async () => {
    const model = new Model();
    const [, before] = await contents(model);
    expect(await contents(model.toDevice("webgpu"))).toEqual([new Set(["webgpu"]), before]);
    const twin = new Model();
    fromNpz(await toNpz(model), twin);
    expectClose(await run(model, "webgpu"), await run(twin, "cpu"));
    const [, moved] = await contents(model);
    expect(moved).not.toEqual(before);
    expect(await contents(await model.toDeviceAsync("cpu"))).toEqual([new Set(["cpu"]), moved]);
    expectClose(moved.flat(), (await contents(twin))[1].flat());
  });

  test("a file that is saved on one device is loaded on any other", async () => {
    const model = new Model().toDevice("webgpu");
    await run(model, "webgpu");
    const [, saved] = await contents(model);
    const file = join(folder, "model.npz");
    await saveNpz(file, model);
    for (const device of ["cpu", "webgpu"]) {
      const other = new Model().toDevice(device);
      await loadNpz(file, other);
      expect(await contents(other)).toEqual([new Set([device]), saved]);
      expect(other.steps).toBe(1);
      expectClose(await run(other, device), await run(model, "webgpu"));
      const next = join(folder, `${device}.npz`);
      await saveNpz(next, other);
      const again = new Model();
      await loadNpz(next, again);
      expect(again.steps).toBe(2);
    }
  });
});
