import { add, mul, tanh } from "@chain/array/kernel";
import type { Variable, VariableLike } from "../../variable.js";
import { blocks, cellFunction, whole } from "../cell-function.js";
import { linear } from "../connection/linear.js";
import { add as sum } from "../math/basic-math.js";
import { gate } from "./gate.js";
import { joinParameters, projection, runNStep, type NStepNetwork, type ParameterLists } from "./n-step.js";

const cell = cellFunction(
  "nStepLstm",
  [
    ["c", whole],
    ["gates", blocks(4)],
  ],
  ["c", "h"],
  ([c], [i, f, a, o]) => {
    const next = add(mul(tanh(a), gate(i)), mul(gate(f), c));
    return [next, mul(gate(o), tanh(next))];
  },
);

const gates = 4;

function network(name: string): NStepNetwork {
  return {
    name,
    gates,
    direction(ws, bs) {
      const lateral = joinParameters(ws.slice(gates));
      // Both biases are added at every step, so that their sum may be.
      const bias = sum(joinParameters(bs.slice(0, gates)), joinParameters(bs.slice(gates)));
      return {
        project: projection(gates, ws, bias),
        next(contribution, [h, c]) {
          const [nextC, nextH] = cell(c as Variable, sum(contribution, linear(h as Variable, lateral)));
          return [nextH, nextC];
        },
      };
    },
  };
}

const oneWay = network("nStepLstm");
const bothWays = network("nStepBilstm");

/**
 * Layers of long short-term memory units over sequences that may differ in length. A layer computes
 *
 * - `i = σ(W0 x + W4 h + b0 + b4)`, `f = σ(W1 x + W5 h + b1 + b5)`, `o = σ(W3 x + W7 h + b3 + b7)`
 * - `a = tanh(W2 x + W6 h + b2 + b6)`
 * - `c' = f c + i a`, `h' = o tanh(c')`
 *
 * and passes `h'` on to the next layer, through dropout in training.
 *
 * Follows Chainer's `n_step_lstm`.
 *
 * @param nLayers - Number of layers.
 * @param dropoutRatio - Of what layers but the first take in.
 * @param hx - First outputs, shape `(layers, batch, units)`, floating.
 * @param cx - First states of the cells, as `hx`.
 * @param ws - For each layer eight matrices: four `(units, inputs)`, four `(units, units)`. To layers but the first,
 * `inputs` is `units`.
 * @param bs - For each layer eight biases `(units,)`.
 * @param xs - By time: element `t` of every sequence that is long enough, shape `(batch[t], inputs)`. Sequences are sorted
 * by length, longest first, so that `batch[t]` never grows; `transposeSequence` makes such a list.
 * @returns `[hy, cy, ys]`: last outputs and states, shaped as `hx`, and by time the last layer's outputs, `(batch[t],
 * units)`.
 * @throws InvalidType if shapes or numbers of parameters do not fit, or dtypes differ or are not floating; ValueError for
 * an impossible `nLayers` or `dropoutRatio`.
 */
export function nStepLstm(
  nLayers: number,
  dropoutRatio: number,
  hx: VariableLike,
  cx: VariableLike,
  ws: ParameterLists,
  bs: ParameterLists,
  xs: readonly VariableLike[],
): [hy: Variable, cy: Variable, ys: Variable[]] {
  return run(oneWay, 1, nLayers, dropoutRatio, hx, cx, ws, bs, xs);
}

/**
 * As {@link nStepLstm}, in both directions: a layer consists of one network that reads the sequences from the first
 * element to the last and one that reads them backwards, and passes the outputs of both on, side by side.
 *
 * Follows Chainer's `n_step_bilstm`.
 *
 * @param hx - Shape `(2 · layers, batch, units)`: layer 0 forwards, layer 0 backwards, layer 1 forwards, …; so `cx`, `ws`
 * and `bs`. To layers but the first, `inputs` is `2 · units`.
 * @returns `[hy, cy, ys]`; an element of `ys` has shape `(batch[t], 2 · units)`.
 */
export function nStepBilstm(
  nLayers: number,
  dropoutRatio: number,
  hx: VariableLike,
  cx: VariableLike,
  ws: ParameterLists,
  bs: ParameterLists,
  xs: readonly VariableLike[],
): [hy: Variable, cy: Variable, ys: Variable[]] {
  return run(bothWays, 2, nLayers, dropoutRatio, hx, cx, ws, bs, xs);
}

function run(
  kind: NStepNetwork,
  directions: 1 | 2,
  layers: number,
  dropoutRatio: number,
  hx: VariableLike,
  cx: VariableLike,
  ws: ParameterLists,
  bs: ParameterLists,
  xs: readonly VariableLike[],
): [hy: Variable, cy: Variable, ys: Variable[]] {
  const { states, ys } = runNStep(kind, { layers, directions, dropoutRatio, states: [hx, cx], ws, bs, xs });
  const [hy, cy] = states as [Variable, Variable];
  return [hy, cy, ys];
}
