import { add, mul, tanh, type Expr } from "@chain/array/kernel";
import {
  expectEqual,
  expectFloating,
  expectNdim,
  expectSameDtype,
  expectSameShape,
  invalidType,
} from "../../type-check.js";
import { asArray, type Variable, type VariableLike } from "../../variable.js";
import { concat } from "../array/concat.js";
import { reshape } from "../array/reshape.js";
import { splitAxis } from "../array/split-axis.js";
import { sigmoid } from "../activation/sigmoid.js";
import { mul as multiply } from "../math/basic-math.js";
import { sum } from "../math/sum.js";
import { blocks, cellFunction, whole } from "../cell-function.js";
import { gate } from "./gate.js";

/** With more children than this, what they leave is summed up before the cell, which then is the same for any number. */
const fusedChildren = 4;

type Cell = (cs: VariableLike, x: VariableLike) => [c: Variable, h: Variable];

const cells = new Map<number, Cell>();

/** A node with so many children, their states side by side. */
function cellFor(children: number): Cell {
  let cell = cells.get(children);
  if (cell === undefined) {
    cell = cellFunction(
      "treeLstm",
      [
        ["cs", blocks(children)],
        ["x", blocks(3 + children)],
      ],
      ["c", "h"],
      (cs, [a, i, o, ...fs]) =>
        results(
          a as Expr,
          i as Expr,
          o as Expr,
          cs.map((c, k) => mul(gate(fs[k] as Expr), c)),
        ),
    );
    cells.set(children, cell);
  }
  return cell;
}

/** A node whose children have left something already. */
const summedCell = cellFunction(
  "treeLstm",
  [
    ["left", whole],
    ["x", blocks(3)],
  ],
  ["c", "h"],
  ([left], [a, i, o]) => results(a, i, o, [left]),
);

function results(a: Expr, i: Expr, o: Expr, left: readonly Expr[]): [c: Expr, h: Expr] {
  const c = left.reduce((total, term) => add(total, term), mul(tanh(a), gate(i)));
  return [c, mul(gate(o), tanh(c))];
}

/**
 * Long short-term memory units at a node of a tree, from the states of its children,
 *
 * - `c = tanh(a) σ(i) + Σ cs[k] σ(f[k])`
 * - `h = tanh(c) σ(o)`
 *
 * where `x` holds, one behind the other, the input `a` of all units, the gates `i` and `o`, and a forget gate for each
 * child: `a0 a1 … i0 i1 … o0 o1 … f[0]0 f[0]1 … f[1]0 …`.
 *
 * Follows Chainer's `tree_lstm`; Tai, Socher and Manning, "Improved Semantic Representations From Tree-Structured Long
 * Short-Term Memory Networks", 2015.
 *
 * @param inputs - The states `cs` of the children, one or more of shape `(N, units)`, floating; then `x`, of shape
 * `(N, (3 + children) · units)` and the same dtype.
 * @returns `[c, h]`, both of shape `(N, units)`.
 * @throws InvalidType if there is no child, shapes do not fit, or dtypes differ or are not floating.
 */
export function treeLstm(...inputs: readonly VariableLike[]): [c: Variable, h: Variable] {
  const [cs, x] = [inputs.slice(0, -1), inputs.at(-1)];
  const [first] = cs;
  if (first === undefined || x === undefined) {
    throw invalidType("treeLstm", "the states of one child or more, and x", `${inputs.length} arrays`);
  }
  const children = cs.length;
  expectFloating("treeLstm", "cs[0]", asArray(first));
  expectNdim("treeLstm", "cs[0]", asArray(first), 2);
  cs.forEach((c, k) => {
    expectSameDtype("treeLstm", "cs[0]", asArray(first), `cs[${k}]`, asArray(c));
    expectSameShape("treeLstm", `cs[${k}]`, asArray(c), "cs[0]", asArray(first));
  });
  expectSameDtype("treeLstm", "cs[0]", asArray(first), "x", asArray(x));
  expectNdim("treeLstm", "x", asArray(x), 2);
  const [rows, units] = first.shape as readonly [number, number];
  expectEqual("treeLstm", "x.shape[0]", x.shape[0] as number, "cs[0].shape[0]", rows);
  expectEqual(
    "treeLstm",
    "x.shape[1]",
    x.shape[1] as number,
    `${3 + children} * cs[0].shape[1]`,
    (3 + children) * units,
  );

  const joined = concat(cs, { axis: 1 });
  if (children <= fusedChildren) return cellFor(children)(joined, x);
  const [gates, forget] = splitAxis(x, [3 * units], 1) as [Variable, Variable];
  const left = sum(reshape(multiply(sigmoid(forget), joined), [rows, children, units]), { axis: 1 });
  return summedCell(left, gates);
}
