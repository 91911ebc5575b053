import { add, div, elementwise, gt, mul, sqrt, where, type KernelRun } from "@chain/array/kernel";
import type { Parameter } from "@chain/autograd";
import { writableGradient } from "../gradients.js";
import { KernelHook } from "../hook.js";
import type { UpdateRule } from "../update-rule.js";
import { sumOfSquares } from "./norms.js";

const localRate = elementwise(
  "lars_rate",
  { scalars: ["threshold", "weightDecay", "eps"] },
  (paramSquares, gradSquares, { threshold, weightDecay, eps }) => {
    const paramNorm = sqrt(paramSquares);
    const rate = div(paramNorm, add(add(eps, sqrt(gradSquares)), mul(weightDecay, paramNorm)));
    return where(gt(paramNorm, threshold), rate, 1);
  },
);
const scaleGradient = elementwise("lars", { scalars: ["weightDecay"] }, (g, p, rate, { weightDecay }) =>
  mul(add(g, mul(weightDecay, p)), rate),
);

/** Options of {@link GradientLARS}. */
export interface GradientLARSOptions {
  /** Parameters with a smaller norm keep their gradients. Default 0.01. */
  readonly threshold?: number;
  /** Weight decay, added to gradients. Default 0. */
  readonly weightDecay?: number;
  /** Keeps the divisor from 0. Default 1e-9. */
  readonly eps?: number;
}

/**
 * Layer-wise adaptive rate scaling: each gradient is scaled by `‖p‖ / (eps + ‖g‖ + weightDecay · ‖p‖)` (Chainer's
 * `GradientLARS`; You et al. 2017). The norms are computed and used on the device, and never read.
 */
export class GradientLARS extends KernelHook {
  readonly name = "GradientLARS";
  threshold: number;
  weightDecay: number;
  eps: number;

  constructor(options: GradientLARSOptions = {}) {
    super();
    this.threshold = options.threshold ?? 1e-2;
    this.weightDecay = options.weightDecay ?? 0;
    this.eps = options.eps ?? 1e-9;
  }

  prepare(_rule: UpdateRule, param: Parameter): KernelRun {
    const grad = writableGradient(param);
    const { threshold, weightDecay, eps } = this;
    const rate = localRate(sumOfSquares(param.array), sumOfSquares(grad), { threshold, weightDecay, eps });
    return scaleGradient.prepare(grad, grad, param.array, rate, { weightDecay });
  }
}
