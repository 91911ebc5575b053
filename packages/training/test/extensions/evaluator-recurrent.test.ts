import { array, memoryInfo, type NdArray } from "@chain/array";
import * as F from "@chain/autograd/functions";
import { describe, expect, test } from "@jest/globals";
import { Evaluator, ParallelSequentialIterator, type EvaluatorOptions } from "../../src/index.js";
import { accumulate, Accumulator } from "../support/recurrent.js";

const sequence = Float64Array.from({ length: 11 }, (_, i) => Math.sin(i));

function minibatches(batchSize: number): (readonly [number, number][])[] {
  return [...new ParallelSequentialIterator(sequence, batchSize, { repeat: false })];
}

/** The mean of the losses over one sweep from an empty state, in plain numbers. */
function meanLoss(batchSize: number): number {
  const batches = minibatches(batchSize);
  const losses = accumulate(batches, batches.length, 0).windows.flat();
  return losses.reduce((sum, loss) => sum + loss, 0) / losses.length;
}

function evaluatorOf(
  model: Accumulator,
  batchSize: number,
  options: EvaluatorOptions<[number, number]> = {},
): Evaluator<[number, number]> {
  const iterator = new ParallelSequentialIterator(sequence, batchSize, { repeat: false });
  return new Evaluator(iterator, model, { evalHook: () => model.resetState(), ...options });
}

describe("Evaluator, for recurrent networks", () => {
  test.each([1, 2])(
    "carries state from minibatch to minibatch, and the model's own stays as it is",
    async (batchSize) => {
      const model = new Accumulator();
      model.forward(array([3]), array([0]));
      const state = model.h;
      const copy = model.copy();
      const evaluator = evaluatorOf(copy, batchSize);
      for (let i = 0; i < 3; i++) {
        expect((await evaluator.call())["main/loss"]).toBeCloseTo(meanLoss(batchSize), 12);
      }
      expect(model.h).toBe(state);
      expect(state?.array.tolistSync()).toEqual([3]);
      // The parameters are the model's.
      copy.w.W.array.fill(0);
      expect(model.value).toBe(0);
    },
  );

  test.each([1, 3, 4, 100])(
    "evaluates %i minibatches at once, a smaller window for as many as it has",
    async (length) => {
      const model = new Accumulator();
      const steps: number[] = [];
      const evaluator = evaluatorOf(model, 2, {
        windowLength: length,
        evalFunc: (x: NdArray, t: NdArray) => {
          steps.push(x.length);
          const losses = Array.from({ length: x.length }, (_, i) => model.forward(x.get(i), t.get(i)));
          model.reportLoss(F.mean(F.stack(losses)));
        },
      });
      expect((await evaluator.call())["main/loss"]).toBeCloseTo(meanLoss(2), 12);
      expect(steps.reduce((sum, count) => sum + count, 0)).toBe(6);
      expect(steps.slice(0, -1).every((count) => count === length)).toBe(true);
    },
  );

  test("leaves no arrays behind but the state", async () => {
    const model = new Accumulator();
    const evaluator = evaluatorOf(model, 1);
    await evaluator.call();
    const usage = (): unknown => Object.values(memoryInfo()).map(({ arrays, bytes }) => [arrays, bytes]);
    const before = usage();
    for (let i = 0; i < 5; i++) await evaluator.call();
    expect(usage()).toEqual(before);
  });

  test("refuses window lengths that make no sense", () => {
    for (const windowLength of [0, 1.5, -1]) {
      expect(() => evaluatorOf(new Accumulator(), 1, { windowLength })).toThrow("windowLength");
    }
  });
});
