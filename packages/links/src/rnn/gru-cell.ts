/** What gated recurrent units compute between their matrix products. */
import { add, mul, sub, tanh } from "@chain/array/kernel";
import { cellFunction, gate, whole, type Variable, type VariableLike } from "@chain/autograd";

type V = VariableLike;

/** The part of the last output that the reset gate lets through. */
export const resetOutput: (r: V, h: V) => [y: Variable] = cellFunction(
  "gru-reset",
  [
    ["r", whole],
    ["h", whole],
  ],
  ["y"],
  ([r], [h]) => [mul(gate(r), h)],
);

/** The next output, between the last one and the candidate. */
export const nextOutput: (z: V, x: V, h: V) => [y: Variable] = cellFunction(
  "gru",
  [
    ["z", whole],
    ["x", whole],
    ["h", whole],
  ],
  ["y"],
  ([z], [x], [h]) => [add(mul(gate(z), tanh(x)), mul(sub(1, gate(z)), h))],
);

/** The first output, when there is no last one. */
export const firstOutput: (z: V, x: V) => [y: Variable] = cellFunction(
  "gru-first",
  [
    ["z", whole],
    ["x", whole],
  ],
  ["y"],
  ([z], [x]) => [mul(gate(z), tanh(x))],
);
