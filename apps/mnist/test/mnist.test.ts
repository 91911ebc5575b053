import { setDatasetRoot } from "@chain/training";
import { getMnist } from "@chain/training/datasets";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { trainMnistByHand } from "../src/custom-loop-mnist.js";
import { inferMnist } from "../src/mnist-inference.js";
import type { TrainOptions } from "../src/options.js";
import { trainMnist } from "../src/train-mnist.js";
import { datasets, TextStream, writeDataset } from "./support/synthetic.js";

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "chain-mnist-app-"));
});

afterEach(async () => {
  setDatasetRoot(null);
  await rm(folder, { recursive: true });
});

function options(changes: Partial<TrainOptions> = {}): TrainOptions {
  return { batchsize: 20, epoch: 3, unit: 16, frequency: -1, autoload: false, seed: 7, out: folder, ...changes };
}

async function train(changes: Partial<TrainOptions> = {}): Promise<string> {
  const out = new TextStream();
  await trainMnist(options(changes), () => Promise.resolve(datasets()), out);
  return out.text;
}

async function log(out = folder): Promise<Record<string, number>[]> {
  const entries = JSON.parse(await readFile(join(out, "log"), "utf8")) as Record<string, number>[];
  return entries.map(({ elapsed_time: _, ...entry }) => entry as Record<string, number>);
}

describe("training", () => {
  test("learns, prints a table, and leaves its results", async () => {
    const lines = (await train()).split("\n");
    expect(lines.slice(0, 5)).toEqual(["Device: cpu", "# unit: 16", "# Minibatch-size: 20", "# epoch: 3", ""]);
    expect(lines[5]).toBe(
      "epoch       main/loss   validation/main/loss  main/accuracy  validation/main/accuracy  elapsed_time",
    );
    expect(lines.slice(6, 10).map((line) => line.trim().split(/ +/).length)).toEqual([4, 6, 6, 6]);
    expect((await readdir(folder)).toSorted()).toEqual(
      ["accuracy.svg", "cg.dot", "cg.svg", "log", "loss.svg", "snapshot_iter_30"].toSorted(),
    );
    const entries = await log();
    expect(entries.map((entry) => [entry["epoch"], entry["iteration"]])).toEqual([[0, 0], [1, 10], [2, 20], [3, 30]]); // prettier-ignore
    expect(Object.keys(entries[0] ?? {})).not.toContain("main/loss");
    expect(entries[3]?.["validation/main/loss"]).toBeLessThan(0.8 * (entries[0]?.["validation/main/loss"] ?? 0));
    expect(entries[3]?.["validation/main/accuracy"]).toBeGreaterThan(0.5);
  });

  test("is the same with the same seed, and another with another", async () => {
    const outs = ["a", "b", "c"].map((name) => join(folder, name));
    for (const [i, out] of outs.entries()) await train({ out, seed: i === 2 ? 8 : 7 });
    const logs = await Promise.all(outs.map(log));
    expect(logs[1]).toEqual(logs[0]);
    expect(logs[2]).not.toEqual(logs[0]);
  });

  test.each([{ resume: "snapshot_iter_20" }, { autoload: true }])("goes on: %j", async (how) => {
    await train();
    const whole = await log();
    await rm(join(folder, "snapshot_iter_30"));
    await train({ epoch: 2 });
    const resume = how.resume === undefined ? {} : { resume: join(folder, how.resume) };
    await train({ ...how, ...resume, seed: 99 });
    expect(await log()).toEqual(whole);
  });

  test("takes snapshots as often as it is told", async () => {
    const snapshots = async (): Promise<string[]> =>
      (await readdir(folder)).filter((name) => name.startsWith("snapshot"));
    await train({ epoch: 2, frequency: 1 });
    expect(await snapshots()).toEqual(["snapshot_iter_20"]);
  });
});

describe("the loop by hand", () => {
  test("makes the trainer's updates", async () => {
    await train();
    const out = new TextStream();
    await trainMnistByHand(options(), () => Promise.resolve(datasets()), out);
    const means = [...out.text.matchAll(/train mean loss: ([\d.]+), accuracy: ([\d.]+)/g)].map((match) =>
      match.slice(1).map(Number),
    );
    const entries = (await log()).slice(1).map((entry) => [entry["main/loss"], entry["main/accuracy"]]);
    expect(means).toEqual(entries.map((pair) => pair.map((value) => expect.closeTo(value ?? NaN, 6))));
    expect(out.text).toMatch(/epoch: 3\ntrain mean loss: .*\ntest {2}mean loss: /);
  });
});

describe("inference", () => {
  const infer = async (
    changes: { model?: string; image?: number } = {},
  ): Promise<{ text: string; accuracy: number }> => {
    const out = new TextStream();
    const load = (): Promise<ReturnType<typeof datasets>[1]> => Promise.resolve(datasets()[1]);
    const { accuracy } = await inferMnist({ out: folder, image: 3, batchsize: 20, ...changes }, load, out);
    return { text: out.text, accuracy };
  };

  test("uses the latest snapshot, or a model that was saved by hand", async () => {
    await train();
    const { accuracy, text } = await infer();
    expect(text).toContain(`Model: ${join(folder, "snapshot_iter_30")}\nTest image 3: predicted `);
    expect(text).toContain(", label 3\nAccuracy on 50 test images: ");
    // The trainer's mean is over minibatches of 20, 20 and 10.
    expect(accuracy).toBeGreaterThan(0.5);
    await trainMnistByHand(options(), () => Promise.resolve(datasets()), new TextStream());
    expect((await infer({ model: join(folder, "mlp.model") })).accuracy).toBe(accuracy);
    expect((await infer()).text).toContain("mlp.model");
  });

  test("says what is missing", async () => {
    await expect(infer()).rejects.toThrow("train one first");
    await expect(infer({ model: "none" })).rejects.toThrow("cannot read none");
    await train({ epoch: 1 });
    await expect(infer({ model: join(folder, "log") })).rejects.toThrow("ZIP");
    await expect(infer({ image: 50 })).rejects.toThrow("50 test images");
  });
});

test("data come from the data set root", async () => {
  await writeDataset(folder);
  setDatasetRoot(folder);
  const [read] = await getMnist();
  const [made] = datasets();
  expect(read.getExample(5)[1]).toBe(made.getExample(5)[1]);
  const [x, y] = [read.getExample(5)[0].dataSync(), made.getExample(5)[0].dataSync()];
  expect(Math.max(...x.map((value, i) => Math.abs(value - (y[i] ?? NaN))))).toBeLessThan(1e-7);
});
