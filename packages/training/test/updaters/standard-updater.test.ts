import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { array, memoryInfo, type NdArray } from "@chain/array";
import type { Variable } from "@chain/autograd";
import * as F from "@chain/autograd/functions";
import * as L from "@chain/links";
import { Adam, SGD } from "@chain/optimizers";
import { describe, expect, jest, test } from "@jest/globals";
import { concatExamples } from "../../src/dataset/concat-examples.js";
import { DictDataset, TransformDataset } from "../../src/datasets/index.js";
import { SerialIterator, StandardUpdater, Trainer } from "../../src/index.js";
import { points, SmallNetwork } from "../support/model.js";

/** One weight w; the loss is the mean of (w - x)². */
class Weight extends L.Chain {
  readonly w = new L.Linear(1, 1, { nobias: true, initialW: array([[0]]) });

  override forward(x: NdArray): Variable {
    return F.mean(F.square(F.sub(this.w.forward(array([[1]])), x.reshape(-1, 1))));
  }

  get value(): number {
    return this.w.W.array.itemSync();
  }
}

/** What earlier tests have left must not be collected while this one counts. */
async function collectGarbage(): Promise<void> {
  setFlagsFromString("--expose-gc");
  const collect: unknown = runInNewContext("gc");
  if (typeof collect !== "function") throw new Error("this engine does not let tests collect garbage");
  for (let i = 0; i < 3; i++) {
    collect();
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

describe("StandardUpdater", () => {
  test("makes the update that calculus says", async () => {
    const model = new Weight();
    const iterator = new SerialIterator([1.5, 2.5, 4.5], 2, { shuffle: false });
    const updater = new StandardUpdater(iterator, new SGD({ lr: 0.1 }).setup(model));
    await updater.update();
    // d/dw of the mean of (w - x)² at 0 is -2 · 2.
    expect(model.value).toBeCloseTo(0.4, 6);
    await updater.update();
    // The second minibatch is 4.5, 1.5, with mean 3.
    expect(model.value).toBeCloseTo(0.4 + 0.2 * (3 - 0.4), 6);
    expect([updater.iteration, updater.epoch, updater.isNewEpoch, updater.epochDetail]).toEqual([2, 1, true, 4 / 3]);
  });

  test("takes a loss function, a converter and examples that are dictionaries", async () => {
    const model = new Weight();
    const iterator = new SerialIterator(new DictDataset({ a: [1.5, 2.5], b: [0.5, 0.5] }), 2, { shuffle: false });
    const seen: unknown[] = [];
    const updater = new StandardUpdater(iterator, new SGD({ lr: 0.1 }).setup(model), {
      lossFunc: ({ a, b }: Record<"a" | "b", NdArray>) => {
        seen.push([a.tolistSync(), b.tolistSync()]);
        return model.forward(a);
      },
    });
    await updater.update();
    expect(seen).toEqual([[[1.5, 2.5], [0.5, 0.5]]]); // prettier-ignore
    expect(model.value).toBeCloseTo(0.4, 6);

    const doubled = new StandardUpdater(new SerialIterator([1, 2], 2, { shuffle: false }), new SGD().setup(model), {
      converter: (batch, options) =>
        concatExamples(
          batch.map((x) => x * 2 + 0.5),
          options,
        ),
      lossFunc: (x: NdArray) => {
        seen.push(x.tolistSync());
        return model.forward(x);
      },
    });
    await doubled.update();
    expect(seen[1]).toEqual([2.5, 4.5]);
  });

  test("tells the optimizer of new epochs", async () => {
    for (const autoNewEpoch of [true, false]) {
      const optimizer = new SGD().setup(new Weight());
      const updater = new StandardUpdater(new SerialIterator([0.5, 1.5], 1), optimizer, { autoNewEpoch });
      for (let i = 0; i < 4; i++) await updater.update();
      expect(optimizer.epoch).toBe(autoNewEpoch ? 2 : 0);
    }
  });

  test("has iterators and optimizers with names", () => {
    const [a, b] = [new SGD().setup(new Weight()), new SGD().setup(new Weight())];
    const [x, y] = [new SerialIterator([1], 1), new SerialIterator([2], 1)];
    const updater = new StandardUpdater({ main: x, other: y }, { first: a, second: b });
    expect(updater.getIterator("other")).toBe(y);
    expect(updater.getOptimizer("second")).toBe(b);
    expect([...updater.getAllOptimizers().keys()]).toEqual(["first", "second"]);
    expect(() => updater.getOptimizer("main")).toThrow("first, second");
    const finalize = jest.spyOn(y, "finalize");
    updater.finalize();
    expect(finalize).toHaveBeenCalled();
  });

  test.each([
    ["gathered", (): unknown => points(30)],
    ["made of examples", (): unknown => new TransformDataset(points(30), (example) => example)],
  ])("leaves no arrays behind: minibatches %s", async (_, dataset) => {
    const model = new L.Classifier(new SmallNetwork());
    const iterator = new SerialIterator(dataset() as ReturnType<typeof points>, 4);
    const trainer = new Trainer(new StandardUpdater(iterator, new Adam().setup(model)), {
      stopTrigger: [300, "iteration"],
      out: "",
    });
    const usage: [number, number][] = [];
    const look = (): void => {
      const { arrays, bytes } = Object.values(memoryInfo()).reduce((a, b) => (a.arrays > b.arrays ? a : b));
      usage.push([arrays, bytes]);
    };
    trainer.extend(look, { name: "look", trigger: [100, "iteration"] });
    await collectGarbage();
    await trainer.run();
    expect(usage[1]).toEqual(usage[0]);
    expect(usage[2]).toEqual(usage[0]);
  });
});
