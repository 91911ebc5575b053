import { array, random, type NdArray } from "@chain/array";
import { config, usingConfig, type Variable } from "@chain/autograd";
import * as L from "@chain/links";
import { SGD } from "@chain/optimizers";
import { describe, expect, test } from "@jest/globals";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import {
  DumpGraph,
  FailOnNonNumber,
  LogReport,
  ParameterStatistics,
  unchainVariables,
} from "../../src/extensions/index.js";
import { SerialIterator, StandardUpdater, Trainer } from "../../src/index.js";
import { temporaryFolder } from "../support/folder.js";
import { points, SmallNetwork } from "../support/model.js";
import { ScriptedUpdater } from "../support/scripted.js";

const folder = temporaryFolder();

function makeTrainer(lr = 0.1): { trainer: Trainer; model: L.Classifier<SmallNetwork> } {
  const model = new L.Classifier(new SmallNetwork());
  const updater = new StandardUpdater(new SerialIterator(points(12), 4), new SGD({ lr }).setup(model));
  return { model, trainer: new Trainer(updater, { stopTrigger: [2, "epoch"], out: folder.path }) };
}

describe("DumpGraph", () => {
  test("writes the graph of the first iteration, and a picture of it", async () => {
    const { trainer } = makeTrainer();
    const kept: boolean[] = [];
    trainer.extend(new DumpGraph("main/loss", { functionStyle: { shape: "box" } }));
    trainer.extend(() => void kept.push(config.keepGraphOnReport), { name: "look" });
    await trainer.run();
    const dot = await readFile(join(folder.path, "cg.dot"), "utf8");
    for (const name of ["softmaxCrossEntropy", "linear", "relu", "dropout"]) expect(dot).toContain(`"${name}"`);
    expect(dot).toContain('shape="box"');
    const svg = await readFile(join(folder.path, "cg.svg"), "utf8");
    expect(svg).toContain("<svg");
    expect(svg).toContain("softmaxCrossEntropy");
    expect(kept).toEqual(Array.from({ length: 6 }, () => false));
    expect(config.keepGraphOnReport).toBe(false);
  });

  test("two of them write the graphs of two iterations", async () => {
    const { trainer } = makeTrainer();
    const later = new DumpGraph("main/loss", { filename: "later.dot", removeVariable: true });
    trainer.extend(new DumpGraph("main/loss"), { name: "first" });
    trainer.extend(later, { name: "later", trigger: (loop) => loop.updater.iteration >= 3 });
    const kept: boolean[] = [];
    trainer.extend(() => void kept.push(config.keepGraphOnReport), { name: "look" });
    await trainer.run();
    const functions = async (name: string): Promise<number> =>
      (await readFile(join(folder.path, name), "utf8")).split('"record"').length - 1;
    expect(await functions("later.dot")).toBe(await functions("cg.dot"));
    expect(await readFile(join(folder.path, "later.dot"), "utf8")).not.toContain("octagon");
    expect(kept).toEqual([true, true, false, false, false, false]);
  });

  test("needs an observed Variable, and leaves the configuration as it was", async () => {
    const { trainer } = makeTrainer();
    trainer.extend(new DumpGraph("main/los"));
    await expect(trainer.run({ showLoopExceptionMsg: false })).rejects.toThrow("main/loss");
    expect(config.keepGraphOnReport).toBe(false);
  });
});

describe("FailOnNonNumber", () => {
  test("stops when a parameter is not finite, and says which", async () => {
    const { model, trainer } = makeTrainer();
    trainer.extend(new FailOnNonNumber());
    const breakParameter = (): void => {
      const { W } = model.predictor.l2;
      W.array = array(W.array.dataSync().map((value, i) => (i === 3 ? Infinity : value))).reshape(W.shape);
    };
    trainer.extend(breakParameter, { name: "break", trigger: [3, "iteration"], priority: 500 });
    const failure = trainer.run({ showLoopExceptionMsg: false });
    await expect(failure).rejects.toMatchObject({ name: "NonNumberError" });
    await expect(failure).rejects.toThrow("main/predictor/l2/W has become NaN or infinite at iteration 3");
  });

  test("stops when an observed value is not a number, at the iteration where it is", async () => {
    const observations = { "main/loss": [1, 2, "NaN", 4], other: ["NaN", 1, 1, 1] } as const;
    for (const [keys, at] of [
      [["main/loss"], 3],
      [["missing", "other"], 1],
    ] as const) {
      const updater = new ScriptedUpdater({ dataset_size: 4, batch_size: 1, iterations: 4, observations });
      const trainer = new Trainer(updater, { stopTrigger: [4, "iteration"], out: folder.path });
      trainer.extend(new FailOnNonNumber({ keys }));
      const failure = trainer.run({ showLoopExceptionMsg: false });
      await expect(failure).rejects.toThrow(
        `the observed value ${keys.at(-1)} has become NaN or infinite at iteration ${at}`,
      );
      expect(updater.iteration).toBe(at);
    }
  });

  test("lets others pass", async () => {
    const { trainer } = makeTrainer();
    trainer.extend(new FailOnNonNumber());
    await trainer.run();
    expect(trainer.updater.epoch).toBe(2);
  });
});

