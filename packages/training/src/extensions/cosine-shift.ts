import { ValueError } from "@chain/array";
import { HyperparameterShift, type ShiftOptions } from "./hyperparameter-shift.js";

/**
 * Lets a hyperparameter go down half a cosine: from `valueRange[0]`, which it has until call `timeRange[0]`, to
 * `valueRange[1]`, which it has from call `timeRange[1]` on. In between it is
 * `v2 + (v1 - v2) * (1 + cos(π * (t - t1) / (t2 - t1))) / 2` (Loshchilov and Hutter, "SGDR",
 * https://arxiv.org/abs/1608.03983, without restarts). Arguments are those of `LinearShift`; Chainer has no such.
 */
export class CosineShift extends HyperparameterShift {
  constructor(
    attr: string,
    readonly valueRange: readonly [from: number, to: number],
    readonly timeRange: readonly [from: number, to: number],
    options: ShiftOptions = {},
  ) {
    super(attr, options);
    if (!(timeRange[0] <= timeRange[1])) {
      throw new ValueError(`timeRange of CosineShift goes forward, got ${timeRange[0]} to ${timeRange[1]}`);
    }
  }

  override get defaultName(): string {
    return "CosineShift";
  }

  protected override valueAt(t: number): number {
    const [t1, t2] = this.timeRange;
    const [v1, v2] = this.valueRange;
    if (t <= t1) return v1;
    return t >= t2 ? v2 : v2 + ((v1 - v2) * (1 + Math.cos((Math.PI * (t - t1)) / (t2 - t1)))) / 2;
  }
}
