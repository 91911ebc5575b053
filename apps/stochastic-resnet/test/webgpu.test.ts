/** Training on a GPU follows training on the CPU: augmentation, coins and dropout of the same seed. */
import { openDevice, random, setDefaultDevice, type NdArray } from "@chain/array";
import type { Variable } from "@chain/autograd";
import * as F from "@chain/autograd/functions";
import * as L from "@chain/links";
import { MomentumSGD, WeightDecay } from "@chain/optimizers";
import { SerialIterator, StandardUpdater, TransformBatchDataset, transforms } from "@chain/training";
import { afterAll, expect, test } from "@jest/globals";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describeIfOpens } from "../../../testing/gpu-devices.js";
import { StochasticResNet } from "../src/models/index.js";
import { trainResNet } from "../src/train-resnet.js";
import { data, pictures, TextStream } from "./support/synthetic.js";

const describeGpu = await describeIfOpens(openDevice);

/** Small ones: a software GPU is slow. */
const augment = transforms.compose(
  transforms.randomCrop(12),
  transforms.randomFlip(),
  transforms.normalize([80, 80, 80], [60, 60, 60]),
);

/** Losses and numbers of blocks of 20 iterations. */
async function train(device: string): Promise<{ losses: number[]; blocks: number[] }> {
  await setDefaultDevice(device);
  random.seed(0);
  const network = new StochasticResNet(8, 0.5);
  const model = new L.Classifier(network, {
    lossfun: (y, t) => F.softmaxCrossEntropy(F.dropout(y, { ratio: 0.2 }), t),
  });
  const optimizer = new MomentumSGD({ lr: 0.01 }).setup(model);
  optimizer.addHook(new WeightDecay(1e-4));
  const images = new TransformBatchDataset(pictures(20, 1), ([x, t]) => [augment(x as NdArray), t as NdArray] as const);
  const reads: Promise<number>[] = [];
  const blocks: number[] = [];
  const lossFunc = (...batch: unknown[]): Variable => {
    const loss = model.forward(...batch);
    reads.push(loss.array.item());
    blocks.push(network.keptBlocks);
    return loss;
  };
  const updater = new StandardUpdater(new SerialIterator(images, 4), optimizer, { lossFunc });
  for (let i = 0; i < 20; i++) {
    await updater.update();
    await reads.at(-1);
  }
  return { losses: await Promise.all(reads), blocks };
}

describeGpu("a stochastic ResNet on webgpu", () => {
  afterAll(() => setDefaultDevice("cpu"));

  test("20 iterations have the cpu's losses and depths", async () => {
    const cpu = await train("cpu");
    const gpu = await train("webgpu");
    expect(gpu.blocks).toEqual(cpu.blocks);
    expect(new Set(cpu.blocks).size).toBeGreaterThan(1);
    const worst = Math.max(...cpu.losses.map((loss, i) => Math.abs((gpu.losses[i] as number) - loss) / loss));
    expect(worst).toBeLessThan(1e-3);
  });

  test("the program trains there, and leaves the cpu's results", async () => {
    const folder = await mkdtemp(join(tmpdir(), "chain-resnet-webgpu-"));
    try {
      const losses: number[] = [];
      for (const device of ["cpu", "webgpu"]) {
        const out = join(folder, device);
        const sizes = { depth: 8, survival: 0.5, batchsize: 4, epoch: 1, lr: 0.05, seed: 3 };
        const stream = new TextStream();
        const load = (): Promise<ReturnType<typeof data>> => Promise.resolve(data(8, 4));
        await trainResNet({ model: "resnet", ...sizes, autoload: false, out, device }, load, stream);
        expect(stream.text).toContain(`Device: ${device}\n`);
        const log = JSON.parse(await readFile(join(out, "log"), "utf8")) as Record<string, number>[];
        losses.push(log.at(-1)?.["validation/main/loss"] ?? NaN);
      }
      expect(losses[1]).toBeCloseTo(losses[0] ?? NaN, 3);
    } finally {
      await rm(folder, { recursive: true });
    }
  });
});
