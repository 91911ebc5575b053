import { add, mul, tanh } from "@chain/array/kernel";
import { blocks, cellFunction, gate, interleaved, whole, type Variable } from "@chain/autograd";
import { add as sum, concat } from "@chain/autograd/functions";
import { Linear } from "../connection/linear.js";
import { plainGates } from "./lstm-gates.js";
import { zeroState } from "./state.js";
import { StatefulLSTMBase } from "./stateful-lstm-base.js";

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
export class StatefulPeepholeLSTM extends StatefulLSTMBase {
  readonly peep_i: Linear;
  readonly peep_f: Linear;
  readonly peep_o: Linear;

  /** With `inSize` null, it is taken from the first input. */
  constructor(inSize: number | null, outSize: number) {
    super(plainGates(inSize, outSize));
    const peephole = (): Linear => new Linear(outSize, outSize, { nobias: true });
    this.peep_i = peephole();
    this.peep_f = peephole();
    this.peep_o = peephole();
  }

  protected override step(upward: Variable): Variable {
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
