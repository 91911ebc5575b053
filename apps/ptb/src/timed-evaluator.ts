import { Evaluator, type Trainer } from "@chain/training";

/** Knows how long evaluating took, so that it does not count as training. */
export class TimedEvaluator extends Evaluator<[current: number, next: number]> {
  /** Seconds spent so far. */
  seconds = 0;

  override get defaultName(): string {
    return "validation";
  }

  override async call(trainer?: Trainer): Promise<Record<string, number>> {
    const start = performance.now();
    try {
      return await super.call(trainer);
    } finally {
      this.seconds += (performance.now() - start) / 1000;
    }
  }
}
