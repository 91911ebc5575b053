import { RangeShift } from "./range-shift.js";

/**
 * Changes a hyperparameter evenly from `valueRange[0]`, which it has until call `timeRange[0]`, to `valueRange[1]`, which
 * it has from call `timeRange[1]` on.
 */
export class LinearShift extends RangeShift {
  override get defaultName(): string {
    return "LinearShift";
  }

  protected override between(from: number, to: number, part: number): number {
    return from + part * (to - from);
  }
}
