import { NdArray } from "@chain/array";
import type { Variable, VariableLike } from "@chain/autograd";
import { maxout } from "@chain/autograd/functions";
import { Chain } from "../chain.js";
import { Linear } from "../connection/linear.js";
import type { InitializerLike } from "../initializers/initializer.js";

/** Options of {@link Maxout}. */
export interface MaxoutOptions {
  /** First weights; an array has shape (outSize, poolSize, inSize). */
  readonly initialW?: InitializerLike | null;
  /** First bias, 0 by default; an array has shape (outSize, poolSize). Null leaves the bias out. */
  readonly initialBias?: InitializerLike | null;
}

/** The largest of `poolSize` linear functions, for each output (Chainer's `Maxout`; Goodfellow et al. 2013). */
export class Maxout extends Chain {
  readonly linear: Linear;
  readonly outSize: number;
  readonly poolSize: number;

  /** `inSize` null takes the size from the first input. */
  constructor(inSize: number | null, outSize: number, poolSize: number, options: MaxoutOptions = {}) {
    super();
    const { initialW = null, initialBias = 0 } = options;
    const size = outSize * poolSize;
    this.outSize = outSize;
    this.poolSize = poolSize;
    this.linear = new Linear(inSize, size, {
      nobias: initialBias === null,
      initialW: initialW instanceof NdArray ? initialW.reshape([size, -1]) : initialW,
      initialBias: initialBias instanceof NdArray ? initialBias.reshape([size]) : initialBias,
    });
  }

  /** `x` has shape (batch, inSize), the result (batch, outSize). */
  override forward(x: VariableLike): Variable {
    return maxout(this.linear.forward(x), this.poolSize);
  }
}
