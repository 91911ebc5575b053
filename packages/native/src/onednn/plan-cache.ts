import type { OneDnn } from "./library.js";
import { ConvolutionPlan, type Convolution } from "./plan.js";

/** Plans of the convolutions that ran last. Making one takes milliseconds: code is generated for it. */
export class PlanCache {
  readonly #library: OneDnn;
  readonly #limit: number;
  /** In order of last use; null for what the library leaves to others. */
  readonly #plans = new Map<string, ConvolutionPlan | null>();

  /** @param limit - How many plans are kept. */
  constructor(library: OneDnn, limit = 512) {
    this.#library = library;
    this.#limit = limit;
  }

  get size(): number {
    return this.#plans.size;
  }

  /** The plan of a convolution, or null where the library has no code for it that is worth it. */
  get(convolution: Convolution): ConvolutionPlan | null {
    const key = keyOf(convolution);
    let plan = this.#plans.get(key);
    if (plan === undefined) {
      plan = ConvolutionPlan.make(this.#library, convolution);
      if (this.#plans.size >= this.#limit) this.#dropOldest();
    } else {
      this.#plans.delete(key);
    }
    this.#plans.set(key, plan);
    return plan;
  }

  #dropOldest(): void {
    for (const [key, plan] of this.#plans) {
      plan?.release();
      this.#plans.delete(key);
      return;
    }
  }
}

function keyOf({ direction, x, w, y, bias, geometry: { stride, pad, dilate, groups } }: Convolution): string {
  return `${direction} ${bias} ${groups}|${x.join()}|${w.join()}|${y.join()}|${stride.join()}|${pad.join()}|${dilate.join()}`;
}
