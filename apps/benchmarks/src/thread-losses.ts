import type { Measurement } from "./runner.js";

/** A library that is slower with two threads than with one. */
export interface ThreadLoss {
  readonly library: string;
  /** Time with two threads, of what it takes with one: the mean, and the ends of its interval of 95 %. */
  readonly ratio: number;
  readonly low: number;
  readonly high: number;
  /** Labels of the contestants. */
  readonly pair: readonly [two: string, one: string];
}

/** What a mean may be off by, in standard errors, by degrees of freedom (Student's distribution, 95 %). */
const standardErrors = [12.71, 4.3, 3.18, 2.78, 2.57, 2.45, 2.36, 2.31, 2.26, 2.23];

/** Less is no loss, be it as certain as it may. */
const leastLoss = 1.02;

/**
 * Where a second thread costs time. Rounds are compared one by one, since the contestants take turns and the machine's speed drifts; the
 * mean of their ratios has to be above 1 by more than it may be off.
 */
export function lossesByThreads(measurements: readonly Measurement[]): ThreadLoss[] {
  return measurements.flatMap((two) => {
    const library = two.label.replace(" (2 threads)", "");
    const one = measurements.find(({ label }) => label === `${library} (1 thread)`);
    if (one === undefined) return [];
    const ratios = two.rounds.map((seconds, i) => Math.log(seconds / (one.rounds[i] as number)));
    const freedom = ratios.length - 1;
    if (freedom < 1) return [];
    const mean = ratios.reduce((sum, ratio) => sum + ratio, 0) / ratios.length;
    const variance = ratios.reduce((sum, ratio) => sum + (ratio - mean) ** 2, 0) / freedom;
    const quantile = standardErrors[Math.min(freedom, standardErrors.length) - 1] as number;
    const error = quantile * Math.sqrt(variance / ratios.length);
    if (mean - error <= 0 || Math.exp(mean) < leastLoss) return [];
    const [ratio, low, high] = [mean, mean - error, mean + error].map(Math.exp) as [number, number, number];
    return [{ library, ratio, low, high, pair: [two.label, one.label] as const }];
  });
}
