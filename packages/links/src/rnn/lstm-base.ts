import { Chain } from "../chain.js";
import { Linear } from "../connection/linear.js";
import { getInitializer } from "../initializers/get-initializer.js";
import type { InitializerLike } from "../initializers/initializer.js";
import { BlocksInitializer, InterleavedInitializer } from "./gate-initializers.js";

/** Options of {@link LSTM} and {@link StatelessLSTM}. */
export interface LSTMOptions {
  /** First weights from the units to themselves, drawn for each gate; `LeCunNormal` by default. */
  readonly lateralInit?: InitializerLike | null;
  /** First weights from the input, drawn for each gate; `LeCunNormal` by default. */
  readonly upwardInit?: InitializerLike | null;
  /** First biases of everything but the forget gates; 0 by default. */
  readonly biasInit?: InitializerLike | null;
  /** First biases of the forget gates; 1 by default, so that at first units remember. */
  readonly forgetBiasInit?: InitializerLike | null;
}

/** Parameters of LSTM units: the gates of every unit lie side by side, `a0 i0 f0 o0 a1 …`. */
export class LSTMBase extends Chain {
  /** From the input to all gates, with a bias. */
  readonly upward: Linear;
  /** From the last output to all gates. */
  readonly lateral: Linear;
  /** Number of units. */
  readonly stateSize: number;

  constructor(outSize: number, options?: LSTMOptions);
  constructor(inSize: number | null, outSize: number | null, options?: LSTMOptions);
  constructor(first: number | null, second: number | null | LSTMOptions = null, third: LSTMOptions = {}) {
    super();
    const [inSize, outSize, options] =
      typeof second === "number" ? [first, second, third] : [null, first as number, second ?? third];
    const { lateralInit = null, upwardInit = null, biasInit, forgetBiasInit } = options;
    const bias = getInitializer(biasInit ?? 0);
    const forgetBias = getInitializer(forgetBiasInit ?? 1);
    this.stateSize = outSize;
    this.upward = new Linear(inSize, 4 * outSize, {
      initialW: new BlocksInitializer(getInitializer(upwardInit), 4),
      initialBias: new InterleavedInitializer([bias, bias, forgetBias, bias]),
    });
    this.lateral = new Linear(outSize, 4 * outSize, {
      nobias: true,
      initialW: new BlocksInitializer(getInitializer(lateralInit), 4),
    });
  }
}
