import { random } from "@chain/array";
import { config } from "@chain/autograd";
import * as L from "@chain/links";
import { loadNpz } from "@chain/links/serializers";
import { SGD } from "@chain/optimizers";
import { describe, expect, test } from "@jest/globals";
import { readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { SerialIterator, snapshot, StandardUpdater, TensorBoard, Trainer, type TriggerLike } from "../../src/index.js";
import { temporaryFolder } from "../support/folder.js";
import { points, SmallNetwork } from "../support/model.js";
import { ScriptedUpdater } from "../support/scripted.js";

const folder = temporaryFolder();

// A reader of its own, from the formats' descriptions, which shares nothing with the writer.

/** CRC-32C bit by bit. */
function crc32c(bytes: Uint8Array): number {
  let crc = 0xffffffff;
  for (const byte of bytes) {
    for (let bit = 0; bit < 8; bit++) {
      const carry = ((crc ^ (byte >> bit)) & 1) !== 0;
      crc = (crc >>> 1) ^ (carry ? 0x82f63b78 : 0);
    }
  }
  return (crc ^ 0xffffffff) >>> 0;
}

function masked(bytes: Uint8Array): number {
  const crc = BigInt(crc32c(bytes));
  return Number((((crc >> 15n) | (crc << 17n)) + 0xa282ead8n) & 0xffffffffn);
}

/** Records of a TFRecord file, after a check of all checksums. */
function records(file: Buffer): Buffer[] {
  const found: Buffer[] = [];
  for (let at = 0; at < file.length;) {
    const length = Number(file.readBigUInt64LE(at));
    expect(file.readUInt32LE(at + 8)).toBe(masked(file.subarray(at, at + 8)));
    const data = file.subarray(at + 12, at + 12 + length);
    expect(file.readUInt32LE(at + 12 + length)).toBe(masked(data));
    found.push(data);
    at += 16 + length;
  }
  return found;
}

type Field = [tag: number, value: number | Buffer];

/** Fields of a message: whole numbers, numbers, or bytes. */
function fields(data: Buffer): Field[] {
  const found: Field[] = [];
  let at = 0;
  const varint = (): number => {
    let value = 0;
    for (let scale = 1; ; scale *= 128) {
      const byte = data.readUInt8(at++);
      value += (byte & 127) * scale;
      if (byte < 128) return value;
    }
  };
  while (at < data.length) {
    const key = varint();
    const [tag, type] = [Math.floor(key / 8), key % 8];
    if (type === 0) found.push([tag, varint()]);
    else if (type === 1) found.push([tag, data.readDoubleLE((at += 8) - 8)]);
    else if (type === 5) found.push([tag, data.readFloatLE((at += 4) - 4)]);
    else {
      const length = varint();
      found.push([tag, data.subarray(at, (at += length))]);
    }
  }
  expect(at).toBe(data.length);
  return found;
}

function all(data: Buffer, tag: number): Buffer[] {
  return fields(data).flatMap(([other, value]) => (other === tag ? [value as Buffer] : []));
}

function one(data: Buffer, tag: number): number | Buffer | undefined {
  return fields(data).find(([other]) => other === tag)?.[1];
}

function doublesOf(data: Buffer): number[] {
  return Array.from({ length: data.length / 8 }, (_, i) => data.readDoubleLE(8 * i));
}

interface Histogram {
  readonly min: number;
  readonly max: number;
  readonly num: number;
  readonly sum: number;
  readonly squares: number;
  readonly limits: number[];
  readonly buckets: number[];
}

interface Contents {
  /** [step, name, value] of all scalars. */
  readonly scalars: [number, string, number][];
  readonly histograms: [number, string, Histogram][];
  /** name, operation and inputs of all nodes of graphs. */
  readonly nodes: [string, string, string[]][];
  readonly version: string;
}

async function eventFile(): Promise<string> {
  const names = (await readdir(folder.path)).filter((name) => name.startsWith("events.out.tfevents."));
  expect(names).toHaveLength(1);
  return join(folder.path, names[0] as string);
}

async function read(): Promise<Contents> {
  const [first, ...events] = records(await readFile(await eventFile()));
  const contents: Contents = { scalars: [], histograms: [], nodes: [], version: String(one(first as Buffer, 3)) };
  for (const event of events) {
    expect(Math.abs((one(event, 1) as number) - Date.now() / 1000)).toBeLessThan(3600);
    const step = one(event, 2) as number;
    for (const graph of all(event, 4)) {
      for (const node of all(graph, 1)) {
        contents.nodes.push([String(one(node, 1)), String(one(node, 2)), all(node, 3).map(String)]);
      }
    }
    for (const value of all(event, 5).flatMap((summary) => all(summary, 1))) {
      const name = String(one(value, 1));
      const scalar = one(value, 2);
      if (scalar !== undefined) contents.scalars.push([step, name, scalar as number]);
      for (const h of all(value, 5)) {
        const [min, max, num, sum, squares] = [1, 2, 3, 4, 5].map((tag) => one(h, tag) as number) as [number, number, number, number, number]; // prettier-ignore
        const [limits, buckets] = [6, 7].map((tag) => doublesOf(one(h, tag) as Buffer)) as [number[], number[]];
        contents.histograms.push([step, name, { min, max, num, sum, squares, limits, buckets }]);
      }
    }
  }
  return contents;
}

test("the checksum is CRC-32C", () => {
  expect(crc32c(Buffer.from("123456789"))).toBe(0xe3069283);
});

describe("TensorBoard", () => {
  test("writes means when its trigger fires", async () => {
    const observations = { loss: [4, 2, 1, 3, 0.5, 0.25], other: [1, 1, 1, 1, 1, 1] };
    const updater = new ScriptedUpdater({ dataset_size: 4, batch_size: 2, iterations: 6, observations });
    const trainer = new Trainer(updater, { stopTrigger: [6, "iteration"], out: folder.path });
    trainer.extend(new TensorBoard({ keys: ["loss"] }));
    await trainer.run();
    const { scalars, version } = await read();
    expect(version).toBe("brain.Event:2");
    expect(scalars).toEqual([
      [2, "loss", 3],
      [4, "loss", 2],
      [6, "loss", 0.375],
    ]);
  });

  test("writes histograms of parameters and gradients, and the graph of the first iteration", async () => {
    const model = new L.Classifier(new SmallNetwork());
    const updater = new StandardUpdater(new SerialIterator(points(12), 4), new SGD().setup(model));
    const trainer = new Trainer(updater, { stopTrigger: [2, "iteration"], out: folder.path });
    trainer.extend(new TensorBoard({ trigger: [1, "iteration"], histograms: model, graph: "main/loss" }));
    await trainer.run();
    expect(config.keepGraphOnReport).toBe(false);
    const { histograms, nodes } = await read();
    expect(histograms.filter(([step]) => step === 1)).toHaveLength(8);
    const found = histograms.find(([step, name]) => step === 2 && name === "model/predictor/l1/W/data");
    const histogram = found?.[2] as Histogram;
    const values = [...model.predictor.l1.W.array.dataSync()];
    expect(histogram.num).toBe(32);
    expect([histogram.min, histogram.max]).toEqual([Math.min(...values), Math.max(...values)]);
    expect(histogram.sum).toBeCloseTo(
      values.reduce((sum, value) => sum + value, 0),
      10,
    );
    expect(histogram.squares).toBeCloseTo(values.reduce((sum, value) => sum + value * value, 0), 10); // prettier-ignore
    expect(histogram.limits.at(-1)).toBe(histogram.max);
    let below = 0;
    for (const [i, count] of histogram.buckets.entries()) {
      below += count;
      const expected = values.filter((value) => value < (histogram.limits[i] as number)).length;
      expect(Math.abs(below - expected)).toBeLessThanOrEqual(1); // one on the edge may fall to either side
    }
    expect(below).toBe(32);

    const names = new Set(nodes.map(([name]) => name));
    expect(names.size).toBe(nodes.length);
    for (const [, , inputs] of nodes) for (const input of inputs) expect(names).toContain(input);
    const loss = nodes.find(([, op]) => op === "softmaxCrossEntropy");
    const linears = nodes.filter(([, op]) => op === "linear");
    expect(linears).toHaveLength(2);
    expect(loss?.[2][0]).toBe(linears[1]?.[0]);
    expect(nodes.filter(([, op]) => op === "Variable").map(([name]) => name)).toEqual(
      expect.arrayContaining(["W", "b"]),
    );
  });

  test("goes on in the same file after a resume, without missing or double events", async () => {
    const make = (stop: TriggerLike): Trainer => {
      const observations = { loss: Array.from({ length: 40 }, (_, i) => i) };
      const updater = new ScriptedUpdater({ dataset_size: 10, batch_size: 1, iterations: 40, observations });
      const trainer = new Trainer(updater, { stopTrigger: stop, out: folder.path });
      trainer.extend(new TensorBoard({ trigger: [3, "iteration"] }));
      trainer.extend(snapshot(), { trigger: [7, "iteration"] });
      return trainer;
    };
    await make([40, "iteration"]).run();
    const whole = (await read()).scalars;
    expect(whole.map(([step]) => step)).toEqual(Array.from({ length: 13 }, (_, i) => 3 * i + 3));
    for (const at of [7, 21, 35]) {
      const resumed = make([40, "iteration"]);
      await loadNpz(join(folder.path, `snapshot_iter_${at}`), resumed);
      await resumed.run();
      expect((await read()).scalars).toEqual(whole);
    }
    // A part of a record, as a crash leaves it, goes as well.
    const file = await eventFile();
    await writeFile(file, Buffer.concat([await readFile(file), Buffer.from([1, 2, 3])]));
    const resumed = make([40, "iteration"]);
    await loadNpz(join(folder.path, "snapshot_iter_35"), resumed);
    await resumed.run();
    expect((await read()).scalars).toEqual(whole);
    // Without its file it begins another one.
    await rm(file);
    const alone = make([40, "iteration"]);
    await loadNpz(join(folder.path, "snapshot_iter_35"), alone);
    await alone.run();
    expect((await read()).scalars.map(([step]) => step)).toEqual([36, 39]);
  });

  test("says what is observed if the graph's root is not", async () => {
    random.seed(1);
    const model = new L.Classifier(new SmallNetwork());
    const updater = new StandardUpdater(new SerialIterator(points(12), 4), new SGD().setup(model));
    const trainer = new Trainer(updater, { stopTrigger: [2, "iteration"], out: folder.path });
    trainer.extend(new TensorBoard({ graph: "main/los" }));
    await expect(trainer.run({ showLoopExceptionMsg: false })).rejects.toThrow("observed are: main/loss");
    expect(config.keepGraphOnReport).toBe(false);
  });
});
