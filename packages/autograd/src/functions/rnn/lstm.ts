import { add, mul, tanh } from "@chain/array/kernel";
import { expectMinNdim, invalidType } from "../../type-check.js";
import { asArray, type Variable, type VariableLike } from "../../variable.js";
import { concat } from "../array/concat.js";
import { splitAxis } from "../array/split-axis.js";
import { cellFunction, interleaved, whole } from "../cell-function.js";
import { gate } from "./gate.js";

/** One step of LSTM for batches of one size. */
const cell = cellFunction(
  "lstm",
  [
    ["cPrev", whole],
    ["x", interleaved(4)],
  ],
  ["c", "h"],
  ([cPrev], [a, i, f, o]) => {
    const c = add(mul(tanh(a), gate(i)), mul(gate(f), cPrev));
    return [c, mul(gate(o), tanh(c))];
  },
);

/**
 * Long short-term memory units: from the cells' state and what comes in, the next state and the output,
 *
 * - `c = tanh(a) σ(i) + cPrev σ(f)`
 * - `h = tanh(c) σ(o)`
 *
 * where `x` holds the input `a` and the gates `i`, `f`, `o` of every unit side by side: `a0 i0 f0 o0 a1 i1 …`.
 *
 * A batch may have become smaller: where `x` has fewer rows than `cPrev`, the further rows of the state do not change, and
 * `h` has as many rows as `x`.
 *
 * Follows Chainer's `lstm`; Hochreiter and Schmidhuber, "Long Short-Term Memory", 1997, with the forget gates of Gers,
 * Schmidhuber and Cummins, "Learning to Forget", 2000.
 *
 * @param cPrev - Shape `(M, units, …)`, floating.
 * @param x - Shape `(N, 4 · units, …)` with N ≤ M, dtype of `cPrev`.
 * @returns `[c, h]`: shapes `(M, units, …)` and `(N, units, …)`.
 * @throws InvalidType if shapes do not fit, or dtypes differ or are not floating.
 */
export function lstm(cPrev: VariableLike, x: VariableLike): [c: Variable, h: Variable] {
  expectMinNdim("lstm", "cPrev", asArray(cPrev), 2);
  expectMinNdim("lstm", "x", asArray(x), 2);
  const [rows, batch] = [cPrev.shape[0] as number, x.shape[0] as number];
  if (batch > rows) throw invalidType("lstm", "x.shape[0] <= cPrev.shape[0]", `${batch} > ${rows}`);
  if (batch === rows) return cell(cPrev, x);
  const [active, rest] = splitAxis(cPrev, [batch], 0) as [Variable, Variable];
  const [c, h] = cell(active, x);
  return [concat([c, rest], { axis: 0 }), h];
}
