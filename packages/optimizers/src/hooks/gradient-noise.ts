import { random, type DType, type NdArray, type Shape } from "@chain/array";
import { add, elementwise, type KernelRun } from "@chain/array/kernel";
import type { Parameter } from "@chain/autograd";
import { writableGradient } from "../gradients.js";
import { KernelHook } from "../hook.js";
import type { UpdateRule } from "../update-rule.js";

/** Makes the noise for one gradient. */
export type NoiseFunction = (
  shape: Shape,
  options: { readonly dtype: DType; readonly device: string },
  hook: GradientNoise,
  rule: UpdateRule,
) => NdArray;

const addTo = elementwise("add", (a, b) => add(a, b));

/** Normal noise that decays: deviation `√(eta / (1 + t)^0.55)` after `t` updates (Neelakantan et al. 2015). */
export const exponentialDecayNoise: NoiseFunction = (shape, options, hook, rule) =>
  random.normal(0, Math.sqrt(hook.eta / (1 + rule.t) ** 0.55), shape, options);

/** Adds noise to every gradient (Chainer's `GradientNoise`). */
export class GradientNoise extends KernelHook {
  readonly name = "GradientNoise";
  /** Makes the noise; {@link exponentialDecayNoise} by default. */
  noiseFunc: NoiseFunction;

  constructor(
    public eta: number,
    options: { readonly noiseFunc?: NoiseFunction } = {},
  ) {
    super();
    this.noiseFunc = options.noiseFunc ?? exponentialDecayNoise;
  }

  prepare(rule: UpdateRule, param: Parameter): KernelRun {
    const grad = writableGradient(param);
    const { shape, dtype, device } = grad;
    return addTo.prepare(grad, grad, this.noiseFunc(shape, { dtype, device }, this, rule));
  }
}
