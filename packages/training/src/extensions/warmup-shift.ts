import { ValueError } from "@chain/array";
import { HyperparameterShift, type ShiftOptions } from "./hyperparameter-shift.js";

/** Changes a hyperparameter evenly from `warmupStart` to `init` in the first `warmupIter` calls, and leaves it then. */
export class WarmupShift extends HyperparameterShift {
  constructor(
    attr: string,
    readonly warmupStart: number,
    readonly warmupIter: number,
    readonly init: number,
    options: ShiftOptions = {},
  ) {
    super(attr, options);
    if (!(warmupIter > 0)) throw new ValueError(`warmupIter is a positive number of calls, got ${warmupIter}`);
  }

  override get defaultName(): string {
    return "WarmupShift";
  }

  protected override valueAt(t: number): number | null {
    const { init, warmupIter, warmupStart } = this;
    if (t > warmupIter) return null;
    return (t * init + (warmupIter - t) * warmupStart) / warmupIter;
  }
}
