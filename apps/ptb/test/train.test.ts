import { array } from "@chain/array";
import { noBackpropMode, testMode } from "@chain/autograd";
import { NpzFile } from "@chain/links/serializers";
import { ParallelSequentialIterator } from "@chain/training";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Corpus } from "../src/corpus.js";
import { trainPtbByHand } from "../src/custom-loop-ptb.js";
import { modelKinds } from "../src/model.js";
import type { TrainOptions } from "../src/options.js";
import { trainPtb } from "../src/train-ptb.js";
import type { WordPredictor } from "../src/word-predictor.js";
import { TextStream, toyCorpus, toyOptions } from "./support/toy.js";

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "chain-ptb-"));
});

afterEach(async () => {
  await rm(folder, { recursive: true });
});

interface Result {
  readonly text: string;
  readonly perplexity: number;
  readonly model: WordPredictor;
}

async function train(changes: Partial<TrainOptions> = {}, corpus: Corpus = toyCorpus()): Promise<Result> {
  const out = new TextStream();
  const { model, perplexity } = await trainPtb(toyOptions(folder, changes), () => Promise.resolve(corpus), out);
  return { text: out.text, perplexity, model };
}

async function log(out = folder): Promise<Record<string, number>[]> {
  const entries = JSON.parse(await readFile(join(out, "log"), "utf8")) as Record<string, number>[];
  return entries.map(({ elapsed_time: _, words_per_second: __, ...entry }) => entry as Record<string, number>);
}

