import { ValueError } from "@chain/array";
import { ScalingShift, type InitialShiftOptions } from "./hyperparameter-shift.js";

/** Multiplies a hyperparameter by `gamma` at every `step`-th call: `init * gamma ** floor(t / step)`. */
export class StepShift extends ScalingShift {
  constructor(
    attr: string,
    readonly gamma: number,
    readonly step: number,
    options: InitialShiftOptions = {},
  ) {
    super(attr, options);
    if (!(gamma >= 0)) throw new ValueError(`the gamma of StepShift cannot be negative, got ${gamma}`);
    if (!(step > 0)) throw new ValueError(`the step of StepShift is a positive number of calls, got ${step}`);
  }

  override get defaultName(): string {
    return "StepShift";
  }

  protected override get growing(): boolean {
    return this.gamma > 1;
  }

  protected override scaled(init: number, t: number): number {
    return init * this.gamma ** Math.floor(t / this.step);
  }
}
