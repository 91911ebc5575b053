/** What gated recurrent units compute between their matrix products. */
import { add, mul, sub, tanh } from "@chain/array/kernel";
import { cellFunction, gate, whole, type Variable, type VariableLike } from "@chain/autograd";

type Cell<N extends readonly VariableLike[]> = (...operands: N) => [y: Variable];
type V = VariableLike;

/** The part of the last output that the reset gate lets through. */
export const resetOutput: Cell<[x: V, u: V, h: V]> = cellFunction(
  "gru-reset",
  [
    ["x", whole],
    ["u", whole],
    ["h", whole],
  ],
  ["y"],
  ([x], [u], [h]) => [mul(gate(add(x, u)), h)],
);

/** The next output, between the last one and the candidate. */
export const nextOutput: Cell<[xz: V, uz: V, x: V, u: V, h: V]> = cellFunction(
  "gru",
  [
    ["xz", whole],
    ["uz", whole],
    ["x", whole],
    ["u", whole],
    ["h", whole],
  ],
  ["y"],
  ([xz], [uz], [x], [u], [h]) => {
    const z = gate(add(xz, uz));
    return [add(mul(z, tanh(add(x, u))), mul(sub(1, z), h))];
  },
);

/** The first output, when there is no last one. */
export const firstOutput: Cell<[xz: V, x: V]> = cellFunction(
  "gru-first",
  [
    ["xz", whole],
    ["x", whole],
  ],
  ["y"],
  ([xz], [x]) => [mul(gate(xz), tanh(x))],
);
