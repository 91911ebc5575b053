import { NpzFile } from "@chain/links/serializers";
import { DownloadError, setDatasetRoot, TrainingInterrupted, TransformBatchDataset } from "@chain/training";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { loadData, type Data } from "../src/data.js";
import { histogramSvg } from "../src/depth-histogram.js";
import type { TrainOptions } from "../src/options.js";
import { trainResNet } from "../src/train-resnet.js";
import { data, TextStream } from "./support/synthetic.js";

const originalFetch = globalThis.fetch;
let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "chain-resnet-"));
});

afterEach(async () => {
  globalThis.fetch = originalFetch;
  setDatasetRoot(null);
  await rm(folder, { recursive: true });
});

const defaults = {
  model: "resnet",
  depth: 8,
  survival: 0.5,
  batchsize: 10,
  epoch: 2,
  lr: 0.05,
  autoload: false,
  seed: 3,
} as const;

async function train(changes: Partial<TrainOptions> = {}): Promise<string> {
  const out = new TextStream();
  await trainResNet({ ...defaults, out: folder, ...changes }, () => Promise.resolve(data()), out);
  return out.text;
}

async function log(out = folder): Promise<Record<string, number>[]> {
  const entries = JSON.parse(await readFile(join(out, "log"), "utf8")) as Record<string, number>[];
  return entries.map(({ elapsed_time: _, ...entry }) => entry as Record<string, number>);
}

describe("training", () => {
  test("learns, says what it trains on, and leaves its results", async () => {
    const text = await train({ epoch: 10 });
    expect(text.split("\n").slice(0, 5)).toEqual([
      "Device: cpu",
      "# images: CIFAR-10, 60 to train, 20 to test",
      "# model: resnet of 8 layers, survival 0.5",
      "# Minibatch-size: 10",
      "# epoch: 10",
    ]);
    const names =
      "accuracy.svg depths.svg graph_1.dot graph_1.svg graph_2.dot graph_2.svg log loss.svg snapshot_iter_60";
    expect((await readdir(folder)).toSorted()).toEqual(names.split(" "));
    const entries = await log();
    const rates = [0.0425, 0.05, 0.05, 0.05, 0.05, 0.005, 0.005, 0.0005, 0.0005, 0.0005];
    expect(entries.map(({ lr }) => lr)).toEqual(rates.map((lr) => expect.closeTo(lr, 10) as unknown));
    expect(entries[9]?.["main/loss"]).toBeLessThan(0.8 * (entries[0]?.["main/loss"] ?? 0));
  });

  test("the two graphs differ by the blocks that were dropped", async () => {
    await train({ seed: 1 });
    const convolutions = async (name: string): Promise<number> =>
      (await readFile(join(folder, name), "utf8")).split('label="convolutionNd"').length - 1;
    const [one, two] = [await convolutions("graph_1.dot"), await convolutions("graph_2.dot")];
    expect(one).not.toBe(two);
    // The first convolution, and two in each block.
    for (const count of [one, two]) expect([1, 3, 5, 7]).toContain(count);
  });

  test("a plain ResNet has one graph, and no histogram", async () => {
    await train({ survival: 1, epoch: 1 });
    expect((await readdir(folder)).filter((name) => /graph|depths/.test(name))).toEqual(["graph_1.dot", "graph_1.svg"]);
  });

  test.each(["vgg", "cnn"] as const)("%s trains", async (model) => {
    await train({ model, epoch: 1, batchsize: 30, lr: 0.01 });
    expect((await log())[0]?.["main/loss"]).toBeLessThan(5);
  });

  test("resumed in the middle of an epoch, it equals the uninterrupted training to the bit", async () => {
    const [whole, parts] = [join(folder, "whole"), join(folder, "parts")];
    // Snapshots of sweeps that end inside of minibatches.
    const options = { ...defaults, batchsize: 25, epoch: 4 };
    const last = "snapshot_iter_10";
    await train({ ...options, out: whole });

    let minibatches = 0;
    const { train: images, ...rest } = data();
    const interrupted: Data = {
      ...rest,
      train: new TransformBatchDataset(images, (batch) => {
        if (++minibatches === 4) process.emit("SIGINT");
        return batch;
      }),
    };
    const stopped = trainResNet({ ...options, out: parts }, () => Promise.resolve(interrupted), new TextStream());
    await expect(stopped).rejects.toThrow(TrainingInterrupted);
    expect((await readdir(parts)).filter((name) => name.startsWith("snapshot"))).toEqual(["snapshot_iter_4"]);
    await train({ ...options, out: parts, autoload: true, seed: 99 });
    expect(await log(parts)).toEqual(await log(whole));
    const [one, other] = await Promise.all(
      [whole, parts].map(async (out) => new NpzFile(await readFile(join(out, last)))),
    );
    const keys = one?.keys().filter((key) => /^(updater|random)/.test(key)) ?? [];
    expect(keys.length).toBeGreaterThan(80);
    for (const key of keys) expect([key, other?.get(key)]).toEqual([key, one?.get(key)]);
  });
});

describe("loadData", () => {
  const fail = (): Promise<Response> => Promise.reject(new TypeError("no network"));

  test("falls back to MNIST, loudly", async () => {
    setDatasetRoot(folder);
    globalThis.fetch = fail;
    const out = new TextStream();
    const { test: tested, title, train: trained } = await loadData(undefined, out);
    expect(out.text).toContain("CIFAR-10 cannot be had: ");
    expect(out.text).toContain("MNIST IS USED IN ITS PLACE");
    expect([title, trained.length, tested.length]).toEqual(["MNIST", 60000, 10000]);
    const [x, t] = trained.gather(Int32Array.of(0, 1));
    expect([x.shape, x.dtype, t.shape]).toEqual([[2, 1, 28, 28], "float32", [2]]);
  });

  test("does not, if CIFAR-10 was asked for", async () => {
    setDatasetRoot(folder);
    globalThis.fetch = fail;
    await expect(loadData("cifar10", new TextStream())).rejects.toThrow(DownloadError);
  });
});

test("the histogram has a bar for each number of blocks", () => {
  const svg = histogramSvg(Int32Array.of(0, 2, 4));
  const heights = [...svg.matchAll(/<rect x="\d+" [^>]*height="([\d.]+)"/g)].map((match) => Number(match[1]));
  expect(heights).toEqual([0, 80, 160]);
  expect(svg).toContain("<title>2 blocks: 4 iterations</title>");
});
