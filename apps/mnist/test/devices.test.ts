/** Training on other devices follows training on the CPU, and takes no more memory as it goes on. */
import { memoryInfo, openDevice, openedBackends, random, scope, setDefaultDevice, type NdArray } from "@chain/array";
import { Variable } from "@chain/autograd";
import * as F from "@chain/autograd/functions";
import { Adam } from "@chain/optimizers";
import { concatExamples, SerialIterator } from "@chain/training";
import { getMnist } from "@chain/training/datasets";
import "@chain/backend-gpujs";
import { afterAll, describe, expect, test } from "@jest/globals";
import { gpuDevices } from "../../../testing/gpu-devices.js";
import { MLP } from "../src/model.js";

const devices = ["gpujs", ...(await gpuDevices(openDevice))];

const memory = (device: string): { arrays: number; bytes: number; reservedBytes: number } => {
  const { arrays, bytes, reservedBytes } = memoryInfo()[device] ?? { arrays: 0, bytes: 0, reservedBytes: 0 };
  return { arrays, bytes, reservedBytes };
};

/** Trains for some iterations; `watch` sees every loss inside its step. */
async function train(device: string, iterations: number, units: number, watch: (loss: NdArray) => void): Promise<void> {
  await setDefaultDevice(device);
  random.seed(0);
  const [images] = await getMnist();
  const model = new MLP(units);
  const optimizer = new Adam().setup(model);
  const iterator = new SerialIterator(images, 100);
  for (let i = 0; i < iterations; i++) {
    scope(() => {
      const [x, t] = concatExamples(iterator.next()) as [NdArray, NdArray];
      const loss = F.softmaxCrossEntropy(model.forward(new Variable(x)), t);
      model.cleargrads();
      loss.backward();
      optimizer.update();
      watch(loss.array);
    });
    // A program that never waits would record work faster than it is done.
    if (i % 20 === 19) await synchronize(device);
  }
  await synchronize(device);
}

async function synchronize(device: string): Promise<void> {
  await openedBackends()
    .find(({ name }) => name === device)
    ?.synchronize();
}

describe.each(devices)("MNIST on %s", (other) => {
  afterAll(() => setDefaultDevice("cpu"));

  test("100 iterations have the cpu's losses", async () => {
    const losses: Record<string, number[]> = {};
    for (const device of ["cpu", other]) {
      const reads: Promise<number>[] = [];
      await train(device, 100, 100, (loss) => reads.push(loss.item()));
      losses[device] = await Promise.all(reads);
    }
    const [cpu, gpu] = [losses["cpu"] as number[], losses[other] as number[]];
    expect(cpu[99]).toBeLessThan((cpu[0] as number) / 2);
    const worst = Math.max(...cpu.map((loss, i) => Math.abs((gpu[i] as number) - loss) / loss));
    expect(worst).toBeLessThan(1e-3);
  }, 120_000);

  test("1,000 steps take no arrays, bytes and buffers more than 50", async () => {
    const seen: ReturnType<typeof memory>[] = [];
    await train(other, 1000, 10, () => seen.push(memory(other)));
    const [early, late] = [seen[49], seen[999]];
    if (early === undefined || late === undefined) throw new Error("the losses were not watched");
    // Less than before it may be: the garbage collector finds what the test above left.
    expect(late.arrays).toBeLessThanOrEqual(early.arrays);
    expect(late.bytes).toBeLessThanOrEqual(early.bytes);
    expect(late.reservedBytes).toBeLessThanOrEqual(early.reservedBytes);
  }, 120_000);
});
