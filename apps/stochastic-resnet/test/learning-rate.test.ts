import { describe, expect, test } from "@jest/globals";
import { Parameter } from "@chain/autograd";
import * as L from "@chain/links";
import { MomentumSGD } from "@chain/optimizers";
import { SerialIterator, StandardUpdater, Trainer } from "@chain/training";
import { ResNetSchedule } from "../src/learning-rate.js";

class Constant extends L.Chain {
  readonly w = new Parameter(0, { shape: 1 });
}

/** Rates that the updates of a training of so many iterations use. */
function rates(rate: number, iterations: number): number[] {
  const optimizer = new MomentumSGD({ lr: 99 }).setup(new Constant());
  const trainer = new Trainer(new StandardUpdater(new SerialIterator([0], 1), optimizer));
  const schedule = new ResNetSchedule(rate, iterations);
  schedule.initialize(trainer);
  return Array.from({ length: iterations }, () => {
    const used = optimizer.lr;
    schedule.call(trainer);
    return used;
  });
}

describe("ResNetSchedule", () => {
  test("grows in the first tenth, and drops after a half and after three quarters", () => {
    const expected = [
      0.1,
      0.325,
      0.55,
      0.775,
      ...new Array<number>(16).fill(1),
      ...new Array<number>(10).fill(0.1),
      ...new Array<number>(10).fill(0.01),
    ];
    expect(rates(1, 40)).toEqual(expected.map((rate) => expect.closeTo(rate, 10) as unknown));
  });

  test("grows for 400 iterations in a long training", () => {
    const used = rates(0.1, 64_000);
    expect(used[0]).toBeCloseTo(0.01, 10);
    expect(used[399]).toBeLessThan(0.1);
    expect(used[400]).toBe(0.1);
    expect([used[31_999], used[32_000], used[48_000]]).toEqual(
      [0.1, 0.1, 0.1].map((rate, drops) => rate * 0.1 ** drops),
    );
  });
});
