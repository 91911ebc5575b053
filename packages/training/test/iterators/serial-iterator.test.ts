import { ValueError } from "@chain/array";
import { fromNpz, toNpz } from "@chain/links/serializers";
import { describe, expect, test } from "@jest/globals";
import { fc } from "../../../../testing/property.js";
import { SerialIterator, StopIteration, type OrderSampler } from "../../src/iterators/index.js";

const six = [1, 2, 3, 4, 5, 6];

describe("SerialIterator without shuffling", () => {
  // Fractions as Chainer computes them: epoch + position / size.
  test("goes over the data set again and again", () => {
    const it = new SerialIterator(six, 2, { shuffle: false });
    const seen = [];
    expect(it.epochDetail).toBe(0);
    expect(it.previousEpochDetail).toBeNull();
    for (let i = 0; i < 7; i++) {
      const batch = it.next();
      seen.push([batch, it.epoch, it.isNewEpoch, it.currentPosition, it.epochDetail, it.previousEpochDetail]);
    }
    expect(seen).toEqual([
      [[1, 2], 0, false, 2, 2 / 6, 0],
      [[3, 4], 0, false, 4, 4 / 6, 2 / 6],
      [[5, 6], 1, true, 0, 1, 4 / 6],
      [[1, 2], 1, false, 2, 1 + 2 / 6, 1],
      [[3, 4], 1, false, 4, 1 + 4 / 6, 1 + 2 / 6],
      [[5, 6], 2, true, 0, 2, 1 + 4 / 6],
      [[1, 2], 2, false, 2, 2 + 2 / 6, 2],
    ]);
  });

  test("fills the last minibatch with the next sweep's first examples", () => {
    const it = new SerialIterator([1, 2, 3, 4, 5], 2, { shuffle: false });
    const seen = [];
    for (let i = 0; i < 5; i++) seen.push([it.next(), it.epoch, it.isNewEpoch, it.epochDetail]);
    expect(seen).toEqual([
      [[1, 2], 0, false, 2 / 5],
      [[3, 4], 0, false, 4 / 5],
      [[5, 1], 1, true, 6 / 5],
      [[2, 3], 1, false, 8 / 5],
      [[4, 5], 2, true, 2],
    ]);
  });

  test("stops at the end when it does not repeat", () => {
    const it = new SerialIterator([1, 2, 3, 4, 5], 2, { repeat: false, shuffle: false });
    expect([it.next(), it.next(), it.next()]).toEqual([[1, 2], [3, 4], [5]]);
    expect([it.epoch, it.isNewEpoch, it.epochDetail, it.previousEpochDetail]).toEqual([1, true, 1, 4 / 5]);
    expect(() => it.next()).toThrow(StopIteration);
    it.reset();
    expect([...it]).toEqual([[1, 2], [3, 4], [5]]);
    expect([...it]).toEqual([]);
  });

  test("makes minibatches that are longer than the data set", () => {
    const it = new SerialIterator([1, 2, 3], 7, { shuffle: false });
    expect(it.next()).toEqual([1, 2, 3, 1, 2, 3, 1]);
    expect([it.epoch, it.currentPosition]).toEqual([2, 1]);
    const once = new SerialIterator([1, 2, 3], 7, { repeat: false, shuffle: false });
    expect([...once]).toEqual([[1, 2, 3]]);
  });

  test("has an empty sweep over an empty data set", () => {
    expect([...new SerialIterator([], 2, { repeat: false })]).toEqual([]);
    expect(() => new SerialIterator([], 2)).toThrow(ValueError);
  });

  test("refuses sizes that make no sense, and shuffle beside orderSampler", () => {
    for (const size of [0, -1, 1.5, NaN]) expect(() => new SerialIterator(six, size)).toThrow("batchSize");
    const orderSampler: OrderSampler = { sample: (order) => order };
    expect(() => new SerialIterator(six, 2, { shuffle: true, orderSampler })).toThrow("orderSampler");
  });

  test("gives out every example once a sweep, whatever the sizes", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 30 }),
        fc.integer({ min: 1, max: 40 }),
        fc.boolean(),
        (n, size, shuffle) => {
          const it = new SerialIterator(
            Array.from({ length: n }, (_, i) => i),
            size,
            { shuffle },
          );
          const seen = Array.from({ length: Math.ceil((3 * n) / size) }, () => it.next()).flat();
          expect(it.epoch).toBe(Math.floor(seen.length / n));
          expect(it.epochDetail).toBeCloseTo(seen.length / n, 10);
          for (let sweep = 0; sweep < it.epoch; sweep++) {
            const order = seen.slice(sweep * n, (sweep + 1) * n);
            expect(order.toSorted((a, b) => a - b)).toEqual(Array.from({ length: n }, (_, i) => i));
          }
        },
      ),
    );
  });
});

