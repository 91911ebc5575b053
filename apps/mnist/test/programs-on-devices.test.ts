/** The app's three programs (trainer, loop by hand, inference) do on a GPU what they do on the CPU. */
import { openDevice, setDefaultDevice } from "@chain/array";
import { afterAll, expect, test } from "@jest/globals";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describeIfOpens } from "../../../testing/gpu-devices.js";
import { trainMnistByHand } from "../src/custom-loop-mnist.js";
import { inferMnist } from "../src/mnist-inference.js";
import { trainMnist } from "../src/train-mnist.js";
import { datasets, TextStream } from "./support/synthetic.js";

const describeGpu = await describeIfOpens(openDevice);

interface Outcome {
  /** Mean losses of the last epoch, by the trainer and by the loop. */
  readonly trainer: number;
  readonly byHand: number;
  /** What inference says of the test images. */
  readonly accuracy: number;
}

async function runAll(device: string, out: string): Promise<Outcome> {
  const options = { batchsize: 20, epoch: 2, unit: 16, frequency: -1, autoload: false, seed: 7, out, device };
  const [trained, byHand] = [new TextStream(), new TextStream()];
  await trainMnist(options, () => Promise.resolve(datasets()), trained);
  expect(trained.text).toContain(`Device: ${device}\n`);
  const log = JSON.parse(await readFile(join(out, "log"), "utf8")) as Record<string, number>[];
  await trainMnistByHand(options, () => Promise.resolve(datasets()), byHand);
  const means = [...byHand.text.matchAll(/train mean loss: ([\d.]+)/g)].map(([, mean]) => Number(mean));
  const inference = { model: join(out, "mlp.model"), out, image: 3, batchsize: 20, device };
  const { accuracy } = await inferMnist(inference, () => Promise.resolve(datasets()[1]), new TextStream());
  return { trainer: log.at(-1)?.["main/loss"] ?? NaN, byHand: means.at(-1) ?? NaN, accuracy };
}

describeGpu("MNIST's programs on webgpu", () => {
  let folder: string | undefined;

  afterAll(async () => {
    await setDefaultDevice("cpu");
    if (folder !== undefined) await rm(folder, { recursive: true });
  });

  test("trainer, loop by hand and inference have the cpu's results", async () => {
    folder = await mkdtemp(join(tmpdir(), "chain-mnist-webgpu-"));
    const cpu = await runAll("cpu", join(folder, "cpu"));
    const gpu = await runAll("webgpu", join(folder, "webgpu"));
    expect(gpu.trainer).toBeCloseTo(cpu.trainer, 4);
    expect(gpu.byHand).toBeCloseTo(gpu.trainer, 4);
    expect(gpu.accuracy).toBe(cpu.accuracy);
  });
});
