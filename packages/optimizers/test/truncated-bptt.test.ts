/** Recurrent models: their state is carried from update to update, and nothing else is. */
import { memoryInfo, random, type NdArray } from "@chain/array";
import type { Variable } from "@chain/autograd";
import * as F from "@chain/autograd/functions";
import { Chain, Classifier, EmbedID, GRU, Linear, LSTM } from "@chain/links";
import { describe, expect, test } from "@jest/globals";
import { GradientClipping, SGD } from "../src/index.js";

const [vocabulary, units, batch, steps] = [30, 6, 4, 5];

class Model extends Chain {
  readonly embed = new EmbedID(vocabulary, units);
  readonly l1 = new LSTM(units, units);
  readonly l2 = new GRU(units, units);
  readonly l3 = new Linear(units, vocabulary);

  override forward(x: NdArray): Variable {
    const h1 = this.l1.forward(F.dropout(this.embed.forward(x)));
    return this.l3.forward(F.dropout(this.l2.forward(F.dropout(h1))));
  }
}

/** A model, and an update on the next words, which it draws. */
function makeTraining(unchain: boolean): { model: Classifier<Model>; update: () => Promise<number> } {
  random.seed(1);
  const model = new Classifier(new Model());
  const optimizer = new SGD({ lr: 0.1 }).setup(model);
  optimizer.addHook(new GradientClipping(5));
  const update = async (): Promise<number> => {
    const loss = optimizer.update(() => {
      let words = random.randint(0, vocabulary, [batch]);
      let total: Variable | null = null;
      for (let t = 0; t < steps; t++) {
        const next = random.randint(0, vocabulary, [batch]);
        const one = model.forward(words, next);
        total = total === null ? one : F.add(total, one);
        words = next;
      }
      return total as Variable;
    });
    if (unchain) loss.unchainBackward();
    return loss.item();
  };
  return { model, update };
}

describe.each([
  ["that unchain", true],
  ["that leave it to the optimizer", false],
])("updates %s", (_, unchain) => {
  test("500 of them leave memory as it is after a few", async () => {
    const { update } = makeTraining(unchain);
    const after: Record<number, unknown> = {};
    for (let i = 1; i <= 500; i++) {
      expect(Number.isFinite(await update())).toBe(true);
      if (i === 5 || i === 100 || i === 500) {
        const { arrays, bytes, peakBytes, reservedBytes } = memoryInfo()["cpu"] as never as Record<string, number>;
        after[i] = { arrays, bytes, peakBytes, reservedBytes };
      }
    }
    expect(after[100]).toEqual(after[5]);
    expect(after[500]).toEqual(after[5]);
  });

  test("carry the state, without the graph that led to it", async () => {
    const { model, update } = makeTraining(unchain);
    await update();
    const { l1, l2 } = model.predictor;
    for (const state of [l1.c, l1.h, l2.h]) {
      expect(state?.shape).toEqual([batch, units]);
      expect(state?.creator).toBeNull();
      expect(Array.from((state as Variable).dataSync()).some((value) => value !== 0)).toBe(true);
    }
    const before = Array.from((l1.h as Variable).dataSync());
    await update();
    expect(Array.from((l1.h as Variable).dataSync())).not.toEqual(before);
  });
});

test("the state makes a difference: what an update computes depends on those before", async () => {
  const losses = async (reset: boolean): Promise<number[]> => {
    const { model, update } = makeTraining(true);
    const first = await update();
    if (reset) {
      model.predictor.l1.resetState();
      model.predictor.l2.resetState();
    }
    return [first, await update()];
  };
  const [kept, forgotten] = [await losses(false), await losses(true)];
  expect(kept[0]).toBe(forgotten[0]);
  expect(kept[1]).not.toBe(forgotten[1]);
});
