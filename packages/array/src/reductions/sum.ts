import { accumulatorType, floatingType } from "../dtype.js";
import { reduction } from "../kernel/reduction.js";
import * as k from "../kernel/ops.js";
import type { Expr } from "../kernel/expr.js";
import { reducer, wideType, type TypedReduction } from "./reduce.js";

/**
 * Sum of elements (NumPy's `sum`): 0 for none, pairwise for accuracy. bool is summed as int32 and uint8 as uint32;
 * integers wrap around.
 */
export const sum: TypedReduction = reducer(
  "sum",
  (dtype) => reduction("sum", { map: (x: Expr) => k.cast(x, dtype), combine: k.add, identity: 0 }),
  accumulatorType,
);

/** Product of elements (NumPy's `prod`): 1 for none. dtypes as {@link sum}. */
export const prod: TypedReduction = reducer(
  "prod",
  (dtype) => reduction("prod", { map: (x: Expr) => k.cast(x, dtype), combine: k.mul, identity: 1 }),
  accumulatorType,
);

/** Arithmetic mean (NumPy's `mean`): NaN for no elements; integers give float32. */
export const mean: TypedReduction = reducer(
  "mean",
  (dtype) =>
    reduction("mean", {
      map: (x: Expr) => k.cast(x, wideType(dtype)),
      combine: k.add,
      identity: 0,
      finish: (total, count) => k.cast(k.div(total, count), dtype),
    }),
  floatingType,
);
