import { Parameter, type Variable, type VariableLike } from "@chain/autograd";
import { linear } from "@chain/autograd/functions";
import { getInitializer } from "../initializers/get-initializer.js";
import type { InitializerLike } from "../initializers/initializer.js";
import { Link } from "../link.js";

/** Options of {@link Linear}, and of other links with weights and a bias. */
export interface LinearOptions {
  /** Leaves the bias out. Default false. */
  readonly nobias?: boolean;
  /** First weights; `LeCunNormal` by default. */
  readonly initialW?: InitializerLike | null;
  /** First bias; 0 by default. */
  readonly initialBias?: InitializerLike | null;
}

/**
 * `y = x · Wᵀ + b` (Chainer's `Linear`): `W` has shape (outSize, inSize), `b` (outSize).
 *
 * With `inSize` null, or left out (`new Linear(10)`), it is taken from the first input.
 */
export class Linear extends Link {
  readonly inSize: number | null;
  readonly outSize: number;
  readonly W: Parameter;
  readonly b: Parameter | null;

  constructor(outSize: number, options?: LinearOptions);
  constructor(inSize: number | null, outSize: number | null, options?: LinearOptions);
  constructor(first: number | null, second: number | null | LinearOptions = null, third: LinearOptions = {}) {
    super();
    const [inSize, outSize, options] =
      typeof second === "number" ? [first, second, third] : [null, first as number, second ?? third];
    const { nobias = false, initialW = null, initialBias = null } = options;
    this.inSize = inSize;
    this.outSize = outSize;
    this.W = new Parameter(getInitializer(initialW), { shape: inSize === null ? null : [outSize, inSize], name: "W" });
    this.b = nobias ? null : new Parameter(getInitializer(initialBias ?? 0), { shape: outSize, name: "b" });
  }

  /** `x` has shape (batch, inSize); further axes count as one. With `nBatchAxes`, so many first axes are the batch's. */
  override forward(x: VariableLike, options: { readonly nBatchAxes?: number } = {}): Variable {
    const { nBatchAxes = 1 } = options;
    if (!this.W.isInitialized) this.initializeParams(x, options);
    return linear(x, this.W, this.b, { nBatchAxes });
  }

  /** Makes the weights for inputs like `x`; running the link does it by itself. */
  initializeParams(x: VariableLike, options: { readonly nBatchAxes?: number } = {}): void {
    const inSize = x.shape.slice(options.nBatchAxes ?? 1).reduce((product, length) => product * length, 1);
    this.W.initialize([this.outSize, inSize]);
  }
}
