import { ValueError } from "@chain/array";
import { add, max, tanh } from "@chain/array/kernel";
import type { Variable, VariableLike } from "../../variable.js";
import { cellFunction, whole } from "../cell-function.js";
import { linear } from "../connection/linear.js";
import { joinParameters, projection, runNStep, type NStepNetwork, type ParameterLists } from "./n-step.js";

/** What {@link nStepRnn} applies to the sum of what comes in. */
export type RnnActivation = "tanh" | "relu";

/** Options of {@link nStepRnn} and {@link nStepBirnn}. */
export interface NStepRnnOptions {
  /** "tanh" by default. */
  readonly activation?: RnnActivation;
}

const cells = {
  tanh: cellFunction(
    "nStepRnn",
    [
      ["x", whole],
      ["u", whole],
    ],
    ["y"],
    ([x], [u]) => [tanh(add(x, u))],
  ),
  relu: cellFunction(
    "nStepRnn",
    [
      ["x", whole],
      ["u", whole],
    ],
    ["y"],
    // In this order the slope at 0 is 0.
    ([x], [u]) => [max(0, add(x, u))],
  ),
};

function network(name: string, activation: RnnActivation): NStepNetwork {
  const cell = (cells as Partial<typeof cells>)[activation];
  if (cell === undefined) throw new ValueError(`${name}: activation is "tanh" or "relu", got ${activation as string}`);
  return {
    name,
    gates: 1,
    direction(ws, bs) {
      const [lateral, bias] = [joinParameters(ws.slice(1)), joinParameters(bs.slice(1))];
      return {
        project: projection(1, ws, joinParameters(bs.slice(0, 1))),
        next: (contribution, [h]) => cell(contribution, linear(h as Variable, lateral, bias)),
      };
    },
  };
}

/**
 * Layers of simple recurrent units over sequences that may differ in length: `h' = tanh(W0 x + b0 + W1 h + b1)`, or relu
 * in the place of tanh. A layer passes `h'` on to the next one, through dropout in training.
 *
 * Follows Chainer's `n_step_rnn`.
 *
 * @param nLayers - Number of layers.
 * @param dropoutRatio - Of what layers but the first take in.
 * @param hx - First outputs, shape `(layers, batch, units)`, floating.
 * @param ws - For each layer two matrices: `(units, inputs)` and `(units, units)`. To layers but the first, `inputs` is
 * `units`.
 * @param bs - For each layer two biases `(units,)`.
 * @param xs - By time: element `t` of every sequence that is long enough, shape `(batch[t], inputs)`. Sequences are sorted
 * by length, longest first, so that `batch[t]` never grows; `transposeSequence` makes such a list.
 * @returns `[hy, ys]`: last outputs, shaped as `hx`, and by time the last layer's outputs, `(batch[t], units)`.
 * @throws InvalidType if shapes or numbers of parameters do not fit, or dtypes differ or are not floating; ValueError for
 * an impossible `nLayers`, `dropoutRatio` or `activation`.
 */
export function nStepRnn(
  nLayers: number,
  dropoutRatio: number,
  hx: VariableLike,
  ws: ParameterLists,
  bs: ParameterLists,
  xs: readonly VariableLike[],
  { activation = "tanh" }: NStepRnnOptions = {},
): [hy: Variable, ys: Variable[]] {
  const kind = network("nStepRnn", activation);
  const { states, ys } = runNStep(kind, { layers: nLayers, directions: 1, dropoutRatio, states: [hx], ws, bs, xs });
  return [states[0] as Variable, ys];
}

/**
 * As {@link nStepRnn}, in both directions; see `nStepBilstm` for how parameters, states and outputs are arranged.
 *
 * Follows Chainer's `n_step_birnn`.
 *
 * @param hx - Shape `(2 · layers, batch, units)`.
 * @returns `[hy, ys]`; an element of `ys` has shape `(batch[t], 2 · units)`.
 */
export function nStepBirnn(
  nLayers: number,
  dropoutRatio: number,
  hx: VariableLike,
  ws: ParameterLists,
  bs: ParameterLists,
  xs: readonly VariableLike[],
  { activation = "tanh" }: NStepRnnOptions = {},
): [hy: Variable, ys: Variable[]] {
  const kind = network("nStepBirnn", activation);
  const { states, ys } = runNStep(kind, { layers: nLayers, directions: 2, dropoutRatio, states: [hx], ws, bs, xs });
  return [states[0] as Variable, ys];
}
