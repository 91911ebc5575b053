import { array, NdArray, ValueError } from "@chain/array";
import { fromNpz, NpzFile, toNpz } from "@chain/links/serializers";
import { describe, expect, test } from "@jest/globals";
import { nextBatch } from "../../src/dataset/next-batch.js";
import { concatExamples, ParallelSequentialIterator, StopIteration } from "../../src/index.js";

const words = Int32Array.of(10, 11, 12, 13, 14, 15, 16);

/** Chainer's arithmetic, word for word: offsets `i * length // batch_size`, all modulo the length. */
function expected(length: number, batchSize: number, iteration: number): [number, number][] {
  return Array.from({ length: batchSize }, (_, row) => {
    const at = Math.floor((row * length) / batchSize) + iteration;
    return [10 + (at % length), 10 + ((at + 1) % length)];
  });
}

describe("ParallelSequentialIterator", () => {
  test.each([1, 2, 3, 7, 9])("reads a ring of 7 words at %i places", (batchSize) => {
    const iterator = new ParallelSequentialIterator(words, batchSize);
    for (let i = 0; i < 20; i++) expect(iterator.next()).toEqual(expected(7, batchSize, i));
  });

  test("counts epochs by the words in all rows", () => {
    const iterator = new ParallelSequentialIterator(words, 3);
    expect([iterator.epochDetail, iterator.previousEpochDetail, iterator.isNewEpoch]).toEqual([0, null, false]);
    const seen = Array.from({ length: 7 }, () => {
      iterator.next();
      const { epoch, isNewEpoch } = iterator;
      return [epoch, isNewEpoch, iterator.epochDetail, iterator.previousEpochDetail];
    });
    expect(seen).toEqual([
      [0, false, 3 / 7, 0],
      [0, false, 6 / 7, 3 / 7],
      [1, true, 9 / 7, 6 / 7],
      [1, false, 12 / 7, 9 / 7],
      [2, true, 15 / 7, 12 / 7],
      [2, false, 18 / 7, 15 / 7],
      [3, true, 3, 18 / 7],
    ]);
  });

  test("makes one sweep without repeat, and a copy of one with repeat makes one, too", () => {
    const once = new ParallelSequentialIterator(words, 2, { repeat: false });
    // ⌈7 / 2⌉ minibatches, all of the same size.
    expect([...once].map((batch) => batch.length)).toEqual([2, 2, 2, 2]);
    expect(() => once.next()).toThrow(StopIteration);
    expect(once.sweep()).toBe(once);
    expect([...once]).toHaveLength(4);

    const again = new ParallelSequentialIterator(words, 2);
    again.next();
    expect([...again.sweep()]).toHaveLength(4);
    expect(again.iteration).toBe(1);
    again.reset();
    expect(again.next()).toEqual(expected(7, 2, 0));
  });

  test.each([
    ["a typed array", words],
    ["an array", array(words)],
    ["a list", [...words]],
  ])("gives minibatches from %s at once, as from examples one by one", (_, sequence) => {
    const [a, b] = [0, 0].map(() => new ParallelSequentialIterator(sequence, 3));
    for (let i = 0; i < 5; i++) {
      if (a === undefined || b === undefined) continue;
      const gathered = nextBatch(a, concatExamples, {}) as NdArray[];
      const one = b.next().map((pair) => pair.map((word) => (word instanceof NdArray ? word.itemSync() : word)));
      expect(gathered.map((column) => column.dtype)).toEqual(["int32", "int32"]);
      expect(gathered.map((column) => column.tolistSync())).toEqual([one.map(([x]) => x), one.map(([, t]) => t)]);
    }
  });

  test("takes any data set", () => {
    const iterator = new ParallelSequentialIterator({ length: 3, getExample: (i: number) => "abc"[i] ?? "" }, 2);
    expect([iterator.next(), iterator.next()]).toEqual([[["a", "b"], ["b", "c"]], [["b", "c"], ["c", "a"]]]); // prettier-ignore
  });

  test("goes on where a snapshot was taken, with Chainer's keys", async () => {
    for (const steps of [0, 2, 3, 8]) {
      const iterator = new ParallelSequentialIterator(words, 3);
      for (let i = 0; i < steps; i++) iterator.next();
      const bytes = await toNpz(iterator);
      expect(["iteration", "epoch", "previous_epoch_detail"].every((key) => new NpzFile(bytes).has(key))).toBe(true);
      const restored = new ParallelSequentialIterator(words, 3);
      fromNpz(bytes, restored);
      const state = ({ epoch, epochDetail, isNewEpoch, previousEpochDetail }: typeof iterator): unknown[] => [
        epoch,
        epochDetail,
        isNewEpoch,
        previousEpochDetail,
      ];
      expect(state(restored)).toEqual(state(iterator));
      expect(restored.next()).toEqual(iterator.next());
    }
  });

  test("refuses sizes that make no sense", () => {
    for (const size of [0, -1, 1.5, NaN]) expect(() => new ParallelSequentialIterator(words, size)).toThrow(ValueError);
    expect(() => new ParallelSequentialIterator([], 1)).toThrow("empty");
  });
});