test("unchainVariables cuts the graphs of reported Variables, every iteration", async () => {
  const { trainer } = makeTrainer();
  const links: [before: boolean, after: boolean][] = [];
  let before = false;
  const hasCreator = (): boolean => (trainer.observation["main/loss"] as Variable).creator !== null;
  trainer.extend(unchainVariables());
  trainer.extend(() => void (before = hasCreator()), { name: "before", priority: 200 });
  trainer.extend(() => void links.push([before, hasCreator()]), { name: "after", priority: 0 });
  await usingConfig("keepGraphOnReport", true, () => trainer.run());
  expect(links).toEqual(Array.from({ length: 6 }, () => [true, false]));
});

describe("ParameterStatistics", () => {
  test("reports means over an epoch", async () => {
    random.seed(2);
    const { model, trainer } = makeTrainer();
    const statistics = new ParameterStatistics(model.predictor.l1, { prefix: "p" });
    trainer.extend(statistics);
    const log = new LogReport({ filename: null });
    trainer.extend(log);
    const seen: number[][] = [];
    trainer.extend(async () => void seen.push([...(await model.predictor.l1.W.array.data())]), {
      name: "see",
      priority: 400,
    });
    await trainer.run();
    const [first = {}] = log.log;
    const mean = (values: number[]): number => values.reduce((a, b) => a + b, 0) / values.length;
    const epoch = seen.slice(0, 3);
    expect(first["p/l1/W/data/mean"]).toBeCloseTo(mean(epoch.map(mean)), 5);
    expect(first["p/l1/W/data/max"]).toBeCloseTo(mean(epoch.map((values) => Math.max(...values))), 5);
    const deviation = (values: number[]): number => Math.sqrt(mean(values.map((v) => (v - mean(values)) ** 2)));
    expect(first["p/l1/W/data/std"]).toBeCloseTo(mean(epoch.map(deviation)), 5);
    expect(first["p/l1/b/grad/zeros"]).toBeGreaterThanOrEqual(0);
    const percentiles = Array.from({ length: 7 }, (_, i) => first[`p/l1/W/data/percentile/${i}`] ?? NaN);
    expect(percentiles).toEqual(percentiles.toSorted((a, b) => a - b));
    expect(Object.keys(first).filter((key) => key.startsWith("p/l1/"))).toHaveLength(2 * 2 * (5 + 7));
  });

  test("takes other statistics, and leaves out what is not wanted", async () => {
    const { model, trainer } = makeTrainer();
    const sizes = new ParameterStatistics([model.predictor.l1, model.predictor.l2], {
      statistics: { size: (x: NdArray) => x.size },
      reportGrads: false,
    });
    sizes.registerStatistics("one", () => 1);
    trainer.extend(sizes);
    const log = new LogReport({ filename: null });
    trainer.extend(log);
    await trainer.run();
    const keys = Object.entries(log.log[0] ?? {}).filter(([key]) => key.includes("/data/"));
    expect(Object.fromEntries(keys)).toEqual({
      "l1/W/data/size": 32,
      "l1/W/data/one": 1,
      "l1/b/data/size": 8,
      "l1/b/data/one": 1,
      "l2/W/data/size": 24,
      "l2/W/data/one": 1,
      "l2/b/data/size": 3,
      "l2/b/data/one": 1,
    });
  });

  test("can make all statistics of NaN NaN", async () => {
    const { model, trainer } = makeTrainer(NaN);
    trainer.extend(
      new ParameterStatistics(model.predictor.l1, { skipNanParams: true, statistics: { one: () => array(1) } }),
    );
    const log = new LogReport({ filename: null });
    trainer.extend(log);
    await trainer.run();
    expect(log.log[0]?.["l1/W/data/one"]).toBeNaN();
  });
});
