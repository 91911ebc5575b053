import { ValueError } from "@chain/array";
import { fromNpz, toNpz } from "@chain/links/serializers";
import { describe, expect, jest, test } from "@jest/globals";
import {
  BestValueTrigger,
  EarlyStoppingTrigger,
  getTrigger,
  IntervalTrigger,
  ManualScheduleTrigger,
  MaxValueTrigger,
  OnceTrigger,
  TimeTrigger,
  Trainer,
  type Trigger,
  type TriggerLike,
} from "../../src/index.js";
import { ScriptedUpdater, type Script } from "../support/scripted.js";

const plain: Script = { dataset_size: 10, batch_size: 3, iterations: 12 };

/** A trainer whose clock shows a second more with every iteration. */
class ClockedTrainer extends Trainer {
  override get elapsedTime(): number {
    return this.updater.iteration;
  }
}

async function firedAt(
  trigger: TriggerLike,
  { last = 12, script = plain, state }: { last?: number; script?: Script; state?: Uint8Array } = {},
): Promise<{ fired: number[]; state: Uint8Array }> {
  const fired: number[] = [];
  const trainer = new ClockedTrainer(new ScriptedUpdater(script), { stopTrigger: [last, "iteration"], out: "" });
  trainer.extend(() => void fired.push(trainer.updater.iteration), { name: "fired", trigger });
  if (state !== undefined) fromNpz(state, trainer);
  await trainer.run({ showLoopExceptionMsg: false });
  return { fired, state: await toNpz(trainer) };
}

describe("getTrigger", () => {
  test("takes what stands for a trigger", async () => {
    const trigger = new OnceTrigger();
    expect(getTrigger(trigger)).toBe(trigger);
    expect(getTrigger([3, "iteration"])).toBeInstanceOf(IntervalTrigger);
    expect((await firedAt(null)).fired).toEqual([]);
    expect((await firedAt(({ updater }) => updater.iteration % 5 === 0)).fired).toEqual([5, 10]);
    expect((await firedAt(async ({ updater }) => Promise.resolve(updater.isNewEpoch))).fired).toEqual([4, 7, 10]);
  });

  test.each([[[1]], [[1, "day"]], ["epoch"], [{}], [[0, "epoch"]], [[NaN, "epoch"]]])("refuses %j", (wrong) => {
    expect(() => getTrigger(wrong as never)).toThrow(ValueError);
  });
});

describe("periods in fractions of epochs", () => {
  test("are counted exactly", async () => {
    const script = { dataset_size: 10, batch_size: 1, iterations: 30 };
    // As Python's `//`: 0.3 // 0.1 is 2, since 0.1 is a little more than a tenth, and 0.3 a little less than three.
    const expected = [1, 2, 4, 6, 7, 8, 10, 11, 13, 14, 15, 16, 18, 19, 20, 21, 22, 24, 25, 26, 27, 29, 30];
    expect((await firedAt([0.1, "epoch"], { script, last: 30 })).fired).toEqual(expected);
  });
});

describe("OnceTrigger", () => {
  test("fires once, and once more after a resume if it is told to", async () => {
    for (const callOnResume of [false, true]) {
      const first = await firedAt(new OnceTrigger(), { last: 4 });
      expect(first.fired).toEqual([1]);
      const trigger = new OnceTrigger({ callOnResume });
      expect((await firedAt(trigger, { state: first.state })).fired).toEqual(callOnResume ? [5] : []);
      expect(trigger.finished).toBe(true);
    }
  });
});

describe("TimeTrigger", () => {
  test("fires at the first iteration after each period, also when resumed", async () => {
    expect((await firedAt(new TimeTrigger(2.5))).fired).toEqual([3, 6, 8, 11]);
    const first = await firedAt(new TimeTrigger(2.5), { last: 7 });
    const second = await firedAt(new TimeTrigger(2.5), { state: first.state });
    expect([...first.fired, ...second.fired]).toEqual([3, 6, 8, 11]);
    expect(() => new TimeTrigger(0)).toThrow(ValueError);
  });
});

