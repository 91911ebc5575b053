import { add, mul, tanh } from "@chain/array/kernel";
import { expectMinNdim } from "../../type-check.js";
import { asArray, type Variable, type VariableLike } from "../../variable.js";
import { cellFunction, interleaved, whole } from "../cell-function.js";
import { gate } from "./gate.js";

const cell = cellFunction(
  "slstm",
  [
    ["cPrev1", whole],
    ["cPrev2", whole],
    ["x1", interleaved(4)],
    ["x2", interleaved(4)],
  ],
  ["c", "h"],
  ([cPrev1], [cPrev2], [a1, i1, f1, o1], [a2, i2, f2, o2]) => {
    const first = add(mul(tanh(a1), gate(i1)), mul(gate(f1), cPrev1));
    const second = add(mul(tanh(a2), gate(i2)), mul(gate(f2), cPrev2));
    const c = add(first, second);
    return [c, mul(gate(add(o1, o2)), tanh(c))];
  },
);

/**
 * S-LSTM: long short-term memory units that join two predecessors, such as the children of a node in a binary tree,
 *
 * - `c = tanh(a1) σ(i1) + cPrev1 σ(f1) + tanh(a2) σ(i2) + cPrev2 σ(f2)`
 * - `h = tanh(c) σ(o1 + o2)`
 *
 * where `x1` and `x2` hold the input and the gates of every unit side by side, as for `lstm`: `a0 i0 f0 o0 a1 …`.
 *
 * Follows Chainer's `slstm`; Zhu, Sobhani and Guo, "Long Short-Term Memory Over Tree Structures", 2015.
 *
 * @param cPrev1 - Shape `(N, units, …)`, floating.
 * @param cPrev2 - As `cPrev1`.
 * @param x1 - Shape `(N, 4 · units, …)`.
 * @param x2 - As `x1`.
 * @returns `[c, h]`, both of the shape of `cPrev1`.
 * @throws InvalidType if shapes do not fit, or dtypes differ or are not floating.
 */
export function slstm(
  cPrev1: VariableLike,
  cPrev2: VariableLike,
  x1: VariableLike,
  x2: VariableLike,
): [c: Variable, h: Variable] {
  expectMinNdim("slstm", "cPrev1", asArray(cPrev1), 2);
  return cell(cPrev1, cPrev2, x1, x2);
}
