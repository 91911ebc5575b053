import { ValueError } from "@chain/array";
import { describe, expect, test } from "@jest/globals";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { LogReport, MicroAverage, observeValue, PlotReport, PrintReport } from "../../src/extensions/index.js";
import { Trainer, type TriggerLike } from "../../src/index.js";
import { temporaryFolder } from "../support/folder.js";
import { golden } from "../support/golden.js";
import { ScriptedUpdater, type Script } from "../support/scripted.js";
import { TextStream } from "../support/text-stream.js";

const folder = temporaryFolder();

function scripted(script: Partial<Script>, stopTrigger: TriggerLike): Trainer {
  const updater = new ScriptedUpdater({ dataset_size: 10, batch_size: 5, iterations: 8, ...script });
  return new Trainer(updater, { stopTrigger, out: folder.path });
}

const losses = { "main/loss": [4, 2, 1, 3, 0.5, 0.25, 1e-7, 0] };

describe("LogReport", () => {
  test.each(golden.log_reports.map((it) => [it.id, it] as const))("logs what Chainer logs: %s", async (_, it) => {
    const trainer = new Trainer(new ScriptedUpdater(it.script), {
      stopTrigger: [it.script.iterations, "iteration"],
      out: folder.path,
    });
    const report = new LogReport({ trigger: it.trigger });
    trainer.extend(report);
    await trainer.run();
    const expected = it.entries.map((entry) =>
      Object.fromEntries(Object.entries(entry).map(([key, value]) => [key, expect.closeTo(value, 12)])),
    );
    expect(report.log).toEqual(expected.map((entry) => ({ ...entry, elapsed_time: expect.any(Number) })));
    expect(JSON.parse(await readFile(join(folder.path, "log"), "utf8"))).toEqual(report.log);
  });

  test("has a row before the training if it is called then", async () => {
    const trainer = scripted({ observations: losses }, [1, "epoch"]);
    trainer.extend(
      observeValue("before", () => 7),
      { callBeforeTraining: true },
    );
    const report = new LogReport({ keys: ["before"] });
    trainer.extend(report, { callBeforeTraining: true });
    await trainer.run();
    expect(report.log.map(({ elapsed_time: _, ...rest }) => rest)).toEqual([
      { before: 7, epoch: 0, iteration: 0 },
      { before: 7, epoch: 1, iteration: 2 },
    ]);
  });

  test("writes null for NaN, other files for other rows, and what postprocess makes", async () => {
    const trainer = scripted({ observations: { x: ["NaN", 1, 2, 4] } }, [2, "epoch"]);
    trainer.extend(new LogReport({ filename: "log_{iteration}", postprocess: (entry) => void (entry.extra = 1) }));
    await trainer.run();
    const read = async (name: string): Promise<unknown[]> =>
      JSON.parse(await readFile(join(folder.path, name), "utf8")) as unknown[];
    expect(await read("log_2")).toEqual([
      { x: null, epoch: 1, iteration: 2, elapsed_time: expect.any(Number), extra: 1 },
    ]);
    expect((await read("log_4"))[1]).toMatchObject({ x: 3, epoch: 2, extra: 1 });
  });
});

describe("formats of a log", () => {
  const observations = { loss: [0.5, "NaN", 2, 1e-7], 'a,"b"': [1, 2, 3, 4] } as const;

  /** Lines of the file, without times. */
  async function lines(filename: string): Promise<string[]> {
    const trainer = scripted({ observations: { ...observations } }, [4, "iteration"]);
    const postprocess = (entry: Record<string, number>): void => {
      entry["elapsed_time"] = 0;
      if (entry["iteration"] === 3) entry["late"] = 7;
    };
    trainer.extend(new LogReport({ filename, trigger: [1, "iteration"], postprocess }));
    await trainer.run();
    return (await readFile(join(folder.path, filename), "utf8")).split(/\r?\n/);
  }

  test("CSV: a column for each key there ever was", async () => {
    expect(await lines("log.csv")).toEqual([
      'loss,"a,""b""",epoch,iteration,elapsed_time,late',
      "0.5,1,0,1,0,",
      "NaN,2,1,2,0,",
      "2,3,1,3,0,7",
      "1e-7,4,2,4,0,",
      "",
    ]);
  });

  test("JSON lines: an object a row", async () => {
    const rows = await lines("log.jsonl");
    expect(rows).toHaveLength(5);
    expect(JSON.parse(rows[1] as string)).toEqual({ loss: null, 'a,"b"': 2, epoch: 1, iteration: 2, elapsed_time: 0 });
    expect(rows[4]).toBe("");
  });
});