describe("training", () => {
  test("prints a table and leaves its results", async () => {
    // 1200 words to train: 50 updates of 24 words an epoch; rows of the log every 10.
    const { perplexity, text } = await train({ test: true });
    expect(text).toContain("Device: cpu\n# text: toy, a few words of it\n# words: 1200 to train, 160 to validate");
    expect(text).toMatch(/^epoch +iteration +perplexity +val_perplexity +words_per_second +elapsed_time/m);
    expect(text).toContain(`test perplexity: ${perplexity.toFixed(3)}\n`);
    const entries = await log();
    expect(entries.map(({ iteration }) => iteration)).toEqual(Array.from({ length: 15 }, (_, i) => 10 * (i + 1)));
    for (const entry of entries) {
      expect(entry["perplexity"]).toBeCloseTo(Math.exp(entry["main/loss"] ?? NaN), 8);
      expect(entry["val_perplexity"]).toBeCloseTo(Math.exp(entry["validation/main/loss"] ?? NaN), 8);
    }
    expect((await readdir(folder)).toSorted()).toEqual(["log", "model.npz", "snapshot_iter_150"]);
  });

  test.each(modelKinds)("%s learns the language", async (model) => {
    const { perplexity } = await train({ model, epoch: 12, lr: model === "lstm" ? 0.5 : 0.3 });
    // Of four words two are random, one of 2 and one of 3: the best there is is 6^(1/4) = 1.565. Who does not remember
    // the article when it comes to the verb has 12^(1/4) = 1.861.
    expect(perplexity).toBeGreaterThan(6 ** (1 / 4));
    expect(perplexity).toBeLessThan(1.75);
  });

  test("the test perplexity is that of reading the text from the start, word by word", async () => {
    const corpus = toyCorpus();
    const { model, perplexity } = await train({ epoch: 1 }, corpus);
    model.resetState();
    let sum = 0;
    for (const [[word, next]] of new ParallelSequentialIterator(corpus.test, 1, { repeat: false }) as Iterable<
      [[number, number]]
    >) {
      const scores = testMode(() => noBackpropMode(() => model.predictor.forward(array([word], { dtype: "int32" }))));
      const y = [...scores.dataSync()];
      sum += Math.log(y.reduce((total, v) => total + Math.exp(v), 0)) - (y[next] ?? NaN);
    }
    expect(perplexity).toBeCloseTo(Math.exp(sum / corpus.test.length), 3);
  });

  test("the loop written by hand makes the same updates", async () => {
    const { model, perplexity } = await train({ test: true });
    const out = new TextStream();
    const other = join(folder, "by-hand");
    const byHand = await trainPtbByHand(toyOptions(other, { test: true }), () => Promise.resolve(toyCorpus()), out);
    expect(byHand.perplexity).toBe(perplexity);
    expect(byHand.model.predictor.params().map((param) => param.array.tolistSync())).toEqual(
      model.predictor.params().map((param) => param.array.tolistSync()),
    );
    const [row] = await log();
    expect(out.text).toContain(
      `epoch: 0  iteration: 10  perplexity: ${row?.["perplexity"]?.toFixed(3)}  val_perplexity: ${row?.["val_perplexity"]?.toFixed(3)}`,
    );
    expect(await readdir(other)).toEqual(["model.npz"]);
  });

  test("a learning rate that decays is the same in both", async () => {
    const { perplexity } = await train({ lrdecay: 0.5 });
    const constant = await train({ out: join(folder, "constant") });
    const out = toyOptions(join(folder, "by-hand"), { lrdecay: 0.5 });
    const byHand = await trainPtbByHand(out, () => Promise.resolve(toyCorpus()), new TextStream());
    expect(byHand.perplexity).toBe(perplexity);
    expect(constant.perplexity).not.toBe(perplexity);
  });

  test("is the same with the same seed, and another with another", async () => {
    const results: number[] = [];
    for (const seed of [7, 7, 8])
      results.push((await train({ seed, epoch: 1, out: join(folder, String(results.length)) })).perplexity);
    expect(results[1]).toBe(results[0]);
    expect(results[2]).not.toBe(results[0]);
  });

  test.each(["resume", "autoload"])("goes on (%s) as if it had not been interrupted", async (how) => {
    const whole = join(folder, "whole");
    await train({ out: whole, test: true });
    const half = join(folder, "half");
    await train({ out: half, test: true, epoch: 1 });
    const rest = how === "resume" ? { resume: join(half, "snapshot_iter_50") } : { autoload: true };
    await train({ out: half, test: true, seed: 99, ...rest });
    expect(await log(half)).toEqual(await log(whole));
    const [a, b] = await Promise.all([whole, half].map((out) => readFile(join(out, "model.npz"))));
    expect(a?.equals(b ?? new Uint8Array())).toBe(true);
  });

  test("does not go on with another text", async () => {
    await train({ epoch: 1 });
    const words = toyCorpus().vocabulary.toReversed();
    for (const other of [toyCorpus({ name: "brown" }), toyCorpus({ vocabulary: words })]) {
      await expect(train({ autoload: true }, other)).rejects.toThrow("train on the same text");
    }
  });
});

test("everything about the Brown corpus says so", async () => {
  const corpus = toyCorpus({ name: "brown", title: "Brown corpus (NOT the Penn Treebank)", label: " (Brown)" });
  const { text } = await train({ test: true, epoch: 1 }, corpus);
  expect(text).toContain("# text: Brown corpus (NOT the Penn Treebank)");
  expect(text).toMatch(/^epoch +iteration +perplexity \(Brown\) +val_perplexity \(Brown\)/m);
  expect(text).toMatch(/^test perplexity \(Brown\): /m);
  const [row] = await log();
  expect(Object.keys(row ?? {}).filter((key) => key.includes("perplexity"))).toEqual([
    "perplexity (Brown)",
    "val_perplexity (Brown)",
  ]);
  for (const file of ["model.npz", "snapshot_iter_50"]) {
    const npz = new NpzFile(await readFile(join(folder, file)));
    const key = file === "model.npz" ? "corpus" : "updater/model:main/corpus";
    expect(npz.get(key)).toMatchObject({ kind: "text", text: "brown" });
  }
  const out = new TextStream();
  await trainPtbByHand(toyOptions(folder, { test: true, epoch: 1 }), () => Promise.resolve(corpus), out);
  expect(out.text).toMatch(/perplexity \(Brown\): .* val_perplexity \(Brown\): /);
});
