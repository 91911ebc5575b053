import type { Parameter, Variable } from "@chain/autograd";
import { add, mean, mul, rsqrt, square, sub } from "@chain/autograd/functions";
import type { Link } from "../link-core.js";
import { WeightHook } from "./weight-hook.js";

/** Options of {@link WeightStandardization}. */
export interface WeightStandardizationOptions {
  /** Added to variances. Default 1e-5. */
  readonly eps?: number;
  /** Name of the field that holds the weight. Default `"W"`. */
  readonly weightName?: string;
  readonly name?: string;
}

/**
 * Runs a link with a weight of which every output's part has mean 0 and variance 1 (Chainer's `WeightStandardization`;
 * Qiao et al. 2019): `link.addHook(new WeightStandardization())`.
 */
export class WeightStandardization extends WeightHook {
  override readonly name: string;
  readonly eps: number;

  constructor(options: WeightStandardizationOptions = {}) {
    super(options.weightName ?? "W");
    this.name = options.name ?? "WeightStandardization";
    this.eps = options.eps ?? 1e-5;
  }

  protected override compute(_link: Link, weight: Parameter): Variable {
    const axis = weight.shape.map((_, i) => i).slice(1);
    const centered = sub(weight, mean(weight, { axis, keepdims: true }));
    const variance = mean(square(centered), { axis, keepdims: true });
    return mul(centered, rsqrt(add(variance, this.eps)));
  }
}
