import type { NdArray } from "@chain/array";
import { add, div, elementwise, gt, mul, sqrt, where } from "@chain/array/kernel";
import type { GradientMethod } from "../gradient-method.js";
import { writableGradient } from "../gradients.js";
import type { OptimizerHook } from "../hook.js";
import { sumOfSquares } from "./norms.js";

const addTo = elementwise("add", (a, b) => add(a, b));
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
    let squares: NdArray | null = null;
    for (const grad of grads) {
      const own = sumOfSquares(grad);
      squares = squares === null ? own : addTo(squares, own);
    }
    if (squares === null) return;
    const rate = clipRate(squares, { threshold: this.threshold });
    for (const grad of grads) scaleBy.into(grad, grad, rate);
  }
}
