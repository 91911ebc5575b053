import { ValueError } from "@chain/array";
import { HyperparameterShift, type ShiftOptions } from "./hyperparameter-shift.js";

/**
 * Base of extensions that take a hyperparameter from `valueRange[0]`, which it has until call `timeRange[0]`, to
 * `valueRange[1]`, which it has from call `timeRange[1]` on.
 */
export abstract class RangeShift extends HyperparameterShift {
  constructor(
    attr: string,
    readonly valueRange: readonly [from: number, to: number],
    readonly timeRange: readonly [from: number, to: number],
    options: ShiftOptions = {},
  ) {
    super(attr, options);
    if (!(timeRange[0] <= timeRange[1])) {
      throw new ValueError(`timeRange of ${this.defaultName} goes forward, got ${timeRange[0]} to ${timeRange[1]}`);
    }
  }

  /** The value between `from` and `to` when a part of the calls between them, above 0 and below 1, is over. */
  protected abstract between(from: number, to: number, part: number): number;

  protected override valueAt(t: number): number {
    const [t1, t2] = this.timeRange;
    const [v1, v2] = this.valueRange;
    if (t <= t1) return v1;
    return t >= t2 ? v2 : this.between(v1, v2, (t - t1) / (t2 - t1));
  }
}
