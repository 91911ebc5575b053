import { ValueError } from "@chain/array";
import { HyperparameterShift, type ShiftOptions } from "./hyperparameter-shift.js";

/**
 * Changes a hyperparameter evenly from `valueRange[0]`, which it has until call `timeRange[0]`, to `valueRange[1]`, which
 * it has from call `timeRange[1]` on.
 */
export class LinearShift extends HyperparameterShift {
  constructor(
    attr: string,
    readonly valueRange: readonly [from: number, to: number],
    readonly timeRange: readonly [from: number, to: number],
    options: ShiftOptions = {},
  ) {
    super(attr, options);
    if (!(timeRange[0] <= timeRange[1])) {
      throw new ValueError(`timeRange of LinearShift goes forward, got ${timeRange[0]} to ${timeRange[1]}`);
    }
  }

  override get defaultName(): string {
    return "LinearShift";
  }

  protected override valueAt(t: number): number {
    const [t1, t2] = this.timeRange;
    const [v1, v2] = this.valueRange;
    if (t <= t1) return v1;
    return t >= t2 ? v2 : v1 + ((t - t1) / (t2 - t1)) * (v2 - v1);
  }
}
