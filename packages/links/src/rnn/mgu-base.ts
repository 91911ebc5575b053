import { add, mul, sub, tanh } from "@chain/array/kernel";
import { cellFunction, gate, whole, type Variable, type VariableLike } from "@chain/autograd";
import { concat } from "@chain/autograd/functions";
import { Chain } from "../chain.js";
import { Linear } from "../connection/linear.js";

/** The part of the last output that the gate lets through. */
const kept = cellFunction(
  "mgu-kept",
  [
    ["f", whole],
    ["h", whole],
  ],
  ["y"],
  ([f], [h]) => [mul(gate(f), h)],
);

const next = cellFunction(
  "mgu",
  [
    ["f", whole],
    ["x", whole],
    ["h", whole],
  ],
  ["y"],
  ([f], [x], [h]) => [add(mul(gate(f), tanh(x)), mul(sub(1, gate(f)), h))],
);

/** Parameters of minimal gated units, named as in Chainer. */
export class MGUBase extends Chain {
  readonly W_f: Linear;
  readonly W_h: Linear;
  /** Number of units. */
  readonly stateSize: number;

  constructor(inSize: number, outSize: number) {
    super();
    this.stateSize = outSize;
    this.W_f = new Linear(inSize + outSize, outSize);
    this.W_h = new Linear(inSize + outSize, outSize);
  }

  /** The next output. */
  protected step(h: VariableLike, x: VariableLike): Variable {
    const f = this.W_f.forward(concat([h, x], { axis: 1 }));
    const candidate = this.W_h.forward(concat([kept(f, h)[0], x], { axis: 1 }));
    return next(f, candidate, h)[0];
  }
}
