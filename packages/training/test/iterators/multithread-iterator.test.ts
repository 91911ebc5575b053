/** Threads run the built package, so what they do is tried in a program of its own: `support/threads/scenarios.js`. */
import { array, ValueError } from "@chain/array";
import { describe, expect, test } from "@jest/globals";
import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { fc } from "../../../../testing/property.js";
import { datasetModule, MultithreadIterator, type DatasetRecipe } from "../../src/iterators/index.js";
import { temporaryFolder } from "../support/folder.js";

const program = fileURLToPath(new URL("../support/threads/scenarios.js", import.meta.url));
const folder = temporaryFolder();

/** What a scenario gives. The program has to end by itself. */
async function run<T>(name: string, args: readonly unknown[] = [], flags: readonly string[] = []): Promise<T> {
  const texts = args.map((value) => JSON.stringify(value));
  const { stdout } = await promisify(execFile)(process.execPath, [...flags, program, name, ...texts], {
    timeout: 120_000,
    maxBuffer: 2 ** 26,
  });
  return JSON.parse(stdout) as T;
}

/** Index, and random numbers that differ from thread to thread if they are not seeded. */
type Numbered = [index: number, one: number, two: number[]];
type Step = [batch: Numbered[] | "StopIteration", state: unknown[]];

describe("examples", () => {
  test("are those of a SerialIterator, with any number of threads", async () => {
    const cases = [
      [10, 4, 12, {}], // minibatches reach into the next sweep
      [10, 4, 12, { shuffle: false }],
      [10, 4, 4, { repeat: false }],
      [3, 7, 6, {}], // minibatches are longer than the data set
      [0, 7, 2, { repeat: false }],
    ];
    const found = await run<{ serial: Step[]; threaded: Step[][] }[]>("compare", [cases, [1, 2, 3]]);
    const withoutRandom = (steps: Step[]): unknown[] =>
      steps.map(([batch, state]) => [typeof batch === "string" ? batch : batch.map(([index]) => index), state]);
    expect(found.map(({ serial }) => serial.length)).toEqual(cases.map(([, , count]) => count));
    for (const { serial, threaded } of found) {
      const [one = [], ...others] = threaded;
      expect(withoutRandom(one)).toEqual(withoutRandom(serial));
      expect(others).toEqual([one, one]);
      const draws = one.flatMap(([batch]) => (typeof batch === "string" ? [] : batch.map(([, draw]) => draw)));
      expect(new Set(draws).size).toBe(draws.length);
    }
  });

  test.each([
    [10, 4, {}],
    [7, 3, { shuffle: false }],
    [3, 5, {}],
  ])("are those of a SerialIterator whatever is done to both: %j", async (length, batchSize, options) => {
    const operation = fc.constantFrom("next", "next", "next", "reset", "skip", "save", "load", "sweep");
    const scripts = fc.sample(fc.array(operation, { minLength: 5, maxLength: 30 }), { numRuns: 30, seed: 1 });
    const found = await run<[Step[], Step[]][]>("scripts", [length, batchSize, options, scripts]);
    expect(found).toHaveLength(30);
    for (const [i, [serial, threaded]] of found.entries()) expect([scripts[i], threaded]).toEqual([scripts[i], serial]);
  });

  test.each([{}, { shuffle: false }])(
    "go on from a snapshot of any step, with other threads and another seed: %j",
    async (options) => {
      const { resumed, whole } = await run<{ whole: Step[]; resumed: Step[][] }>("resume", [10, 4, 8, options]);
      expect(whole).toHaveLength(8);
      expect(resumed).toEqual(whole.map((__, step) => whole.slice(step)));
    },
  );

  test("of any kind arrive as they were", async () => {
    expect(await run("mixed")).toEqual({
      dtypes: [
        ["float16", [1, 2]],
        ["bool", [2]],
        ["uint8", [1]],
      ],
      kinds: ["Float64Array", "ArrayBuffer"],
      values: [
        "text",
        [[[1, 2]], [true, false], [7]],
        { x: { 0: 1 / 3 }, y: { z: [1, [2, "two"]], nothing: null } },
        5,
        [],
        true,
      ],
    });
  });

  test("begin again after a reset, and in a sweep; one can be asked for by itself", async () => {
    type Found = { first: Step[]; again: Step[]; sweep: number[][]; alone: number; after: Step[]; length: number };
    const { after, again, alone, first, length, sweep } = await run<Found>("reset");
    expect(again).toEqual(first);
    expect([sweep, alone, length]).toEqual([[[0, 1], [2, 3], [4, 5]], 5, 6]); // prettier-ignore
    const [batch] = after[0] ?? [];
    expect((batch as Numbered[]).map(([index]) => index)).toEqual([4, 5]);
  });

  test("may come out of memory that threads share, and each is loaded once", async () => {
    const [zeros, ones] = [0, 1].map((value) => Array.from({ length: 11 }, () => value));
    expect(await run("shared", [11])).toEqual([zeros, ones]);
  });

  test("of a data set that is made at random are the same in every thread", async () => {
    const [one, three] = [await run<number[]>("order", [20, 1]), await run<number[]>("order", [20, 3])];
    expect(three).toEqual(one);
    expect(one.toSorted((a, b) => a - b)).toEqual(Array.from({ length: 20 }, (_, i) => i));
  });
});

