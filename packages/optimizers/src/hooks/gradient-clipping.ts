import { div, elementwise, gt, mul, runTogether, sqrt, where } from "@chain/array/kernel";
import type { GradientMethod } from "../gradient-method.js";
import { writableGradient } from "../gradients.js";
import type { OptimizerHook } from "../hook.js";
import { sumOfAllSquares } from "./norms.js";

const scaleBy = elementwise("scale_by", (g, rate) => mul(g, rate));
const clipRate = elementwise("clip_rate", { scalars: ["threshold"] }, (squares, { threshold }) => {
  const norm = sqrt(squares);
  return where(gt(norm, threshold), div(threshold, norm), 1);
});

/**
 * Scales all gradients together so that their norm, that of one vector of all elements, is at most `threshold`
 * (Chainer's `GradientClipping`). The norm is computed and used on the device, and never read.
 */
export class GradientClipping implements OptimizerHook {
  readonly name = "GradientClipping";
  readonly timing = "pre";
  readonly callForEachParam = false;

  constructor(public threshold: number) {}

  call(optimizer: GradientMethod): void {
    const grads = optimizer.target.params({ includeUninit: false }).map(writableGradient);
    if (grads.length === 0) return;
    const rate = clipRate(sumOfAllSquares(grads), { threshold: this.threshold });
    runTogether(grads.map((grad) => scaleBy.prepare(grad, grad, rate)));
  }
}
