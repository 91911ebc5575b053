import { array, memoryInfo, random, ValueError, type NdArray } from "@chain/array";
import type { Variable } from "@chain/autograd";
import * as F from "@chain/autograd/functions";
import * as L from "@chain/links";
import { fromNpz, NpzFile, toNpz } from "@chain/links/serializers";
import { SGD } from "@chain/optimizers";
import { describe, expect, test } from "@jest/globals";
import { BPTTUpdater, LogReport, ParallelSequentialIterator, Trainer, TupleDataset } from "../../src/index.js";
import { SerialIterator, type BPTTUpdaterOptions } from "../../src/index.js";
import { accumulate, Accumulator } from "../support/recurrent.js";

const generator = new random.Generator(5);
const sequence = Float64Array.from({ length: 12 }, () => generator.random() - 0.5);

/** The minibatches of a sequence read at two places, as pairs of numbers. */
function minibatches(count: number): [number, number][][] {
  const iterator = new ParallelSequentialIterator(sequence, 2);
  return Array.from({ length: count }, () => iterator.next());
}

function updaterOf(
  model: L.Link,
  bpropLen: number,
  options: BPTTUpdaterOptions<[number, number]> = {},
): BPTTUpdater<[number, number]> {
  return new BPTTUpdater(
    new ParallelSequentialIterator(sequence, 2),
    new SGD({ lr: 0.1 }).setup(model),
    bpropLen,
    options,
  );
}

/** Two words at a time, read by an LSTM with dropout. */
class Reader extends L.Chain {
  readonly embed = new L.EmbedID(5, 4);
  readonly lstm = new L.LSTM(4, 6);
  readonly output = new L.Linear(6, 5);

  override forward(x: NdArray, t: NdArray): Variable {
    const loss = F.softmaxCrossEntropy(this.output.forward(F.dropout(this.lstm.forward(this.embed.forward(x)))), t);
    L.report({ loss }, this);
    return loss;
  }
}

const text = Int32Array.from({ length: 50 }, (_, i) => (i * i) % 5);

function trainerOf(model: L.Link, iterations: number): Trainer {
  const optimizer = new SGD({ lr: 0.5 }).setup(model);
  const updater = new BPTTUpdater(new ParallelSequentialIterator(text, 2), optimizer, 3);
  return new Trainer(updater, { stopTrigger: [iterations, "iteration"], out: "" });
}

