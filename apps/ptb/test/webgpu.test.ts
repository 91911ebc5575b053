/** Every program of this app on a GPU: what comes out is what comes out on the cpu. */
import { keepPace, openDevice, setDefaultDevice } from "@chain/array";
import { BPTTUpdater, ParallelSequentialIterator } from "@chain/training";
import { afterAll, afterEach, beforeEach, expect, test } from "@jest/globals";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describeIfOpens } from "../../../testing/gpu-devices.js";
import { trainPtbByHand } from "../src/custom-loop-ptb.js";
import { generateText } from "../src/generate-text.js";
import { modelKinds, type ModelKind } from "../src/model.js";
import type { TrainOptions } from "../src/options.js";
import { setUp, trainPtb, windowLoss } from "../src/train-ptb.js";
import { parseFormula } from "../src/tree-lstm/formula.js";
import { judge, trainOnFormulas } from "../src/tree-lstm/train.js";
import { TextStream, toyCorpus, toyOptions } from "./support/toy.js";

const describeGpu = await describeIfOpens(openDevice);
let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "chain-ptb-webgpu-"));
});

afterEach(async () => {
  await rm(folder, { recursive: true });
});

const optionsOn = (device: string, changes: Partial<TrainOptions> = {}): TrainOptions =>
  toyOptions(join(folder, device), { device, epoch: 1, ...changes });
const loadToy = (): Promise<ReturnType<typeof toyCorpus>> => Promise.resolve(toyCorpus());

/** The losses of the first updates on a device, per word. */
async function firstLosses(device: string, model: ModelKind, updates: number): Promise<number[]> {
  const options = optionsOn(device, { model, unit: 50, batchsize: 20 });
  const setup = await setUp(options, loadToy, new TextStream());
  const iterator = new ParallelSequentialIterator(setup.corpus.train, options.batchsize);
  const loss = windowLoss(setup.model);
  const reads: Promise<number>[] = [];
  const updater = new BPTTUpdater(iterator, setup.optimizer, options.bproplen, {
    wholeWindow: true,
    lossFunc: (...window: Parameters<typeof loss>) => {
      const result = loss(...window);
      reads.push(result.array.item().then((sum) => sum / options.bproplen));
      return result;
    },
  });
  for (let i = 0; i < updates; i++) {
    await updater.update();
    await keepPace();
  }
  return Promise.all(reads);
}

describeGpu("language models on webgpu", () => {
  afterAll(() => setDefaultDevice("cpu"));

  test.each(modelKinds)("%s reaches the perplexity of the cpu", async (model) => {
    const perplexities: number[] = [];
    for (const device of ["cpu", "webgpu"]) {
      const out = new TextStream();
      perplexities.push((await trainPtb(optionsOn(device, { model }), loadToy, out)).perplexity);
      expect(out.text).toContain(`Device: ${device}\n`);
    }
    const [cpu, gpu] = perplexities as [number, number];
    expect(Math.abs(gpu - cpu)).toBeLessThan(1e-3 * cpu);
  });

  test.each(modelKinds)("20 updates of a %s have the cpu's losses", async (model) => {
    const [cpu, gpu] = [await firstLosses("cpu", model, 20), await firstLosses("webgpu", model, 20)];
    expect(cpu).toHaveLength(20);
    expect(cpu[19]).toBeLessThan(cpu[0] as number);
    cpu.forEach((loss, i) => expect(Math.abs((gpu[i] as number) - loss)).toBeLessThan(1e-3));
  });

  test("the loop written by hand makes the same updates, and the model continues a text as on the cpu", async () => {
    const { perplexity } = await trainPtb(optionsOn("webgpu"), loadToy, new TextStream());
    const byHand = await trainPtbByHand(optionsOn("webgpu"), loadToy, new TextStream());
    expect(byHand.perplexity).toBe(perplexity);
    const texts: string[] = [];
    for (const device of ["cpu", "webgpu"]) {
      const model = join(folder, "webgpu", "model.npz");
      const options = { model, primetext: "this dog", length: 20, temperature: 0, seed: 0, device };
      texts.push(await generateText(options, new TextStream()));
    }
    expect(texts[1]).toBe(texts[0]);
  });

  test("trees of LSTM judge formulas as on the cpu", async () => {
    // Formulas of two sizes, and few steps: every tree is a graph of its own, of many small kernels.
    const options = { unit: 4, batchsize: 4, iteration: 5, depth: 1, seed: 0 };
    const formulas = ["(and true (not false))", "(or false (not true))", "true"].map(parseFormula);
    const results: { readonly weights: number[]; readonly judged: unknown }[] = [];
    for (const device of ["cpu", "webgpu"]) {
      const { accuracy, model } = await trainOnFormulas({ ...options, device }, new TextStream());
      const params = model.params();
      expect(params.map((param) => param.device)).toEqual(params.map(() => device));
      const read = await Promise.all(params.map(async (param) => [...(await param.array.data())]));
      results.push({ weights: read.flat(), judged: [accuracy, await judge(model, formulas)] });
    }
    const [cpu, gpu] = results as [(typeof results)[0], (typeof results)[0]];
    expect(gpu.judged).toEqual(cpu.judged);
    cpu.weights.forEach((weight, i) => expect(Math.abs((gpu.weights[i] as number) - weight)).toBeLessThan(1e-3));
  });
});
