import { array, openDevice, random, setDefaultDevice } from "@chain/array";
import * as L from "@chain/links";
import { loadNpz, saveNpz, SerializationError, toNpz, NpzFile } from "@chain/links/serializers";
import { Adam } from "@chain/optimizers";
import { afterAll, beforeAll, describe, expect, jest, test } from "@jest/globals";
import { readdir, readFile, rm, utimes, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { gpuDevices } from "../../../../testing/gpu-devices.js";
import * as extensions from "../../src/extensions/index.js";
import {
  EarlyStoppingTrigger,
  ManualScheduleTrigger,
  MinValueTrigger,
  SerialIterator,
  StandardUpdater,
  Trainer,
  type LogEntry,
  type LogReport,
  type SnapshotOptions,
  type TriggerLike,
} from "../../src/index.js";
import { temporaryFolder } from "../support/folder.js";
import { points, SmallNetwork } from "../support/model.js";
import { TextStream } from "../support/text-stream.js";

const folder = temporaryFolder();

interface Setup {
  readonly stop?: TriggerLike;
  readonly snapshot?: SnapshotOptions;
  readonly trigger?: TriggerLike;
}

/** A training with all that has a state: lazy layers, Adam, dropout, shuffling, schedules, triggers, a log. */
function makeTrainer({ stop = [40, "iteration"], snapshot = {}, trigger = [7, "iteration"] }: Setup = {}): Trainer {
  const model = new L.Classifier(new SmallNetwork());
  const optimizer = new Adam({ alpha: 0.05 }).setup(model);
  const updater = new StandardUpdater(new SerialIterator(points(25), 4), optimizer);
  const trainer = new Trainer(updater, { stopTrigger: stop, out: folder.path });
  trainer.extend(extensions.snapshot(snapshot), { trigger });
  const validation = new SerialIterator(points(10, 2), 4, { repeat: false, shuffle: false });
  trainer.extend(new extensions.Evaluator(validation, model), { trigger: [3, "iteration"], callBeforeTraining: true });
  trainer.extend(extensions.observeLr({ observationKey: "lr" }), { trigger: [1, "iteration"] });
  trainer.extend(new extensions.ExponentialShift("alpha", 0.9), { trigger: [0.5, "epoch"] });
  trainer.extend(new extensions.LogReport({ trigger: [5, "iteration"] }), { callBeforeTraining: true });
  trainer.extend(new extensions.PlotReport(["main/loss"], { filename: "loss.svg" }));
  trainer.extend(new extensions.PrintReport(["iteration", "main/loss"], { out: new TextStream() }));
  trainer.extend(extensions.snapshotObject(model, "best"), { trigger: new MinValueTrigger("main/loss") });
  trainer.extend(() => {}, { name: "manual", trigger: new ManualScheduleTrigger([11, 30], "iteration") });
  return trainer;
}

function rows(trainer: Trainer): LogEntry[] {
  return (trainer.getExtension("LogReport") as LogReport).log.map(({ elapsed_time: _, ...entry }) => entry);
}

/** The whole state as it is saved, without the time. */
async function stateOf(trainer: Trainer): Promise<Record<string, unknown>> {
  const { DictionarySerializer } = await import("@chain/links/serializers");
  const serializer = new DictionarySerializer();
  serializer.save(trainer);
  const entries = await Promise.all(
    [...serializer.target].map(async ([key, value]): Promise<[string, unknown]> => {
      if (key.endsWith("_log") || key.includes("_plot_"))
        return [key, String(value).replaceAll(/"elapsed_time":[^,}]+/g, "")];
      const isArray = typeof value === "object" && value !== null && "tolist" in value;
      return [key, isArray ? [...(await value.data())] : value];
    }),
  );
  return Object.fromEntries(entries.filter(([key]) => !key.endsWith("_snapshot_elapsed_time")));
}

const devices = ["cpu", ...(await gpuDevices(openDevice))];

