import type { Dataset } from "@chain/training";

/** Steps of work for an example: some 5 ms on a processor of 2024. */
const steps = 3_500_000;

/** Examples that take nothing but time. */
export function slowExamples(length: number): Dataset<number> {
  return { length, getExample: work };
}

/** Xorshift, which no compiler gets around. */
function work(seed: number): number {
  let state = seed + 1;
  for (let i = 0; i < steps; i++) {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
  }
  return state;
}
