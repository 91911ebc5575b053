import { ValueError } from "@chain/array";
import { describe, expect, test } from "@jest/globals";
import { LogReport, PrintReport, ProgressBar } from "../../src/extensions/index.js";
import { progressBars, progressLine } from "../../src/extensions/progress-bar.js";
import { Trainer } from "../../src/index.js";
import { ScriptedUpdater } from "../support/scripted.js";
import { TextStream, withoutControls } from "../support/text-stream.js";

const state = { iteration: 1500, epochDetail: 2.5, trainingLength: [20, "epoch"], speed: 150, remaining: 70 } as const;

/** A trainer whose clock shows `seconds` more with every iteration. */
class ClockedTrainer extends Trainer {
  seconds = 0;

  override get elapsedTime(): number {
    return this.updater.iteration * this.seconds;
  }
}

function trainer(iterations: number, seconds: number): ClockedTrainer {
  const updater = new ScriptedUpdater({ dataset_size: 10, batch_size: 1, iterations });
  const made = new ClockedTrainer(updater, { stopTrigger: [iterations, "iteration"], out: "" });
  made.seconds = seconds;
  return made;
}

describe("what it looks like", () => {
  test("on a terminal, as Chainer's", () => {
    expect(progressBars(state, 20)).toEqual([
      "     total [##..................] 12.50%",
      "this epoch [##########..........] 50.00%",
      "      1500 iter, 2 epoch / 20 epochs",
      "       150 iters/sec. Estimated time to finish: 0:01:10.",
    ]);
  });

  test("in one line elsewhere", () => {
    expect(progressLine(state)).toBe("12.50%: 1500 iter, 2 epoch / 20 epochs, 150 iters/sec, 0:01:10 left");
    expect(progressLine({ ...state, speed: NaN, trainingLength: [3000, "iteration"] })).toBe(
      "50.00%: 1500 iter, 2 epoch / 3000 iterations",
    );
  });

  test("is never too long", () => {
    expect(progressBars({ ...state, epochDetail: 21 }, 10)[0]).toBe("     total [##########] 100.00%");
  });
});

describe("ProgressBar", () => {
  test("draws in place, below what others print, and is gone in the end", async () => {
    const out = new TextStream(true);
    const run = trainer(30, 0.1);
    const screens: string[][] = [];
    run.extend(new LogReport({ filename: null }));
    run.extend(new PrintReport(["epoch", "iteration"], { out }));
    run.extend(new ProgressBar({ out, updateInterval: 5 }));
    run.extend(() => void screens.push(out.screen), { name: "look", trigger: [10, "iteration"], priority: 0 });
    await run.run();
    expect(screens[1]).toEqual([
      "epoch       iteration ",
      "1           10          ",
      "2           20          ",
      `     total [${"#".repeat(33)}${".".repeat(17)}] 66.67%`,
      `this epoch [${".".repeat(50)}]  0.00%`,
      "        20 iter, 2 epoch / 30 iterations",
      "        10 iters/sec. Estimated time to finish: 0:00:01.",
      "",
    ]);
    expect(out.screen).toEqual(["epoch       iteration ", "1           10          ", "2           20          ", "3           30          ", ""]); // prettier-ignore
  });

  test("draws slow iterations one by one", async () => {
    const out = new TextStream(true);
    const run = trainer(3, 1);
    run.extend(new ProgressBar({ out }));
    await run.run();
    expect(out.text.match(/total/g)).toHaveLength(3);
  });

  test("prints a line now and then where there is no terminal", async () => {
    const out = new TextStream();
    const run = trainer(100, 1);
    run.extend(new ProgressBar({ out }));
    await run.run();
    const lines = out.text.trimEnd().split("\n");
    expect(lines).toHaveLength(10);
    expect(lines[4]).toBe("50.00%: 50 iter, 5 epoch / 100 iterations, 1 iters/sec, 0:00:50 left");
  });

  test("fits into narrow terminals", async () => {
    const out = new TextStream(true, 40);
    const run = trainer(3, 1);
    run.extend(new ProgressBar({ out }));
    await run.run();
    const bars = out.text.split("\n").filter((line) => line.includes("total") || line.includes("this epoch"));
    for (const bar of bars) expect(withoutControls(bar).length).toBeLessThanOrEqual(40);
  });

  test("has to know how long the training is", async () => {
    const out = new TextStream();
    const run = new Trainer(new ScriptedUpdater({ dataset_size: 1, batch_size: 1, iterations: 1 }), {
      stopTrigger: () => true,
      out: "",
    });
    run.extend(new ProgressBar({ out }));
    await expect(run.run({ showLoopExceptionMsg: false })).rejects.toThrow("trainingLength");
    expect(() => new ProgressBar({ updateInterval: 0 })).toThrow(ValueError);
  });
});