describe.each(devices)("resuming on %s", (device) => {
  beforeAll(() => setDefaultDevice(device));
  afterAll(() => setDefaultDevice("cpu"));

  test.each([7, 14, 21, 35])("at iteration %i gives the uninterrupted run, to the bit", async (at) => {
    random.seed(42);
    const whole = makeTrainer();
    await whole.run();

    random.seed(42);
    await makeTrainer({ stop: [at, "iteration"] }).run();

    random.seed(7);
    const resumed = makeTrainer();
    await loadNpz(join(folder.path, `snapshot_iter_${at}`), resumed);
    expect(resumed.updater.iteration).toBe(at);
    await resumed.run();

    expect(rows(resumed)).toEqual(rows(whole));
    expect(rows(resumed)).toHaveLength(9);
    expect(await stateOf(resumed)).toEqual(await stateOf(whole));
  });

  test("goes on counting patience, and stops where it would have stopped", async () => {
    const stop = (): TriggerLike =>
      new EarlyStoppingTrigger({ checkTrigger: [4, "iteration"], patience: 1, monitor: "validation/main/accuracy", mode: "min" }); // prettier-ignore
    for (const every of [1, 2, 3]) {
      random.seed(3);
      const whole = makeTrainer({ stop: stop(), trigger: [every, "iteration"] });
      await whole.run();
      for (const at of [every, whole.updater.iteration - (whole.updater.iteration % every)]) {
        const resumed = makeTrainer({ stop: stop(), trigger: null });
        await loadNpz(join(folder.path, `snapshot_iter_${at}`), resumed);
        await resumed.run();
        expect(resumed.updater.iteration).toBe(whole.updater.iteration);
      }
    }
  });

  test("can go on after the end", async () => {
    random.seed(1);
    const whole = makeTrainer({ stop: [42, "iteration"] });
    await whole.run();
    random.seed(1);
    await makeTrainer({ stop: [28, "iteration"] }).run();
    const resumed = makeTrainer({ stop: [42, "iteration"] });
    await loadNpz(join(folder.path, "snapshot_iter_28"), resumed);
    await resumed.run();
    expect(await stateOf(resumed)).toEqual(await stateOf(whole));
  });

  test("keeps the time", async () => {
    const first = makeTrainer({ stop: [7, "iteration"] });
    await first.run();
    const second = makeTrainer();
    await loadNpz(join(folder.path, "snapshot_iter_7"), second);
    expect(second.elapsedTime).toBeGreaterThan(0);
    expect(second.elapsedTime).toBeLessThanOrEqual(first.elapsedTime);
  });
});

