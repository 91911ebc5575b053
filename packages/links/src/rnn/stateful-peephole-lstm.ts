import { add, mul, tanh } from "@chain/array/kernel";
import { blocks, cellFunction, gate, interleaved, whole, type Variable, type VariableLike } from "@chain/autograd";
import { add as sum, concat } from "@chain/autograd/functions";
import { Chain } from "../chain.js";
import { Linear } from "../connection/linear.js";
import { isSequence, project, type ElementOrSequence } from "./sequence.js";
import { givenState, zeroState } from "./state.js";

const nextState = cellFunction(
  "peepholeLstm-state",
  [
    ["cPrev", whole],
    ["x", interleaved(4)],
    ["peeps", blocks(2)],
  ],
  ["c"],
  ([cPrev], [a, i, f], [peepI, peepF]) => [add(mul(tanh(a), gate(add(i, peepI))), mul(gate(add(f, peepF)), cPrev))],
);

const output = cellFunction(
  "peepholeLstm",
  [
    ["c", whole],
    ["x", interleaved(4)],
    ["peepO", whole],
  ],
  ["h"],
  ([c], [, , , o], [peepO]) => [mul(gate(add(o, peepO)), tanh(c))],
);

/**
 * Long short-term memory units whose gates also see the cells (Chainer's `StatefulPeepholeLSTM`; Gers and Schmidhuber,
 * "Recurrent Nets that Time and Count", 2000): the input and forget gates the last state, the output gate the new one.
 * Gates lie side by side as in `LSTM`, which see for states; the first biases are all 0.
 */
export class StatefulPeepholeLSTM extends Chain {
  readonly upward: Linear;
  readonly lateral: Linear;
  readonly peep_i: Linear;
  readonly peep_f: Linear;
  readonly peep_o: Linear;
  /** Number of units. */
  readonly stateSize: number;
  /** State of the cells, shape (batch, outSize); null before the first run. */
  c: Variable | null = null;
  /** Last output, of the shape of `c`. */
  h: Variable | null = null;

  /** With `inSize` null, it is taken from the first input. */
  constructor(inSize: number | null, outSize: number) {
    super();
    const peephole = (): Linear => new Linear(outSize, outSize, { nobias: true });
    this.stateSize = outSize;
    this.upward = new Linear(inSize, 4 * outSize);
    this.lateral = new Linear(outSize, 4 * outSize, { nobias: true });
    this.peep_i = peephole();
    this.peep_f = peephole();
    this.peep_o = peephole();
  }

  /** Forgets the state: a new sequence begins. */
  resetState(): void {
    this.c = null;
    this.h = null;
  }

  /** Puts another state in the place of the present one; both of shape (batch, outSize). */
  setState(c: VariableLike, h: VariableLike): void {
    const name = "StatefulPeepholeLSTM";
    const [cells, last] = [givenState(name, "c", c, this.stateSize), givenState(name, "h", h, this.stateSize)];
    this.c = cells;
    this.h = last;
  }

  /** `x` has shape (batch, inSize), the result (batch, outSize); for a list of elements by time, a list of results. */
  override forward(x: VariableLike): Variable;
  override forward(xs: readonly VariableLike[]): Variable[];
  override forward(x: ElementOrSequence): Variable | Variable[] {
    if (isSequence(x)) return project([this.upward], x).map(([gates]) => this.step(gates));
    return this.step(this.upward.forward(x));
  }

  /** The output, from what the input gives the gates. */
  private step(upward: Variable): Variable {
    const gates = this.h === null ? upward : sum(upward, this.lateral.forward(this.h));
    const before = this.c ?? zeroState(gates, gates.shape[0] as number, this.stateSize);
    const peeps = concat([this.peep_i.forward(before), this.peep_f.forward(before)], { axis: 1 });
    const [c] = nextState(before, gates, peeps);
    const [h] = output(c, gates, this.peep_o.forward(c));
    this.c = c;
    this.h = h;
    return h;
  }
}
