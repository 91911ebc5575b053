import { Linear } from "../connection/linear.js";
import { getInitializer } from "../initializers/get-initializer.js";
import type { InitializerLike } from "../initializers/initializer.js";
import { BlocksInitializer, InterleavedInitializer } from "./gate-initializers.js";

/** Options of `LSTM` and `StatelessLSTM`. */
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

/** What gives the gates of LSTM units their inputs; the gates of every unit lie side by side, `a0 i0 f0 o0 a1 …`. */
export interface LSTMGates {
  /** From the input to all gates, with a bias. */
  readonly upward: Linear;
  /** From the last output to all gates. */
  readonly lateral: Linear;
  /** Number of units. */
  readonly stateSize: number;
}

/** Sizes and options of LSTM links: `(inSize, outSize, options)`, or without `inSize`, which the first input then tells. */
export type LSTMArguments =
  | [outSize: number, options?: LSTMOptions]
  | [inSize: number | null, outSize: number | null, options?: LSTMOptions];

/** Gates whose first weights are drawn for each by itself, and that remember at first. */
export function lstmGates([first, second, third = {}]: LSTMArguments): LSTMGates {
  const [inSize, outSize, options] =
    typeof second === "number" ? [first, second, third] : [null, first as number, second ?? third];
  const { lateralInit = null, upwardInit = null, biasInit, forgetBiasInit } = options;
  const bias = getInitializer(biasInit ?? 0);
  const forgetBias = getInitializer(forgetBiasInit ?? 1);
  return {
    stateSize: outSize,
    upward: new Linear(inSize, 4 * outSize, {
      initialW: new BlocksInitializer(getInitializer(upwardInit), 4),
      initialBias: new InterleavedInitializer([bias, bias, forgetBias, bias]),
    }),
    lateral: new Linear(outSize, 4 * outSize, {
      nobias: true,
      initialW: new BlocksInitializer(getInitializer(lateralInit), 4),
    }),
  };
}

/** Gates with first weights and biases as those of {@link Linear}. */
export function plainGates(inSize: number | null, outSize: number): LSTMGates {
  return {
    stateSize: outSize,
    upward: new Linear(inSize, 4 * outSize),
    lateral: new Linear(outSize, 4 * outSize, { nobias: true }),
  };
}
