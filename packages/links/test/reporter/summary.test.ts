import { array, keep, memoryInfo, scope, ValueError } from "@chain/array";
import { Variable } from "@chain/autograd";
import { describe, expect, test } from "@jest/globals";
import { DictSummary, Summary } from "../../src/index.js";
import { fromNpz, SerializationError, toNpz } from "../../src/serializers/index.js";

describe("Summary", () => {
  test.each(["numbers", "arrays", "variables"])("mean and deviation of %s", async (kind) => {
    const summary = new Summary();
    for (const value of [1, 2, 4, 9]) {
      summary.add(kind === "numbers" ? value : kind === "arrays" ? array(value) : new Variable(array([value])));
    }
    expect(await summary.computeMean()).toBe(4);
    const { mean, std } = await summary.makeStatistics();
    expect(mean).toBe(4);
    expect(std).toBeCloseTo(Math.sqrt((9 + 4 + 0 + 25) / 4), 6);
  });

  test("weights", async () => {
    const summary = new Summary();
    summary.add(array(1), { weight: 3 });
    summary.add(5);
    summary.add(array(5, { dtype: "int32" }), { weight: 2 });
    expect(await summary.computeMean()).toBe(3);
    expect((await summary.makeStatistics()).std).toBe(2);
  });

  test("nothing added", async () => {
    expect(await new Summary().computeMean()).toBeNaN();
  });

  test("many small values are summed without drifting", async () => {
    const summary = new Summary();
    const value = array(0.1);
    scope(() => {
      for (let i = 0; i < 100_000; i++) summary.add(value);
    });
    expect(Math.abs((await summary.computeMean()) / Math.fround(0.1) - 1)).toBeLessThan(1e-7);
    expect((await summary.makeStatistics()).std).toBeLessThan(1e-4);
  });

  test("holds four numbers on the device, however many are added, and gives them back", async () => {
    const before = memoryInfo()["cpu"]?.arrays ?? 0;
    const summary = new Summary();
    scope(() => {
      for (let i = 0; i < 100; i++) summary.add(array(i));
    });
    expect(memoryInfo()["cpu"]?.arrays).toBe(before + 4);
    expect(await summary.computeMean()).toBe(49.5);
    summary.dispose();
    expect(memoryInfo()["cpu"]?.arrays).toBe(before);
    expect(await summary.computeMean()).toBeNaN();
  });

  test("refuses what is not a single number, or is elsewhere", () => {
    const summary = new Summary();
    expect(() => summary.add(array([1, 2]))).toThrow(ValueError);
    summary.add(array(1));
    expect(() => summary.add(array(1, { device: "js" }))).toThrow(ValueError);
  });
});

describe("DictSummary", () => {
  test("by name, with weights", async () => {
    const summary = new DictSummary();
    summary.add({ loss: array(1), accuracy: 0.5 });
    summary.add({ loss: array(3) });
    summary.add({ accuracy: [1, 3] });
    expect(await summary.computeMean()).toEqual({ loss: 2, accuracy: 0.875 });
    expect(await summary.makeStatistics()).toEqual({
      loss: 2,
      "loss.std": 1,
      accuracy: 0.875,
      "accuracy.std": Math.sqrt((0.375 ** 2 + 3 * 0.125 ** 2) / 4),
    });
  });

  test("goes on exactly after saving and loading", async () => {
    const values = Array.from({ length: 50 }, (_, i) => Math.fround(Math.sin(i) / 3));
    const whole = new DictSummary();
    const first = new DictSummary();
    values.forEach((value) => whole.add({ x: keep(array(value)), n: value }));
    values.slice(0, 20).forEach((value) => first.add({ x: array(value), n: value }));
    const second = new DictSummary();
    second.add({ other: 1 });
    fromNpz(await toNpz(first), second);
    values.slice(20).forEach((value) => second.add({ x: array(value), n: value }));
    expect(await second.makeStatistics()).toEqual(await whole.makeStatistics());
  });

  test("a damaged list of names is refused", async () => {
    const bad = { serialize: (s: { value(key: string, value: string): string }) => void s.value("_names", "no json") };
    const bytes = await toNpz(bad);
    expect(() => fromNpz(bytes, new DictSummary())).toThrow(SerializationError);
  });
});
