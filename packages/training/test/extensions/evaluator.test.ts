import { memoryInfo, random, type NdArray } from "@chain/array";
import { config } from "@chain/autograd";
import * as F from "@chain/autograd/functions";
import * as L from "@chain/links";
import { SGD } from "@chain/optimizers";
import { describe, expect, test } from "@jest/globals";
import { concatExamples } from "../../src/dataset/concat-examples.js";
import { Evaluator, LogReport } from "../../src/extensions/index.js";
import { SerialIterator, StandardUpdater, Trainer } from "../../src/index.js";
import { points, SmallNetwork } from "../support/model.js";
import { TextStream } from "../support/text-stream.js";

/** Reports the mean of its input, and what the configuration was. */
class Probe extends L.Chain {
  readonly inner = new L.Linear(4, 1);
  readonly seen: unknown[] = [];

  override forward(x: NdArray, t: NdArray): void {
    this.seen.push([x.shape, config.train, config.enableBackprop]);
    L.report({ labels: F.mean(t.astype("float32")) }, this);
    L.report({ one: 1 }, this.inner);
  }
}

describe("Evaluator", () => {
  test("averages what the model reports over one sweep, in test mode and without graphs", async () => {
    const model = new Probe();
    const evaluator = new Evaluator(new SerialIterator(points(5), 2, { repeat: false, shuffle: false }), model, {
      name: "test",
    });
    for (let i = 0; i < 2; i++) {
      // Labels 0 1 | 2 0 | 1: every minibatch counts the same.
      expect(await evaluator.call()).toEqual({ "test/main/labels": (0.5 + 1 + 1) / 3, "test/main/inner/one": 1 });
    }
    expect(model.seen.slice(0, 3)).toEqual([
      [[2, 4], false, false],
      [[2, 4], false, false],
      [[1, 4], false, false],
    ]);
    expect([config.train, config.enableBackprop]).toEqual([true, true]);
  });

  test("makes one sweep with an iterator that repeats, and leaves it alone", async () => {
    const iterator = new SerialIterator(points(5), 2);
    iterator.next();
    const model = new Probe();
    const { state } = random.defaultGenerator();
    await new Evaluator(iterator, model).call();
    expect(model.seen).toHaveLength(3);
    expect(iterator.currentPosition).toBe(2);
    expect(random.defaultGenerator().state).toEqual(state);
  });

  test("takes a function, a converter and a hook", async () => {
    const events: string[] = [];
    const evaluator = new Evaluator(new SerialIterator([1, 2, 3], 2, { repeat: false, shuffle: false }), new Probe(), {
      evalHook: () => events.push("hook"),
      converter: (batch, options) =>
        concatExamples(
          batch.map((value) => value * 10),
          options,
        ),
      evalFunc: (x: NdArray) => events.push(`batch of ${x.dataSync().join()}`),
    });
    expect(await evaluator.call()).toEqual({});
    expect(events).toEqual(["hook", "batch of 10,20", "batch of 30"]);
  });

  test("reports to the trainer under its name", async () => {
    const model = new L.Classifier(new SmallNetwork());
    const train = new SerialIterator(points(6), 3);
    const trainer = new Trainer(new StandardUpdater(train, new SGD().setup(model)), {
      stopTrigger: [1, "epoch"],
      out: "",
    });
    for (let i = 0; i < 2; i++) {
      trainer.extend(new Evaluator(new SerialIterator(points(3), 3, { repeat: false, shuffle: false }), model));
    }
    const log = new LogReport({ filename: null });
    trainer.extend(log);
    await trainer.run();
    expect(Object.keys(log.log[0] ?? {}).toSorted()).toEqual(
      ["epoch", "iteration", "elapsed_time"]
        .concat(["", "validation/", "validation_1/"].flatMap((p) => [`${p}main/accuracy`, `${p}main/loss`]))
        .toSorted(),
    );
    expect(log.log[0]?.["validation/main/loss"]).toBe(log.log[0]?.["validation_1/main/loss"]);
  });

  test("leaves no arrays behind", async () => {
    const model = new L.Classifier(new SmallNetwork());
    const evaluator = new Evaluator(new SerialIterator(points(50), 5, { repeat: false, shuffle: false }), model);
    await evaluator.call();
    const before = memoryInfo();
    for (let i = 0; i < 3; i++) await evaluator.call();
    expect(memoryInfo()).toEqual(before);
  });

  test("shows on a terminal how far it is, and leaves no trace", async () => {
    const out = new TextStream(true, 60);
    const iterator = new SerialIterator(points(4), 1, { repeat: false, shuffle: false });
    const shown: string[][] = [];
    const model = new Probe();
    const evalFunc = (x: NdArray, t: NdArray): void => {
      const end = performance.now() + 25; // longer than the loop goes on without a pause
      while (performance.now() < end);
      shown.push(out.screen);
      model.forward(x, t);
    };
    await new Evaluator(iterator, model, { evalFunc, progressBar: true, out, name: "test" }).call();
    expect(shown[0]?.slice(0, 2)).toEqual([`test [${".".repeat(44)}]  0.00%`, "   0 minibatches"]);
    expect(shown[2]?.slice(0, 2)).toEqual([`test [${"#".repeat(22)}${".".repeat(22)}] 50.00%`, "   2 minibatches"]);
    expect(out.screen.join("")).toBe("");

    const plain = new TextStream(false);
    await new Evaluator(iterator, model, { progressBar: true, out: plain }).call();
    expect(plain.text).toBe("");
  });
});
