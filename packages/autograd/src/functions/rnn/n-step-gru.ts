import { add, mul, tanh } from "@chain/array/kernel";
import type { Variable, VariableLike } from "../../variable.js";
import { blocks, cellFunction, whole } from "../cell-function.js";
import { linear } from "../connection/linear.js";
import { gate, interpolate } from "./gate.js";
import { joinParameters, projection, runNStep, type NStepNetwork, type ParameterLists } from "./n-step.js";

const cell = cellFunction(
  "nStepGru",
  [
    ["h", whole],
    ["x", blocks(3)],
    ["u", blocks(3)],
  ],
  ["y"],
  ([h], [xr, xz, x], [ur, uz, u]) => {
    const candidate = tanh(add(x, mul(gate(add(xr, ur)), u)));
    return [interpolate(gate(add(xz, uz)), h, candidate)];
  },
);

const gates = 3;

function network(name: string): NStepNetwork {
  return {
    name,
    gates,
    direction(ws, bs) {
      const [lateral, bias] = [joinParameters(ws.slice(gates)), joinParameters(bs.slice(gates))];
      return {
        project: projection(gates, ws, joinParameters(bs.slice(0, gates))),
        next: (contribution, [h]) => cell(h as Variable, contribution, linear(h as Variable, lateral, bias)),
      };
    },
  };
}

const oneWay = network("nStepGru");
const bothWays = network("nStepBigru");

/**
 * Layers of gated recurrent units over sequences that may differ in length. A layer computes
 *
 * - `r = σ(W0 x + b0 + W3 h + b3)`, `z = σ(W1 x + b1 + W4 h + b4)`
 * - `a = tanh(W2 x + b2 + r (W5 h + b5))`
 * - `h' = (1 - z) a + z h`
 *
 * and passes `h'` on to the next layer, through dropout in training.
 *
 * Follows Chainer's `n_step_gru`. (Its link `GRU` applies the reset gate before the product, and swaps the roles of `z`.)
 *
 * @param nLayers - Number of layers.
 * @param dropoutRatio - Of what layers but the first take in.
 * @param hx - First outputs, shape `(layers, batch, units)`, floating.
 * @param ws - For each layer six matrices: three `(units, inputs)`, three `(units, units)`. To layers but the first,
 * `inputs` is `units`.
 * @param bs - For each layer six biases `(units,)`.
 * @param xs - By time: element `t` of every sequence that is long enough, shape `(batch[t], inputs)`. Sequences are sorted
 * by length, longest first, so that `batch[t]` never grows; `transposeSequence` makes such a list.
 * @returns `[hy, ys]`: last outputs, shaped as `hx`, and by time the last layer's outputs, `(batch[t], units)`.
 * @throws InvalidType if shapes or numbers of parameters do not fit, or dtypes differ or are not floating; ValueError for
 * an impossible `nLayers` or `dropoutRatio`.
 */
export function nStepGru(
  nLayers: number,
  dropoutRatio: number,
  hx: VariableLike,
  ws: ParameterLists,
  bs: ParameterLists,
  xs: readonly VariableLike[],
): [hy: Variable, ys: Variable[]] {
  const { states, ys } = runNStep(oneWay, { layers: nLayers, directions: 1, dropoutRatio, states: [hx], ws, bs, xs });
  return [states[0] as Variable, ys];
}

/**
 * As {@link nStepGru}, in both directions; see `nStepBilstm` for how parameters, states and outputs are arranged.
 *
 * Follows Chainer's `n_step_bigru`.
 *
 * @param hx - Shape `(2 · layers, batch, units)`.
 * @returns `[hy, ys]`; an element of `ys` has shape `(batch[t], 2 · units)`.
 */
export function nStepBigru(
  nLayers: number,
  dropoutRatio: number,
  hx: VariableLike,
  ws: ParameterLists,
  bs: ParameterLists,
  xs: readonly VariableLike[],
): [hy: Variable, ys: Variable[]] {
  const { states, ys } = runNStep(bothWays, { layers: nLayers, directions: 2, dropoutRatio, states: [hx], ws, bs, xs });
  return [states[0] as Variable, ys];
}
