/**
 * When work is shared between threads. All times are estimates, in nanoseconds of one thread. Measured on two cores: with a
 * worker that looks for work 10 µs become 6, and 5 µs stay 5; one that sleeps costs the caller 8 µs to wake up and begins some
 * 15 µs late, so that it has to take part in more than 40 µs of work before that pays, in 60 where memory is the limit.
 */

/** Work that is not worth sharing even with workers that look for it. */
export const LEAST_SHARED = 15_000;
/** Work that is worth waking workers up for. */
export const LEAST_WAKING = 80_000;
/** Most work that is missed before workers are woken up. */
const MOST_MISSED = 20 * LEAST_WAKING;
/** Work that a thread takes at a time at least: taking it costs 0.1 µs. */
const LEAST_TAKEN = 2_000;
/** How long a worker looks for work before it sleeps. */
export const WORKER_SPIN = 50_000;

/** Who shall help with some work: nobody, the workers that are awake, or all of them. */
export type Helpers = "nobody" | "awake" | "all";

/** Decides who helps. */
export interface SharingPolicy {
  /** Work that a thread takes at a time at least. */
  readonly leastTaken: number;
  /**
   * @param work - how long it takes on one thread
   * @param awake - whether any worker looks for work
   * @param now - the time, in milliseconds
   */
  helpers(work: number, awake: boolean, now: () => number): Helpers;
}

/** Shares whatever can be divided: for tests of that. */
export const shareAll: SharingPolicy = { leastTaken: 0, helpers: () => "all" };

/**
 * Shares what is faster that way. Sleeping workers are woken up for work that is worth it by itself, and for small work that keeps coming: where
 * they would not have fallen asleep since, and have missed a certain amount. Whether what came next was worth it shows when they sleep
 * again, and that amount is halved or doubled; so a program that does the same again and again soon has what is best for it.
 */
export class Sharing implements SharingPolicy {
  readonly leastTaken = LEAST_TAKEN;
  /** Work that sleeping workers would have shared, had they been awake. */
  #missed = 0;
  /** When they would have fallen asleep, in nanoseconds. */
  #awakeUntil = 0;
  /** How much they may miss. */
  #patience = LEAST_WAKING;
  /** Work that they have shared since they were woken up; null once that has been judged. */
  #shared: number | null = null;

  helpers(work: number, awake: boolean, now: () => number): Helpers {
    if (work < LEAST_SHARED) return "nobody";
    if (awake) {
      if (this.#shared !== null) this.#shared += work;
      return work < LEAST_WAKING ? "awake" : "all";
    }
    this.#judge();
    if (work < LEAST_WAKING) {
      const time = now() * 1e6;
      this.#missed = time < this.#awakeUntil ? this.#missed + work : work;
      this.#awakeUntil = time + work + WORKER_SPIN;
      if (this.#missed < this.#patience) return "nobody";
    }
    this.#shared = work;
    return "all";
  }

  /** Whether it was worth waking workers up the last time. */
  #judge(): void {
    if (this.#shared === null) return;
    const patience = this.#shared < LEAST_WAKING ? this.#patience * 2 : this.#patience / 2;
    this.#patience = Math.min(Math.max(patience, LEAST_SHARED), MOST_MISSED);
    this.#shared = null;
  }
}
