import { ScalingShift, type ShiftOptions } from "./hyperparameter-shift.js";

/** Multiplies a hyperparameter by `gamma` at each of the calls in `stepValue`. */
export class MultistepShift extends ScalingShift {
  /** @param init the value before the first step; null: the optimizer's own */
  constructor(
    attr: string,
    readonly gamma: number,
    readonly stepValue: readonly number[],
    init: number | null,
    options: ShiftOptions = {},
  ) {
    super(attr, init === null ? options : { ...options, init });
  }

  override get defaultName(): string {
    return "MultistepShift";
  }

  protected override get growing(): boolean {
    return this.gamma > 1;
  }

  protected override scaled(init: number, t: number): number {
    return init * this.gamma ** this.stepValue.filter((step) => step <= t).length;
  }
}
