import { ValueError } from "@chain/array";
import { ScalingShift, type InitialShiftOptions } from "./hyperparameter-shift.js";

/** Divides a hyperparameter: `init / (1 + gamma * t) ** power`. */
export class InverseShift extends ScalingShift {
  constructor(
    attr: string,
    readonly gamma: number,
    readonly power: number,
    options: InitialShiftOptions = {},
  ) {
    super(attr, options);
    if (!(gamma >= 0)) throw new ValueError(`the gamma of InverseShift cannot be negative, got ${gamma}`);
  }

  override get defaultName(): string {
    return "InverseShift";
  }

  protected override get growing(): boolean {
    return this.power < 0;
  }

  protected override scaled(init: number, t: number): number {
    return init / (1 + this.gamma * t) ** this.power;
  }
}
