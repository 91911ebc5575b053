import { RangeShift } from "./range-shift.js";

/**
 * Lets a hyperparameter go down half a cosine: from `valueRange[0]`, which it has until call `timeRange[0]`, to
 * `valueRange[1]`, which it has from call `timeRange[1]` on. In between it is
 * `v2 + (v1 - v2) * (1 + cos(π * (t - t1) / (t2 - t1))) / 2` (Loshchilov and Hutter, "SGDR",
 * https://arxiv.org/abs/1608.03983, without restarts). Arguments are those of `LinearShift`; Chainer has no such.
 */
export class CosineShift extends RangeShift {
  override get defaultName(): string {
    return "CosineShift";
  }

  protected override between(from: number, to: number, part: number): number {
    return to + ((from - to) * (1 + Math.cos(Math.PI * part))) / 2;
  }
}
