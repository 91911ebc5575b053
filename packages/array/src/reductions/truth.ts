import type { Expr } from "../kernel/expr.js";
import * as k from "../kernel/ops.js";
import { reduction } from "../kernel/reduction.js";
import { reducer, type Reduction } from "./reduce.js";

/** Whether any element is true, that is not 0 (NumPy's `any`): false for none. */
export const any: Reduction = reducer(
  "any",
  () => reduction("any", { map: (x: Expr) => k.cast(x, "bool"), combine: k.logicalOr, identity: 0 }),
  () => "bool",
);

/** Whether all elements are true, that is not 0 (NumPy's `all`): true for none. */
export const all: Reduction = reducer(
  "all",
  () => reduction("all", { map: (x: Expr) => k.cast(x, "bool"), combine: k.logicalAnd, identity: 1 }),
  () => "bool",
);

/** Number of elements that are not 0, int32 (NumPy's `count_nonzero`). */
export const countNonzero: Reduction = reducer(
  "count_nonzero",
  () =>
    reduction("count_nonzero", {
      map: (x: Expr) => k.cast(k.cast(x, "bool"), "int32"),
      combine: k.add,
      identity: 0,
    }),
  () => "int32",
);