describe("BPTTUpdater", () => {
  test.each([1, 2, 3, 5])("makes the updates that calculus says, truncated after %i steps", async (bpropLen) => {
    const model = new Accumulator();
    const updater = updaterOf(model, bpropLen);
    for (let i = 0; i < 4; i++) await updater.update();
    const expected = accumulate(minibatches(4 * bpropLen), bpropLen, 0.1);
    expect(model.value).toBeCloseTo(expected.w, 12);
    // The state goes on from window to window, without its graph.
    const state = [...(model.h?.array.dataSync() ?? [])];
    expect(state).toHaveLength(2);
    state.forEach((value, i) => expect(value).toBeCloseTo(expected.h[i] ?? NaN, 12));
    expect(model.h?.creator).toBeNull();
    expect(updater.iteration).toBe(4);
  });

  test("reports means over the window", async () => {
    const model = new Accumulator();
    const trainer = new Trainer(updaterOf(model, 3), { stopTrigger: [4, "iteration"], out: "" });
    const log = new LogReport({ filename: null, trigger: [1, "iteration"] });
    trainer.extend(log);
    await trainer.run();
    const { windows } = accumulate(minibatches(12), 3, 0.1);
    log.log.forEach((entry, i) => {
      const losses = windows[i] ?? [];
      expect(entry["main/loss"]).toBeCloseTo(losses.reduce((sum, loss) => sum + loss, 0) / 3, 12);
      expect(entry["main/one"]).toBe(1);
    });
    expect(log.log).toHaveLength(4);
  });

  test("gives a loss function the whole window, if it wants it", async () => {
    const [stepwise, whole] = [new Accumulator(), new Accumulator()];
    const shapes: unknown[] = [];
    const a = updaterOf(stepwise, 4);
    const b = updaterOf(whole, 4, {
      wholeWindow: true,
      lossFunc: (x: NdArray, t: NdArray) => {
        shapes.push([x.shape, t.shape]);
        const losses = Array.from({ length: x.length }, (_, step) => whole.forward(x.get(step), t.get(step)));
        return F.sum(F.stack(losses));
      },
    });
    for (let i = 0; i < 3; i++) {
      await a.update();
      await b.update();
    }
    expect(shapes[0]).toEqual([[4, 2], [4, 2]]); // prettier-ignore
    expect(whole.value).toBe(stepwise.value);
    expect(whole.value).not.toBe(0.5);
  });

  test("takes minibatches that are lists, single arrays or dictionaries", async () => {
    const seen: unknown[] = [];
    const model = new Accumulator();
    const note = (...batch: unknown[]): Variable => {
      seen.push(batch.map((part) => (part as NdArray).shape));
      return model.forward(array([1, 2]), array([0, 0]));
    };
    const optimizer = new SGD({ lr: 0 }).setup(model);
    const options = { wholeWindow: true, lossFunc: note } as const;
    await new BPTTUpdater(new SerialIterator([1, 2, 3], 2), optimizer, 3, options).update();
    await new BPTTUpdater(new SerialIterator(new TupleDataset([1, 2], [3, 4]), 2), optimizer, 3, options).update();
    expect(seen).toEqual([[[3, 2]], [[3, 2], [3, 2]]]); // prettier-ignore
    let keys: string[] = [];
    await new BPTTUpdater(new SerialIterator([{ a: 1, b: 2 }], 2), optimizer, 3, {
      wholeWindow: true,
      lossFunc: (batch: Record<string, NdArray>) => {
        keys = Object.entries(batch).map(([key, part]) => `${key} ${part.shape.join()}`);
        return model.forward(array([1, 2]), array([0, 0]));
      },
    }).update();
    expect(keys).toEqual(["a 3,2", "b 3,2"]);
  });

  test("counts epochs by windows, and tells the optimizer of new ones", async () => {
    // 12 elements at 2 places, 4 steps: 8 of 12 in a window.
    const model = new Accumulator();
    const updater = updaterOf(model, 4);
    expect([updater.previousEpochDetail, updater.isNewEpoch]).toEqual([null, false]);
    const seen: unknown[] = [];
    for (let i = 0; i < 4; i++) {
      await updater.update();
      const { epoch, isNewEpoch, previousEpochDetail } = updater;
      seen.push([epoch, isNewEpoch, updater.getOptimizer("main").epoch, previousEpochDetail]);
    }
    expect(seen).toEqual([
      [0, false, 0, 0],
      [1, true, 1, 8 / 12],
      [2, true, 2, 16 / 12],
      [2, false, 2, 2],
    ]);
  });

  test("takes no more memory, however long it goes on", async () => {
    const trainer = trainerOf(new Reader(), 500);
    const usage: number[][] = [];
    const look = (): void => {
      usage.push(Object.values(memoryInfo()).flatMap(({ arrays, bytes }) => [arrays, bytes]));
    };
    trainer.extend(look, { name: "look", trigger: [100, "iteration"] });
    await trainer.run();
    expect(usage).toHaveLength(5);
    for (const later of usage.slice(1)) expect(later).toEqual(usage[0]);
  });

  test("a resumed training is the one that was not interrupted, state included", async () => {
    random.seed(3);
    const first = new Reader();
    const start = await toNpz(first);
    const whole = trainerOf(first, 9);
    await whole.run();

    random.seed(3);
    const second = new Reader();
    fromNpz(start, second);
    const half = trainerOf(second, 5);
    await half.run();
    const snapshot = await toNpz(half);
    expect(new NpzFile(snapshot).has("updater/state:main/lstm/h")).toBe(true);
    expect(new NpzFile(await toNpz(second)).has("lstm/h")).toBe(false);

    const third = new Reader();
    third.lstm.setState(array(new Float32Array(12)).reshape(2, 6), array(new Float32Array(12)).reshape(2, 6));
    random.seed(99);
    const rest = trainerOf(third, 9);
    fromNpz(snapshot, rest);
    expect([rest.updater.isNewEpoch, rest.updater.previousEpochDetail]).toEqual([
      half.updater.isNewEpoch,
      half.updater.previousEpochDetail,
    ]);
    await rest.run();
    for (const [path, param] of third.namedParams()) {
      const [expected] = first.namedParams().filter(([other]) => other === path);
      expect([path, param.array.tolistSync()]).toEqual([path, expected?.[1].array.tolistSync()]);
    }
    expect(third.lstm.h?.array.tolistSync()).toEqual(first.lstm.h?.array.tolistSync());
  });

  test("a snapshot without state, as Chainer's are, begins with none", async () => {
    const model = new Reader();
    const fresh = await toNpz(trainerOf(model, 1));
    expect(new NpzFile(fresh).has("updater/state:main/lstm/h")).toBe(false);
    const trainer = trainerOf(model, 1);
    await trainer.run();
    expect(model.lstm.h).not.toBeNull();
    fromNpz(fresh, trainer);
    expect([model.lstm.h, model.lstm.c]).toEqual([null, null]);
  });

  test("refuses lengths that make no sense", () => {
    for (const length of [0, -1, 2.5, NaN]) expect(() => updaterOf(new Accumulator(), length)).toThrow(ValueError);
  });
});
