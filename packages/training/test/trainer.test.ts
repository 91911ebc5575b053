import { ChainError, ValueError } from "@chain/array";
import { report } from "@chain/links";
import { describe, expect, jest, test } from "@jest/globals";
import {
  Extension,
  makeExtension,
  PRIORITY_EDITOR,
  PRIORITY_WRITER,
  Trainer,
  TrainingInterrupted,
  type Trainer as TrainerType,
} from "../src/index.js";
import { ScriptedUpdater } from "./support/scripted.js";

function makeTrainer(iterations = 3, onUpdate?: (iteration: number) => void): Trainer {
  const updater = new ScriptedUpdater({ dataset_size: 4, batch_size: 2, iterations }, {}, onUpdate);
  return new Trainer(updater, { stopTrigger: [iterations, "iteration"], out: "" });
}

/** Writes down all that is done to it. */
class Recorder extends Extension {
  constructor(
    private readonly label: string,
    private readonly events: string[],
    private readonly failing: string | null = null,
  ) {
    super();
  }

  override call(trainer: TrainerType): void {
    this.note(`call ${trainer.updater.iteration}`);
  }

  override initialize(): void {
    this.note("initialize");
  }

  override onError(_trainer: TrainerType, error: unknown): void {
    this.note(`onError ${(error as Error).message}`);
  }

  override async finalize(): Promise<void> {
    await Promise.resolve();
    this.note("finalize");
  }

  private note(event: string): void {
    this.events.push(`${this.label} ${event}`);
    if (event === this.failing) throw new Error(`${this.label} failed`);
  }
}

describe("the loop", () => {
  test("initializes, calls and finalizes extensions in the order of their priorities", async () => {
    const events: string[] = [];
    const trainer = makeTrainer(2);
    trainer.extend(new Recorder("a", events));
    trainer.extend(new Recorder("b", events), { priority: PRIORITY_WRITER, callBeforeTraining: true });
    trainer.extend(new Recorder("c", events), { trigger: [2, "iteration"], priority: PRIORITY_EDITOR });
    await trainer.run();
    expect(events).toEqual([
      "b initialize",
      "c initialize",
      "a initialize",
      "b call 0",
      "b call 1",
      "a call 1",
      "b call 2",
      "c call 2",
      "a call 2",
      "b finalize",
      "c finalize",
      "a finalize",
    ]);
  });

  test("waits for extensions and triggers that take their time", async () => {
    const seen: number[] = [];
    const trainer = makeTrainer(3);
    const later = (ms: number): Promise<void> => new Promise((resolve) => void setTimeout(resolve, ms));
    trainer.extend(
      async () => {
        await later(5);
        seen.push(trainer.updater.iteration);
      },
      { name: "slow", trigger: () => later(1).then(() => trainer.updater.iteration !== 2) },
    );
    await trainer.run();
    expect(seen).toEqual([1, 3]);
  });

  test("collects what is reported, also after waiting, for extensions of lower priority", async () => {
    const seen: unknown[] = [];
    const updater = new ScriptedUpdater({ dataset_size: 4, batch_size: 2, iterations: 2, observations: { x: [1, 2] } });
    const trainer = new Trainer(updater, { stopTrigger: [1, "epoch"], out: "" });
    const writer = async (): Promise<void> => {
      report({ early: trainer.updater.iteration });
      await new Promise((resolve) => void setTimeout(resolve, 1));
      report({ late: trainer.updater.iteration });
    };
    trainer.extend(writer, { priority: PRIORITY_WRITER });
    trainer.extend(() => void seen.push({ ...trainer.observation }), { name: "reader" });
    await trainer.run();
    expect(seen).toEqual([
      { x: 1, early: 1, late: 1 },
      { x: 2, early: 2, late: 2 },
    ]);
  });

  test("lets the event loop have its turn", async () => {
    let turns = 0;
    const timer = setInterval(() => turns++, 1);
    const trainer = makeTrainer(20, () => {
      const end = performance.now() + 10;
      while (performance.now() < end);
    });
    await trainer.run();
    clearInterval(timer);
    expect(turns).toBeGreaterThan(2);
  });

  test("runs once, and keeps time", async () => {
    const trainer = makeTrainer();
    expect([trainer.isBeforeTraining, trainer.elapsedTime]).toEqual([true, 0]);
    await trainer.run();
    const { elapsedTime } = trainer;
    expect(elapsedTime).toBeGreaterThan(0);
    expect([trainer.isBeforeTraining, trainer.elapsedTime]).toEqual([false, elapsedTime]);
    await expect(trainer.run()).rejects.toThrow(ChainError);
  });
});

