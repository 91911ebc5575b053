import type { Parameter } from "@chain/autograd";
import { elementwise, max, min, type KernelRun } from "@chain/array/kernel";
import { writableGradient } from "../gradients.js";
import { KernelHook } from "../hook.js";
import type { UpdateRule } from "../update-rule.js";

const clip = elementwise("hard_clip", { scalars: ["lower", "upper"] }, (g, { lower, upper }) =>
  min(upper, max(lower, g)),
);

/** Clips every element of every gradient to `[lowerBound, upperBound]` (Chainer's `GradientHardClipping`). */
export class GradientHardClipping extends KernelHook {
  readonly name = "GradientHardClipping";

  constructor(
    public lowerBound: number,
    public upperBound: number,
  ) {
    super();
  }

  prepare(_rule: UpdateRule, param: Parameter): KernelRun {
    const grad = writableGradient(param);
    return clip.prepare(grad, grad, { lower: this.lowerBound, upper: this.upperBound });
  }
}
