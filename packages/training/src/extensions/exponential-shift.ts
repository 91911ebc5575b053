import { ValueError } from "@chain/array";
import { ScalingShift, type InitialShiftOptions } from "./hyperparameter-shift.js";

/** Multiplies a hyperparameter by `rate` at every call: `init * rate ** t`. */
export class ExponentialShift extends ScalingShift {
  constructor(
    attr: string,
    readonly rate: number,
    options: InitialShiftOptions = {},
  ) {
    super(attr, options);
    if (!(rate >= 0)) throw new ValueError(`the rate of ExponentialShift cannot be negative, got ${rate}`);
  }

  override get defaultName(): string {
    return "ExponentialShift";
  }

  protected override get growing(): boolean {
    return this.rate > 1;
  }

  protected override scaled(init: number, t: number): number {
    return init * this.rate ** t;
  }
}
