import { describe, expect, test } from "@jest/globals";
import { lossesByThreads } from "../src/thread-losses.js";

/** What was measured of a library with two threads and with one, seconds a round. */
function pair(two: readonly number[], one: readonly number[]) {
  return [
    { label: "mine (2 threads)", rounds: two, result: [] },
    { label: "mine (1 thread)", rounds: one, result: [] },
    { label: "theirs", rounds: one, result: [] },
  ];
}

describe("lossesByThreads", () => {
  test("a loss, with its interval", () => {
    const [loss] = lossesByThreads(pair([1.21, 1.32, 1.1, 2.2], [1.1, 1.1, 1, 2]));
    expect(loss?.library).toBe("mine");
    expect(loss?.pair).toEqual(["mine (2 threads)", "mine (1 thread)"]);
    // Ratios 1.1, 1.2, 1.1, 1.1: the mean of their logarithms, and 3.18 standard errors of it.
    expect(loss?.ratio).toBeCloseTo(1.1242, 3);
    expect(loss?.low).toBeCloseTo(1.0489, 3);
    expect(loss?.high).toBeCloseTo(1.2049, 3);
  });

  test("none where rounds differ by more than the threads", () => {
    expect(lossesByThreads(pair([1, 2, 1.1, 1.5], [1.2, 1.4, 1, 1.3]))).toEqual([]);
  });

  test("drifts of the machine cancel out", () => {
    expect(lossesByThreads(pair([1.05, 2.1, 4.2, 8.4], [1, 2, 4, 8]))).toHaveLength(1);
  });

  test("none where it is certain and tiny, where two threads are faster, or of a single round", () => {
    expect(lossesByThreads(pair([1.01, 1.01, 1.01], [1, 1, 1]))).toEqual([]);
    expect(lossesByThreads(pair([0.5, 0.51, 0.52], [1, 1, 1]))).toEqual([]);
    expect(lossesByThreads(pair([2], [1]))).toEqual([]);
  });

  test("none of a library that has no other number of threads", () => {
    expect(lossesByThreads(pair([2, 2.1, 2], [1, 1, 1]).slice(0, 1))).toEqual([]);
  });
});
