import { add, mul, tanh } from "@chain/array/kernel";
import { formatShape, sameShape } from "../../shape.js";
import { expectFloating, expectMinNdim, expectSameDtype, expectSameShape, expectThat } from "../../type-check.js";
import { asArray, type Variable, type VariableLike } from "../../variable.js";
import { concat } from "../array/concat.js";
import { reshape } from "../array/reshape.js";
import { stack } from "../array/stack.js";
import { blocks, cellFunction, interleaved } from "../cell-function.js";
import { gate } from "./gate.js";

// The operands of both predecessors lie in one array each, because kernels can be given only so many arrays.
const cell = cellFunction(
  "slstm",
  [
    ["cPrevs", blocks(2)],
    ["xs", interleaved(8)],
  ],
  ["c", "h"],
  ([cPrev1, cPrev2], [a1, a2, i1, i2, f1, f2, o1, o2]) => {
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
  const [state, gates] = [asArray(cPrev1), asArray(x1)];
  expectFloating("slstm", "cPrev1", state);
  expectMinNdim("slstm", "cPrev1", state, 2);
  expectSameDtype("slstm", "cPrev1", state, "cPrev2", asArray(cPrev2));
  expectSameShape("slstm", "cPrev2", asArray(cPrev2), "cPrev1", state);
  const wanted = state.shape.with(1, 4 * (state.shape[1] as number));
  expectThat("slstm", sameShape(gates.shape, wanted), `x1.shape == ${formatShape(wanted)}`, formatShape(gates.shape));
  expectSameDtype("slstm", "cPrev1", state, "x1", gates);
  expectSameDtype("slstm", "cPrev1", state, "x2", asArray(x2));
  expectSameShape("slstm", "x2", asArray(x2), "x1", gates);
  const pairs = stack([x1, x2], { axis: 2 });
  const xs = reshape(pairs, wanted.with(1, 2 * (wanted[1] as number)));
  return cell(concat([cPrev1, cPrev2], { axis: 1 }), xs);
}
