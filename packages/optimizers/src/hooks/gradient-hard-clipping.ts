import type { Parameter } from "@chain/autograd";
import { elementwise, max, min } from "@chain/array/kernel";
import { writableGradient } from "../gradients.js";
import type { ParameterHook } from "../hook.js";
import type { UpdateRule } from "../update-rule.js";

const clip = elementwise("hard_clip", { scalars: ["lower", "upper"] }, (g, { lower, upper }) =>
  min(upper, max(lower, g)),
);

/** Clips every element of every gradient to `[lowerBound, upperBound]` (Chainer's `GradientHardClipping`). */
export class GradientHardClipping implements ParameterHook {
  readonly name = "GradientHardClipping";
  readonly timing = "pre";
  readonly callForEachParam = true;

  constructor(
    public lowerBound: number,
    public upperBound: number,
  ) {}

  call(_rule: UpdateRule, param: Parameter): void {
    const grad = writableGradient(param);
    clip.into(grad, grad, { lower: this.lowerBound, upper: this.upperBound });
  }
}