describe("failures", () => {
  type Failed = { log: unknown[][]; left: number };

  test("an error of the data set names the example, has the stack of the thread, and can be survived", async () => {
    const { left, log } = await run<Failed>("fail", ["broken", ["throws"], {}]);
    expect(log).toEqual([
      [0, 1],
      [2, 3],
      [
        "WorkerError",
        5,
        "a worker cannot load example 5: RangeError: no such picture",
        "RangeError: no such picture",
        expect.stringMatching(/throws.*datasets\.js/),
      ],
      [6, 7],
      [0, 1],
    ]);
    expect(left).toBe(0);
  });

  test.each([
    ["exits", "WorkerError", "a worker has ended while it was loading example 5, with status 3", {}],
    ["hoards", "WorkerError", /^a worker has ended while it was loading example 5: .*out of memory$/, {}],
    [
      "hangs",
      "WorkerTimeout",
      /^a worker has been loading example 5 for more than 0.3 s: .* datasetTimeout$/,
      { datasetTimeout: 0.3 },
    ],
  ])(
    "a thread that %s is told of with its example, and again whenever it is asked",
    async (how, name, message, options) => {
      const { left, log } = await run<Failed>("fail", ["broken", [how], options], ["--max-old-space-size=60"]);
      const failure = [name, 5, typeof message === "string" ? message : expect.stringMatching(message)];
      const failures = log.slice(2).map((entry) => entry.slice(0, 3));
      expect([log[0], log[1], ...failures]).toEqual([[0, 1], [2, 3], failure, failure, failure]);
      expect(left).toBe(0);
    },
  );

  test("what goes wrong in a thread between examples does not get lost", async () => {
    const { left, log } = await run<Failed>("fail", ["delayed", [], {}]);
    const failure = log.at(-1) ?? [];
    expect(failure.slice(0, 3)).toEqual([
      "WorkerError",
      null,
      "a worker has ended between examples: TypeError: the connection is gone",
    ]);
    expect(left).toBe(0);
  });

  test.each([
    ["missing", /cannot make the data set: Error: there is no such folder$/],
    ["exits", /has ended while it was making the data set, with status 4$/],
    ["never", /has ended while it was making the data set, with status 13$/],
    ["different", /data sets of different lengths, \d+ and \d+: /],
    ["five", /"five" of .*datasets.js gives no data set/],
    ["list", /datasets.js exports no function "list"$/],
  ])("a data set that cannot be made is an error of open(): %s", async (name, message) => {
    const { left, log } = await run<Failed>("fail", [name, [], {}]);
    expect(log).toEqual([["open", "WorkerError", null, expect.stringMatching(message)]]);
    expect(left).toBe(0);
  });
});

describe("threads", () => {
  test("are as many after a hundred sweeps, and gone at the end; so are listeners", async () => {
    const { after, before, during, evaluated, opened } = await run<{
      before: [threads: number, listeners: number];
      evaluated: number;
      during: string[];
      after: [threads: number, listeners: number];
      opened: number[];
    }>("sweeps", [100]);
    // Two workers, and one who watches them.
    expect(during).toEqual([`${before[0] + 3},${before[1]}`]);
    expect(after).toEqual(before);
    expect(evaluated).toBe(1200);
    expect(opened).toEqual(Array.from({ length: 10 }, () => 4));
  });

  test("do not keep a program alive", async () => {
    expect(await run("forget")).toBe(2);
  });

  test("are ended by the trainer; a training that is resumed with other threads has the same weights", async () => {
    const [parts, whole] = [`${folder.path}/parts`, `${folder.path}/whole`];
    await run("train", [parts, 7, 1]); // the latest snapshot is of iteration 6, in the middle of the third sweep
    const resumed = await run<{ iteration: number; left: number }>("train", [parts, 13, 3]);
    expect(resumed).toEqual(await run("train", [whole, 13, 2]));
    expect(resumed).toMatchObject({ iteration: 13, left: 0 });
  });
});

describe("datasetModule", () => {
  interface Module {
    images(folder: string, size: { readonly width: number }): Promise<readonly [number, string][]>;
    five(): number;
    readonly title: string;
  }
  const module = datasetModule<Module>(new URL("file:///data/images.js"));

  test("says how a data set is made, and the compiler what is in it", () => {
    const recipe: DatasetRecipe<[number, string]> = module.dataset("images", "photos", { width: 8 });
    expect(recipe).toEqual({ module: "file:///data/images.js", name: "images", args: ["photos", { width: 8 }] });
    type Names = Parameters<typeof module.dataset>[0];
    const names: [Names] extends ["images"] ? true : false = true;
    expect(names).toBe(true);
  });

  test("refuses what cannot be sent to a thread", () => {
    const lists = datasetModule<{ make(value: unknown): number[] }>(new URL("file:///data/lists.js"));
    expect(() => lists.dataset("make", () => 1)).toThrow(ValueError);
    expect(() => lists.dataset("make", () => 1)).toThrow('argument 0 of "make" has to be sent to another thread');
    expect(() => lists.dataset("make", array([1]))).toThrow("an NdArray cannot be");
  });
});

test("options that make no sense are refused before a thread is started", async () => {
  const recipe: DatasetRecipe<number> = { module: "file:///nowhere.js", name: "make", args: [] };
  const open = (options: object): Promise<unknown> => MultithreadIterator.open(recipe, 2, options);
  await expect(open({ nThreads: 0 })).rejects.toThrow("nThreads is a positive number of threads, got 0");
  await expect(open({ nPrefetch: 1.5 })).rejects.toThrow("nPrefetch is a number of minibatches, 0 or more, got 1.5");
  await expect(open({ datasetTimeout: 0 })).rejects.toThrow("datasetTimeout is a number of seconds, or null, got 0");
  await expect(open({ seed: -1 })).rejects.toThrow(ValueError);
});