describe("snapshot", () => {
  test("has Chainer's keys", async () => {
    const trainer = makeTrainer({ stop: [7, "iteration"] });
    await trainer.run();
    const file = new NpzFile(await toNpz(trainer));
    for (const key of [
      "updater/iteration",
      "updater/iterator:main/order",
      "updater/optimizer:main/t",
      "updater/optimizer:main/predictor/l1/W/m",
      "updater/model:main/predictor/l1/W",
      "stop_trigger/previous_iteration",
      "extensions/LogReport/_log",
      "extensions/LogReport/_trigger/previous_epoch_detail",
      "extensions/LogReport/_summary/_names",
      "extensions/ExponentialShift/_last_value",
      "extensions/PlotReport/_plot_loss.svg",
      "extension_triggers/_Snapshot/previous_iteration",
      "extension_triggers/_Snapshot_1/best_value",
      "extension_triggers/manual/finished",
      "_snapshot_elapsed_time",
    ]) {
      expect([key, file.has(key)]).toEqual([key, true]);
    }
  });

  test("loads without what Chainer's lack", async () => {
    const saved = makeTrainer({ stop: [7, "iteration"] });
    await saved.run();
    const extra = /^random|_init$|Lost$|_plot_|PlotReport|observed|order_sampler/;
    const loaded = makeTrainer();
    const file = join(folder.path, "snapshot_iter_7");
    await loadNpz(file, loaded, { ignoreNames: (key) => extra.test(key) });
    expect(loaded.updater.iteration).toBe(7);
    expect(rows(loaded)).toEqual(rows(saved));
    await loaded.run();
    expect(rows(loaded)).toHaveLength(9);
  });

  test("keeps the latest nRetains", async () => {
    await makeTrainer({ snapshot: { nRetains: 2 } }).run();
    const names = await readdir(folder.path);
    expect(names.filter((name) => name.startsWith("snapshot")).toSorted()).toEqual([
      "snapshot_iter_28",
      "snapshot_iter_35",
    ]);
    expect(names.filter((name) => name.includes("tmp"))).toEqual([]);
  });

  test("autoload takes the latest one that is whole, before anything else looks at the state", async () => {
    random.seed(5);
    const whole = makeTrainer();
    await whole.run();
    random.seed(5);
    await makeTrainer({ stop: [28, "iteration"] }).run();
    for (const broken of ["snapshot_iter_35", "snapshot_iter_36"])
      await writeFile(join(folder.path, broken), "PK broken");
    const now = Date.now() / 1000;
    await utimes(join(folder.path, "snapshot_iter_36"), now, now + 1);
    const warnings = jest.spyOn(console, "warn").mockImplementation(() => {});
    const resumed = makeTrainer({ snapshot: { autoload: true } });
    await resumed.run();
    const warned = warnings.mock.calls.map(([message]) => String(message));
    warnings.mockRestore();
    expect(warned).toHaveLength(2);
    expect(warned[0]).toContain("snapshot_iter_36 is skipped");
    expect(await stateOf(resumed)).toEqual(await stateOf(whole));
    const fresh = makeTrainer({
      snapshot: { autoload: true, filename: "other_{.updater.iteration}" },
      stop: [1, "iteration"],
    });
    await fresh.run();
    expect(fresh.updater.iteration).toBe(1);
  });

  test("autoload refuses to begin anew over one that is whole and does not fit", async () => {
    const other = new Trainer(
      new StandardUpdater(new SerialIterator(points(25), 4), new Adam().setup(new L.Linear(4, 2))),
    );
    const file = join(folder.path, "snapshot_iter_7");
    await saveNpz(file, other);
    const before = await readFile(file);
    const trainer = makeTrainer({ snapshot: { autoload: true, nRetains: 1 } });
    await expect(trainer.run({ showLoopExceptionMsg: false })).rejects.toThrow(/cannot load .*snapshot_iter_7/);
    expect(trainer.updater.iteration).toBe(0);
    expect(await readFile(file)).toEqual(before);
  });

  test("autoload uses loadfun", async () => {
    const loaded: string[] = [];
    const options = (autoload: boolean): SnapshotOptions => ({
      autoload,
      savefun: (file, target) => saveNpz(file, target, { compression: false }),
      loadfun: async (file, target) => {
        loaded.push(file);
        await loadNpz(file, target);
      },
    });
    await makeTrainer({ snapshot: options(false), stop: [14, "iteration"] }).run();
    const resumed = makeTrainer({ snapshot: options(true), stop: [15, "iteration"] });
    await resumed.run();
    expect(loaded).toEqual([join(folder.path, "snapshot_iter_14")]);
    expect(resumed.updater.iteration).toBe(15);
  });

  test("never removes the one just written, whatever the clock says", async () => {
    const future = Date.now() / 1000 + 1000;
    const early = makeTrainer({ snapshot: { nRetains: 2 }, stop: [14, "iteration"] });
    await early.run();
    for (const at of [7, 14]) await utimes(join(folder.path, `snapshot_iter_${at}`), future, future);
    await makeTrainer({ snapshot: { nRetains: 2 }, stop: [5, "iteration"], trigger: [5, "iteration"] }).run();
    const names = await readdir(folder.path);
    expect(names.filter((name) => name.startsWith("snapshot"))).toEqual(["snapshot_iter_14", "snapshot_iter_5"]);
  });

  test("in the background: of the moment it was taken, one at a time, whole at the end", async () => {
    random.seed(42);
    await makeTrainer({ stop: [14, "iteration"] }).run();
    const waited = await readFile(join(folder.path, "snapshot_iter_7"));
    await rm(join(folder.path, "snapshot_iter_7"));

    random.seed(42);
    let writing = 0;
    let most = 0;
    const trainer = makeTrainer({
      stop: [14, "iteration"],
      snapshot: {
        writer: "background",
        nRetains: 2,
        savefun: async (file, target) => {
          most = Math.max(most, ++writing);
          const bytes = toNpz(target); // now
          await new Promise((resolve) => void setTimeout(resolve, 50)); // the training goes on meanwhile
          await writeFile(file, await bytes);
          writing--;
        },
      },
    });
    const there: string[][] = [];
    trainer.extend(async () => void there.push(await readdir(folder.path)), {
      name: "look",
      trigger: [8, "iteration"],
    });
    await trainer.run();
    expect(there[0]).not.toContain("snapshot_iter_7");
    expect([most, writing]).toEqual([1, 0]);
    const withoutTimes = (bytes: Uint8Array): unknown[] => {
      const file = new NpzFile(bytes);
      return file.keys().filter((key) => !/_log$|_plot_|elapsed|look/.test(key)).map((key) => [key, file.get(key)]); // prettier-ignore
    };
    expect(withoutTimes(await readFile(join(folder.path, "snapshot_iter_7")))).toEqual(withoutTimes(waited));
  });

  test("what goes wrong in the background is thrown at the next snapshot, or at the end", async () => {
    const failing = (): Promise<void> => Promise.reject(new Error("no space"));
    const options: SnapshotOptions = { writer: "background", savefun: failing };
    const early = makeTrainer({ snapshot: options });
    await expect(early.run({ showLoopExceptionMsg: false })).rejects.toThrow("no space");
    expect(early.updater.iteration).toBe(14);
    const late = makeTrainer({ snapshot: options, stop: [7, "iteration"] });
    await expect(late.run({ showLoopExceptionMsg: false })).rejects.toThrow("no space");
    expect(late.updater.iteration).toBe(7);
  });

  test("has a condition, and a savefun", async () => {
    const saved: string[] = [];
    let wanted = false;
    const snapshot: SnapshotOptions = {
      condition: () => (wanted = !wanted),
      savefun: async (file) => void saved.push(file),
      filename: ({ updater }) => `at-${updater.iteration}`,
    };
    await makeTrainer({ snapshot }).run();
    expect(saved).toEqual([7, 21, 35].map((at) => join(folder.path, `at-${at}`)));
  });

  test("is taken after an error, if that is wanted", async () => {
    const failing = makeTrainer({ snapshot: { snapshotOnError: true } });
    failing.extend(() => { throw new Error("bad luck"); }, { name: "failing", trigger: [9, "iteration"] }); // prettier-ignore
    await expect(failing.run({ showLoopExceptionMsg: false })).rejects.toThrow("bad luck");
    expect(await readdir(folder.path)).toEqual(expect.arrayContaining(["snapshot_iter_7", "snapshot_iter_9"]));
  });

  test("is taken when the training is interrupted", async () => {
    const trainer = makeTrainer({ stop: [100_000, "iteration"] });
    trainer.extend(() => void process.emit("SIGINT"), { name: "interrupt", trigger: [10, "iteration"] });
    await expect(trainer.run({ handleSignals: true })).rejects.toMatchObject({ exitCode: 130 });
    expect(await readdir(folder.path)).toContain(`snapshot_iter_${trainer.updater.iteration}`);
  });

  test("refuses what it cannot do", async () => {
    expect(() => extensions.snapshot({ nRetains: 0 })).toThrow("nRetains");
    expect(() => extensions.snapshot({ autoload: true, filename: () => "x" })).toThrow("filename");
    expect(() => extensions.snapshot({ writer: "worker", savefun: saveNpz })).toThrow('"background"');
    const trainer = makeTrainer({ snapshot: { filename: "{.updater.nothing}" }, trigger: [1, "iteration"] });
    await expect(trainer.run({ showLoopExceptionMsg: false })).rejects.toThrow("{.updater.nothing}");
    const gone = makeTrainer({ snapshot: { filename: "no/such/folder" }, trigger: [1, "iteration"] });
    await expect(gone.run({ showLoopExceptionMsg: false })).rejects.toThrow(SerializationError);
  });

  test("of another training is refused, and changes nothing", async () => {
    const other = new Trainer(
      new StandardUpdater(new SerialIterator(points(25), 4), new Adam().setup(new L.Linear(4, 2))),
    );
    await saveNpz(join(folder.path, "other"), other);
    const trainer = makeTrainer();
    const before = await stateOf(trainer);
    await expect(loadNpz(join(folder.path, "other"), trainer)).rejects.toThrow(SerializationError);
    expect(await stateOf(trainer)).toEqual(before);
  });
});

test("snapshotObject saves the best model", async () => {
  await makeTrainer().run();
  const model = new L.Classifier(new SmallNetwork());
  await loadNpz(join(folder.path, "best"), model);
  const l1 = model.predictor.l1;
  expect(l1.W.shape).toEqual([8, 4]);
  expect(l1.forward(array([[1, 0, 0, 0]])).shape).toEqual([1, 8]);
});