describe("order", () => {
  test("is the sampler's, which is told of the order and the position", () => {
    const calls: [number[], number][] = [];
    const orderSampler: OrderSampler = {
      sample(order, position) {
        calls.push([[...order], position]);
        return order.toReversed();
      },
    };
    const it = new SerialIterator(six, 4, { orderSampler });
    expect([it.next(), it.next(), it.next()]).toEqual([
      [6, 5, 4, 3],
      [2, 1, 1, 2],
      [3, 4, 5, 6],
    ]);
    expect(calls).toEqual([
      [[0, 1, 2, 3, 4, 5], 0],
      [[5, 4, 3, 2, 1, 0], 4],
      [[0, 1, 2, 3, 4, 5], 2],
    ]);
  });

  test("may be a part of the data set, of a size that does not change", () => {
    const it = new SerialIterator(six, 2, { orderSampler: { sample: () => Int32Array.of(5, 0, 2) } });
    expect([it.next(), it.next()]).toEqual([
      [6, 1],
      [3, 6],
    ]);
    expect(it.epochDetail).toBe(1 + 1 / 3);
    let size = 3;
    const growing = new SerialIterator(six, 3, { orderSampler: { sample: () => new Int32Array(size++) } });
    expect(() => growing.next()).toThrow("sizes must not change");
    const outside: OrderSampler = { sample: () => Int32Array.of(6) };
    expect(() => new SerialIterator(six, 2, { orderSampler: outside })).toThrow(ValueError);
  });
});

describe("sweep", () => {
  test("is the iterator itself, at its start, if it does not repeat", () => {
    const it = new SerialIterator(six, 4, { repeat: false, shuffle: false });
    it.next();
    expect(it.sweep()).toBe(it);
    expect([...it]).toEqual([
      [1, 2, 3, 4],
      [5, 6],
    ]);
  });

  test("is a copy in the data set's order if it repeats and shuffles", () => {
    const it = new SerialIterator(six, 4);
    it.next();
    expect([...it.sweep()]).toEqual([
      [1, 2, 3, 4],
      [5, 6],
    ]);
    expect(it.currentPosition).toBe(4);
  });
});

describe("state", () => {
  test.each([true, false])("is saved and loaded at every position (shuffle: %p)", async (shuffle) => {
    for (let steps = 0; steps < 9; steps++) {
      const it = new SerialIterator(six, 4, { shuffle });
      for (let i = 0; i < steps; i++) it.next();
      const restored = new SerialIterator(six, 4, { shuffle });
      fromNpz(await toNpz(it), restored);
      expect([restored.epochDetail, restored.previousEpochDetail, restored.isNewEpoch]).toEqual([
        it.epochDetail,
        it.previousEpochDetail,
        it.isNewEpoch,
      ]);
      // The rest of this sweep is in the order that was saved.
      const rest = shuffle ? Math.floor((6 - it.currentPosition) / 4) : 5;
      for (let i = 0; i < rest; i++) expect(restored.next()).toEqual(it.next());
    }
  });

  test("has Chainer's keys", async () => {
    const { NpzFile } = await import("@chain/links/serializers");
    const keys = async (shuffle: boolean): Promise<string[]> => {
      const file = new NpzFile(await toNpz(new SerialIterator(six, 4, { shuffle })));
      return ["current_position", "epoch", "is_new_epoch", "order", "previous_epoch_detail"].filter((key) =>
        file.has(key),
      );
    };
    expect(await keys(false)).toEqual(["current_position", "epoch", "is_new_epoch", "previous_epoch_detail"]);
    expect(await keys(true)).toEqual(["current_position", "epoch", "is_new_epoch", "order", "previous_epoch_detail"]);
  });
});