describe("extend", () => {
  test("makes names unique, as Chainer does", () => {
    const trainer = makeTrainer();
    const note = (): void => {};
    const extensions = [makeExtension(note), makeExtension(note), makeExtension(note, { defaultName: "other" })];
    for (const extension of extensions) trainer.extend(extension);
    trainer.extend(note, { name: "other" });
    expect(extensions.map((extension) => extension.name)).toEqual(["note", "note_1", "other"]);
    expect(trainer.getExtension("note_1")).toBe(extensions[1]);
    expect(() => trainer.getExtension("none")).toThrow("note, note_1, other, other_1");
  });

  test("refuses names that cannot be", () => {
    const trainer = makeTrainer();
    expect(() => trainer.extend(() => {})).toThrow(ValueError);
    expect(() => trainer.extend(() => {}, { name: "training" })).toThrow(ValueError);
    expect(() => trainer.extend(() => {}, { name: "x", trigger: [1, "day"] as never })).toThrow("epoch");
    expect(() => trainer.extend(() => {}, { name: "x", trigger: "epoch" as never })).toThrow(ValueError);
    expect(() => trainer.extend(() => {}, { name: "x", trigger: [0, "epoch"] })).toThrow("positive");
  });

  test("takes defaults of the extension, which options overrule", async () => {
    const seen: string[] = [];
    const trainer = makeTrainer(4);
    const extension = (label: string): Extension =>
      makeExtension(({ updater }) => void seen.push(label + updater.iteration), { trigger: [2, "iteration"], priority: 7, defaultName: label }); // prettier-ignore
    trainer.extend(extension("a"), { trigger: [1, "epoch"] });
    trainer.extend(extension("b"), { priority: 8 });
    trainer.extend(extension("never"), { trigger: null });
    await trainer.run();
    expect(seen).toEqual(["b2", "a2", "b4", "a4"]);
  });

  test("makeExtension has hooks", async () => {
    const events: string[] = [];
    const trainer = makeTrainer(1);
    const extension = makeExtension(() => void events.push("call"), {
      defaultName: "hooks",
      initializer: () => events.push("initializer"),
      finalizer: () => events.push("finalizer"),
    });
    trainer.extend(extension);
    await trainer.run();
    expect(events).toEqual(["initializer", "call", "finalizer"]);
  });
});

describe("errors", () => {
  test("are passed on as they are, after onError and finalize of all extensions", async () => {
    const events: string[] = [];
    const failure = new Error("out of luck");
    const { stack } = failure;
    const trainer = makeTrainer(3, (iteration) => {
      if (iteration === 2) throw failure;
    });
    trainer.extend(new Recorder("a", events, "onError out of luck"));
    trainer.extend(new Recorder("b", events, "finalize"));
    const finalize = jest.spyOn(trainer.updater, "finalize");
    const printed = jest.spyOn(console, "error").mockImplementation(() => {});
    await expect(trainer.run()).rejects.toBe(failure);
    expect(failure.stack).toBe(stack);
    expect(events.slice(3)).toEqual(["b call 1", "a onError out of luck", "b onError out of luck", "a finalize", "b finalize"].slice(0)); // prettier-ignore
    expect(finalize).toHaveBeenCalledTimes(1);
    expect(printed.mock.calls.flat()).toEqual(expect.arrayContaining([failure]));
    printed.mockRestore();
  });

  test("in initialize, in triggers and in finalize are errors of the run, too", async () => {
    const events: string[] = [];
    const first = makeTrainer();
    first.extend(new Recorder("a", events, "initialize"));
    await expect(first.run({ showLoopExceptionMsg: false })).rejects.toThrow("a failed");
    expect(events).toContain("a finalize");

    const second = makeTrainer();
    second.extend(() => {}, { name: "x", trigger: () => Promise.reject(new Error("trigger failed")) });
    await expect(second.run({ showLoopExceptionMsg: false })).rejects.toThrow("trigger failed");

    const third = makeTrainer();
    third.extend(new Recorder("c", events, "finalize"));
    await expect(third.run()).rejects.toThrow("c failed");
  });
});

describe("signals", () => {
  test.each([
    ["SIGINT", 130],
    ["SIGTERM", 143],
  ] as const)("%s finishes the iteration, lets extensions save, and throws", async (signal, exitCode) => {
    const events: string[] = [];
    const trainer = makeTrainer(1000, (iteration) => {
      if (iteration === 3) process.emit(signal);
    });
    class Saver extends Recorder {
      override onInterrupt(): void {
        events.push("saved");
      }
    }
    trainer.extend(new Saver("s", events), { trigger: null });
    trainer.extend(() => new Promise((resolve) => void setTimeout(resolve, 30)), { name: "slow" });
    const listeners = process.listenerCount(signal);
    await expect(trainer.run({ handleSignals: true })).rejects.toMatchObject({
      name: "TrainingInterrupted",
      signal,
      exitCode,
    });
    expect(trainer.updater.iteration).toBe(3);
    expect(events).toEqual(["s initialize", "saved", "s finalize"]);
    expect(process.listenerCount(signal)).toBe(listeners);
    expect(new TrainingInterrupted(signal)).toBeInstanceOf(ChainError);
  });
});
