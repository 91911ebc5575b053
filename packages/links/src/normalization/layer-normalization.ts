import type { Parameter, Variable, VariableLike } from "@chain/autograd";
import { layerNormalization } from "@chain/autograd/functions";
import { Link } from "../link.js";
import { betaOf, gammaOf, sizeAndOptions, type ScaleAndShiftOptions } from "./scale-and-shift.js";

/** Options of {@link LayerNormalization}. */
export interface LayerNormalizationOptions extends ScaleAndShiftOptions {
  /** Added to variances, 1e-6 by default. */
  readonly eps?: number;
}

/**
 * Normalizes every row, then multiplies by `gamma` and adds `beta` (Chainer's `LayerNormalization`). Without a size, it is
 * taken from the first input.
 */
export class LayerNormalization extends Link {
  readonly eps: number;
  readonly gamma: Parameter;
  readonly beta: Parameter;

  constructor(options?: LayerNormalizationOptions);
  constructor(size: number | null, options?: LayerNormalizationOptions);
  constructor(first: number | null | LayerNormalizationOptions = null, second: LayerNormalizationOptions = {}) {
    super();
    const [size, options] = sizeAndOptions<number, LayerNormalizationOptions>(first, second);
    this.eps = options.eps ?? 1e-6;
    const shape = size === null ? null : [size];
    this.gamma = gammaOf(options, shape, null);
    this.beta = betaOf(options, shape, null);
  }

  /** `x` has shape (batch, size), the result too. */
  override forward(x: VariableLike): Variable {
    for (const param of [this.gamma, this.beta]) {
      if (!param.isInitialized) param.initialize(x.shape.slice(1, 2));
    }
    return layerNormalization(x, this.gamma, this.beta, { eps: this.eps });
  }
}
