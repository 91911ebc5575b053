import { extensions } from "@chain/training";

/** Updates after which the rate is that asked for, unless a tenth of all are fewer. */
const LONGEST_WARMUP = 400;

/**
 * The learning rate of He et al. 2015, section 4.2, an iteration a call: it is divided by 10 after a half and after three
 * quarters of all iterations. A rate of 0.1 is too large to begin with, so that it starts from a tenth of it and grows evenly in
 * the first 400 iterations, or in the first tenth of a shorter training.
 */
export class ResNetSchedule extends extensions.HyperparameterShift {
  private readonly warmup: number;

  constructor(
    private readonly rate: number,
    private readonly iterations: number,
  ) {
    super("lr", {});
    this.warmup = Math.min(LONGEST_WARMUP, iterations / 10);
  }

  override get defaultName(): string {
    return "ResNetSchedule";
  }

  protected override valueAt(t: number): number {
    const { iterations, rate, warmup } = this;
    if (t < warmup) return rate * (0.1 + (0.9 * t) / warmup);
    const drops = [0.5, 0.75].filter((part) => t >= Math.floor(part * iterations)).length;
    return rate * 0.1 ** drops;
  }
}
