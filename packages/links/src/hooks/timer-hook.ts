import { LinkHook, type LinkForwardArgs } from "../link-hook.js";

/** How often links of a class ran, and how long. */
export interface LinkTimes {
  /** Number of runs. */
  readonly occurrence: number;
  /** Seconds; includes those of links that ran inside. */
  readonly elapsedTime: number;
}

/**
 * Measures how long links take to run (Chainer's `TimerHook`). A call returns before a GPU is done, so that there it
 * measures what the host does.
 */
export class TimerHook extends LinkHook {
  override readonly name: string = "TimerHook";
  /** Every run in the order in which they ended: the link's class and the seconds it took. */
  readonly callHistory: [name: string, seconds: number][] = [];
  private readonly started: number[] = [];
  private depth = 0;
  private total = 0;

  override forwardPreprocess(): void {
    this.started.push(performance.now());
    this.depth++;
  }

  override forwardPostprocess({ link }: LinkForwardArgs): void {
    const seconds = (performance.now() - (this.started.pop() ?? performance.now())) / 1000;
    this.depth--;
    if (this.depth === 0) this.total += seconds;
    this.callHistory.push([link.constructor.name, seconds]);
  }

  override forwardFailed(): void {
    this.started.pop();
    this.depth--;
  }

  /** Seconds in all, those of links inside others counted once. */
  totalTime(): number {
    return this.total;
  }

  /** Runs and seconds by the links' classes. */
  summary(): Record<string, LinkTimes> {
    const times: Record<string, LinkTimes> = {};
    for (const [name, seconds] of this.callHistory) {
      const { occurrence, elapsedTime } = times[name] ?? { occurrence: 0, elapsedTime: 0 };
      times[name] = { occurrence: occurrence + 1, elapsedTime: elapsedTime + seconds };
    }
    return times;
  }

  /** {@link summary} as a table. */
  report(): string {
    const lines = Object.entries(this.summary()).map(
      ([name, { occurrence, elapsedTime }]) =>
        `${name.padEnd(24)} ${elapsedTime.toFixed(6).padStart(12)}s ${occurrence}`,
    );
    return [`${"link".padEnd(24)} ${"elapsed time".padStart(13)} occurrence`, ...lines].join("\n");
  }
}
