import type { ArrayLikeValue } from "../creation/from-host.js";
import { isFloating } from "../dtype.js";
import { InvalidType } from "../errors.js";
import { elementwise } from "../kernel/elementwise.js";
import type { Expr } from "../kernel/expr.js";
import { add } from "../kernel/ops.js";
import { checkFits, withoutLeadingOnes } from "../manipulation/copy.js";
import { scope } from "../memory/scope.js";
import { NdArray } from "../ndarray.js";
import { borrow } from "../views.js";
import { basicView } from "./basic.js";
import { parseIndex, type Indices } from "./parse.js";
import { scatterAdd } from "./scatter.js";
import { select } from "./selection.js";
import { checkWritable, valueFor } from "./target.js";

const addKernel = elementwise("add_at", (x: Expr, value: Expr) => add(x, value));

/**
 * Adds `value` to the elements that an index selects, in place (NumPy's `add.at`; see {@link getItem} for indices). The
 * value broadcasts to the selection; where a position occurs several times, all its values are added.
 *
 * @returns `x`.
 * @throws ValueError if the value does not broadcast, InvalidType for floats into integers, IndexError as {@link getItem}.
 */
export function addAt(x: NdArray, indices: Indices, value: ArrayLikeValue): NdArray {
  checkWritable(x);
  const steps = parseIndex(x.shape, indices);
  const fraction =
    typeof value === "number" ? !Number.isInteger(value) : value instanceof NdArray && isFloating(value.dtype);
  if (fraction && !isFloating(x.dtype)) {
    throw InvalidType.of(
      "addAt",
      `a value that ${x.dtype} holds`,
      value instanceof NdArray ? value.dtype : "a fraction",
    );
  }
  scope(() => {
    const source = valueFor(x, value);
    const basic = !steps.some(({ kind }) => kind === "pick");
    const selection = basic ? basicView(x, steps) : select(x, steps);
    if (source instanceof NdArray) checkFits(source.shape, selection.shape);
    if ("count" in selection) {
      scatterAdd(x, selection, source);
    } else {
      const out = borrow(x, selection);
      addKernel.into(
        out,
        out,
        typeof source === "number" ? source : borrow(source, withoutLeadingOnes(source, out.ndim)),
      );
    }
  });
  return x;
}
