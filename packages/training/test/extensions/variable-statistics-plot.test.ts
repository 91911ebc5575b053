import { array, random } from "@chain/array";
import { Variable } from "@chain/autograd";
import * as L from "@chain/links";
import { DictionarySerializer, fromNpz, toNpz } from "@chain/links/serializers";
import { SGD } from "@chain/optimizers";
import { describe, expect, test } from "@jest/globals";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { SerialIterator, StandardUpdater, Trainer, VariableStatisticsPlot } from "../../src/index.js";
import { temporaryFolder } from "../support/folder.js";
import { points, SmallNetwork } from "../support/model.js";
import { ScriptedUpdater } from "../support/scripted.js";

const folder = temporaryFolder();

interface Sample {
  readonly iteration: number;
  readonly data?: readonly number[];
  readonly grad?: readonly number[];
}

function samplesOf(plot: VariableStatisticsPlot): Sample[] {
  const serializer = new DictionarySerializer();
  serializer.save(plot);
  return JSON.parse(String(serializer.target.get("_looks"))) as Sample[];
}

function scripted(iterations: number): Trainer {
  const updater = new ScriptedUpdater({ dataset_size: 4, batch_size: 1, iterations });
  return new Trainer(updater, { stopTrigger: [iterations, "iteration"], out: folder.path });
}

describe("VariableStatisticsPlot", () => {
  test("looks at all targets together, at every call", async () => {
    const targets = [new Variable(array([1, 2, 3])), new Variable(array([[4], [5]]))];
    const plot = new VariableStatisticsPlot(targets, { percentileSigmas: [0, 50, 100] });
    const trainer = scripted(3);
    trainer.extend(plot);
    await trainer.run();
    const data = [3, Math.SQRT2, 1, 3, 5].map((value) => expect.closeTo(value, 5));
    expect(samplesOf(plot)).toEqual([1, 2, 3].map((iteration) => ({ iteration, data })));
  });

  test("draws data and gradients beside each other when its trigger fires", async () => {
    random.seed(1);
    const model = new L.Classifier(new SmallNetwork());
    const updater = new StandardUpdater(new SerialIterator(points(12), 4), new SGD().setup(model));
    const trainer = new Trainer(updater, { stopTrigger: [5, "iteration"], out: folder.path });
    const plot = new VariableStatisticsPlot(model.params(), { plotStd: false, percentileSigmas: [0, 100] });
    trainer.extend(plot);
    const drawn: boolean[] = [];
    const exists = (): Promise<boolean> => readFile(join(folder.path, "statistics.svg")).then(() => true, () => false); // prettier-ignore
    trainer.extend(async () => void drawn.push(await exists()), { name: "look", priority: 0 });
    await trainer.run();
    expect(drawn).toEqual([false, false, true, true, true]);
    const svg = await readFile(join(folder.path, "statistics.svg"), "utf8");
    for (const name of ["data mean", "data 0 %", "grad mean", "grad 100 %"]) expect(svg).toContain(`>${name}</text>`);
    expect(svg).not.toContain("std");
    const last = samplesOf(plot).at(-1);
    const values = [...model.params()].flatMap((param) => [...param.array.dataSync()]);
    expect(last?.data?.slice(2)).toEqual([Math.min(...values), Math.max(...values)]);
  });

  test("keeps maxSampleSize looks at most, evenly spread, also after a resume", async () => {
    const make = (): VariableStatisticsPlot =>
      new VariableStatisticsPlot(new Variable(array([1])), { maxSampleSize: 4, reportGrad: false, trigger: null });
    const run = async (iterations: number, plot: VariableStatisticsPlot, resumed?: Uint8Array): Promise<Trainer> => {
      const trainer = scripted(iterations);
      trainer.extend(plot);
      if (resumed !== undefined) fromNpz(resumed, trainer);
      await trainer.run();
      return trainer;
    };
    const whole = make();
    await run(19, whole);
    expect(samplesOf(whole).map(({ iteration }) => iteration)).toEqual([1, 9, 17]);
    for (const at of [1, 4, 5, 6, 12, 18]) {
      const resumed = make();
      await run(19, resumed, await toNpz(await run(at, make())));
      expect(samplesOf(resumed)).toEqual(samplesOf(whole));
    }
  });

  test("refuses what makes no sense", () => {
    const variable = new Variable(array([1]));
    expect(() => new VariableStatisticsPlot([])).toThrow("at least one Variable");
    expect(() => new VariableStatisticsPlot(variable, { reportData: false, reportGrad: false })).toThrow(
      "nothing to draw",
    );
    expect(() => new VariableStatisticsPlot(variable, { maxSampleSize: 1 })).toThrow("maxSampleSize");
    expect(() => new VariableStatisticsPlot(variable, { filename: "x.png" })).toThrow("something.svg");
  });
});