test("a folder that cannot be written gives a clear error", async () => {
  const file = join(folder.path, "file");
  await writeFile(file, "");
  const trainer = new Trainer(new ScriptedUpdater({ dataset_size: 2, batch_size: 1, iterations: 1 }), {
    out: join(file, "x"),
  });
  await expect(trainer.run()).rejects.toThrow(`cannot make the folder ${join(file, "x")}`);
  const logged = scripted({}, [1, "epoch"]);
  logged.extend(new LogReport({ filename: "no/such/folder/log" }));
  await expect(logged.run({ showLoopExceptionMsg: false })).rejects.toMatchObject({ name: "FileError" });
});

describe("PrintReport", () => {
  test("prints a table", async () => {
    const out = new TextStream();
    const trainer = scripted({ observations: losses }, [4, "epoch"]);
    trainer.extend(new LogReport({ filename: null }), { callBeforeTraining: true });
    trainer.extend(new PrintReport(["epoch", "main/loss", "validation/main/loss", "iteration"], { out }), {
      callBeforeTraining: true,
    });
    await trainer.run();
    expect(out.text.split("\n")).toEqual([
      "epoch       main/loss   validation/main/loss  iteration ",
      "0                                             0           ",
      "1           3                                 2           ",
      "2           2                                 4           ",
      "3           0.375                             6           ",
      "4           5e-08                             8           ",
      "",
    ]);
  });

  test("can have a log of its own", async () => {
    const out = new TextStream();
    const trainer = scripted({ observations: losses }, [2, "epoch"]);
    const logReport = new LogReport({ filename: null, trigger: [2, "epoch"] });
    trainer.extend(new PrintReport(["main/loss"], { logReport, out }));
    await trainer.run();
    expect(out.text).toBe("main/loss \n2.5         \n");
  });

  test("needs a LogReport", async () => {
    const trainer = scripted({}, [1, "epoch"]);
    trainer.extend(new PrintReport(["epoch"], { out: new TextStream() }));
    await expect(trainer.run({ showLoopExceptionMsg: false })).rejects.toThrow('no extension "LogReport"');
    const other = scripted({}, [1, "epoch"]);
    other.extend(() => {}, { name: "LogReport" });
    other.extend(new PrintReport(["epoch"], { out: new TextStream() }));
    await expect(other.run({ showLoopExceptionMsg: false })).rejects.toThrow("is not a LogReport");
  });
});

describe("PlotReport", () => {
  test("draws the means", async () => {
    const trainer = scripted({ observations: losses }, [4, "epoch"]);
    trainer.extend(new PlotReport(["main/loss", "nothing"], { xKey: "epoch", filename: "loss.svg", marker: null }));
    await trainer.run();
    const svg = await readFile(join(folder.path, "loss.svg"), "utf8");
    // Means 3, 2, 0.375 and 5e-8 over epochs 1 to 4, in a plot from (72, 432) to (620, 20).
    const [first, ...others] = (/d="M([\d.,L]+)"/.exec(svg)?.[1] ?? "")
      .split("L")
      .map((point) => point.split(",").map(Number));
    expect([first, ...others]).toEqual([
      [72, 20],
      [expect.closeTo(72 + 548 / 3, 1), expect.closeTo(432 - (412 * 2) / 3, 1)],
      [expect.closeTo(72 + (2 * 548) / 3, 1), expect.closeTo(432 - (412 * 0.375) / 3, 1)],
      [620, 432],
    ]);
  });

  test("draws SVG only", () => {
    expect(() => new PlotReport("main/loss", { filename: "loss.png" })).toThrow(ValueError);
  });
});

test("MicroAverage divides sums", async () => {
  const observations = { correct: [1, 2, 3, 10], size: [2, 4, 4, 10] };
  const trainer = scripted({ observations }, [2, "epoch"]);
  const report = new LogReport({ filename: null, keys: ["accuracy"] });
  trainer.extend(new MicroAverage("correct", "size", "accuracy"));
  trainer.extend(report);
  await trainer.run();
  expect(report.log.map((entry) => entry.accuracy)).toEqual([3 / 6, 13 / 14]);
});