describe("ManualScheduleTrigger", () => {
  test("fires at points in epochs, and is finished after the last", async () => {
    const trigger = new ManualScheduleTrigger([0.5, 2], "epoch");
    expect((await firedAt(trigger)).fired).toEqual([2, 7]);
    expect(trigger.finished).toBe(true);
    expect(new ManualScheduleTrigger(5, "iteration").finished).toBe(false);
    expect(() => new ManualScheduleTrigger([], "epoch")).toThrow(ValueError);
    expect(() => new ManualScheduleTrigger([1], "day" as never)).toThrow(ValueError);
  });
});

describe("triggers that watch a value", () => {
  const observations = { x: [1, 2, 5, 5, 4, 4, 6, 6, 1, 1, 9, 9] };
  const script = { ...plain, observations };
  const everyTwo = { trigger: [2, "iteration"] } as const;

  test("fire at means that are better than ever", async () => {
    expect((await firedAt(new MaxValueTrigger("x", everyTwo), { script })).fired).toEqual([2, 4, 8, 12]);
    const closer = new BestValueTrigger("x", (best, value) => Math.abs(value - 4) < Math.abs(best - 4), everyTwo);
    expect((await firedAt(closer, { script })).fired).toEqual([2, 4, 6]);
  });

  test.each([1, 2, 3, 4, 7])("fire at the same times when resumed at %i", async (last) => {
    const make = (): Trigger => new MaxValueTrigger("x", everyTwo);
    const first = await firedAt(make(), { script, last });
    const second = await firedAt(make(), { script, state: first.state });
    expect([...first.fired, ...second.fired]).toEqual([2, 4, 8, 12]);
  });

  test("say when there is nothing to watch", async () => {
    await expect(firedAt(new MaxValueTrigger("y", everyTwo), { script })).rejects.toThrow('"y" has not been observed');
  });
});

describe("EarlyStoppingTrigger", () => {
  const accuracy = { "main/accuracy": [0.1, 0.2, 0.3, 0.2, 0.25, 0.3, 0.31, 0.3, 0.3, 0.3, 0.3, 0.3] };
  const options = { checkTrigger: [1, "iteration"], patience: 3 } as const;

  test("wants accuracies to rise", async () => {
    const trigger = new EarlyStoppingTrigger({ ...options, monitor: "main/accuracy" });
    const { fired } = await firedAt(trigger, { script: { ...plain, observations: accuracy } });
    expect(fired).toEqual([6, 10, 11, 12]);
    expect([trigger.best, trigger.count]).toEqual([0.31, 5]);
  });

  test("says that the value is missing, once", async () => {
    const warn = jest.spyOn(console, "warn").mockImplementation(() => {});
    expect((await firedAt(new EarlyStoppingTrigger({ ...options, maxTrigger: [11, "iteration"] }))).fired).toEqual([
      11,
    ]);
    expect(warn).toHaveBeenCalledTimes(1);
    warn.mockRestore();
  });

  test("prints what it sees if it is told to", async () => {
    const log = jest.spyOn(console, "log").mockImplementation(() => {});
    const trigger = new EarlyStoppingTrigger({ ...options, monitor: "main/accuracy", verbose: true });
    await firedAt(trigger, { script: { ...plain, observations: accuracy }, last: 4 });
    expect(log.mock.calls.at(-1)?.[0]).toBe("early stopping: main/accuracy 0.2, best 0.3, no better for 1 looks");
    log.mockRestore();
  });

  test("refuses what makes no sense", () => {
    expect(() => new EarlyStoppingTrigger({ patience: 0 })).toThrow(ValueError);
    expect(() => new EarlyStoppingTrigger({ mode: "best" as never })).toThrow(ValueError);
    expect(new EarlyStoppingTrigger({ maxTrigger: null }).getTrainingLength()).toBeNull();
  });
});
