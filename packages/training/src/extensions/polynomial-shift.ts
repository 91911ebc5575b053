import { ValueError } from "@chain/array";
import { ScalingShift, type InitialShiftOptions } from "./hyperparameter-shift.js";

/** Lets a hyperparameter go to zero in `maxCount` calls: `init * (1 - t / maxCount) ** rate`, and zero from then on. */
export class PolynomialShift extends ScalingShift {
  constructor(
    attr: string,
    readonly rate: number,
    readonly maxCount: number,
    options: InitialShiftOptions = {},
  ) {
    super(attr, options);
    if (!(maxCount > 0)) throw new ValueError(`maxCount of PolynomialShift is positive, got ${maxCount}`);
  }

  override get defaultName(): string {
    return "PolynomialShift";
  }

  protected override get growing(): boolean {
    return this.rate < 0;
  }

  protected override scaled(init: number, t: number): number {
    return init * Math.max(1 - t / this.maxCount, 0) ** this.rate;
  }
}
