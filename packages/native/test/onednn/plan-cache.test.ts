import { expect, test } from "@jest/globals";
import { PlanCache } from "../../src/onednn/plan-cache.js";
import type { Convolution } from "../../src/onednn/plan.js";
import { describeWithOneDnn } from "./installed.js";

describeWithOneDnn("PlanCache with oneDNN", (library) => {
  const of = (length: number): Convolution => ({
    direction: "forward",
    x: [1, 1, length],
    w: [1, 1, 1],
    y: [1, 1, length],
    bias: false,
    geometry: { stride: [1], pad: [0], dilate: [1], groups: 1 },
  });
  const make = (limit: number): PlanCache => new PlanCache(library, limit);

  test("gives the same plan again, and another for whatever differs", () => {
    const cache = make(10);
    const plan = cache.get(of(4));
    expect(plan).not.toBeNull();
    expect(cache.get(of(4))).toBe(plan);
    expect(cache.get(of(5))).not.toBe(plan);
    expect(cache.get({ ...of(4), bias: true })).not.toBe(plan);
    expect(cache.get({ ...of(4), direction: "gradInput" })).not.toBe(plan);
    expect(cache.get({ ...of(4), geometry: { ...of(4).geometry, dilate: [2] } })).not.toBe(plan);
    expect(cache.size).toBe(5);
  });

  test("forgets the one that was not used for longest", () => {
    const cache = make(2);
    const [first, second] = [cache.get(of(1)), cache.get(of(2))];
    cache.get(of(1));
    cache.get(of(3));
    expect(cache.size).toBe(2);
    expect(cache.get(of(1))).toBe(first);
    expect(cache.get(of(2))).not.toBe(second);
  });

  test("remembers that the library has no plan", () => {
    const cache = make(2);
    const inside = { ...of(3), y: [1, 1, 1], geometry: { ...of(3).geometry, pad: [-1] } };
    expect(cache.get(inside)).toBeNull();
    expect(cache.size).toBe(1);
  });
});
