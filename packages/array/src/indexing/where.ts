import { InvalidType } from "../errors.js";
import { elementwise } from "../kernel/elementwise.js";
import type { Expr } from "../kernel/expr.js";
import { where as choose } from "../kernel/ops.js";
import { astype } from "../manipulation/astype.js";
import type { NdArray } from "../ndarray.js";
import { nonzero } from "./nonzero.js";

const whereKernel = elementwise("where", (condition: Expr, x: Expr, y: Expr) => choose(condition, x, y));

/**
 * Elements of `x` where `condition` holds (is not 0), else of `y`, all broadcast (NumPy's `where`). Numbers take the
 * dtype of the other operand; of two numbers the result is int32 if both are whole, else float32. With one argument:
 * `nonzero(condition)`.
 */
export function where(condition: NdArray): NdArray[];
export function where(condition: NdArray, x: NdArray | number, y: NdArray | number): NdArray;
export function where(condition: NdArray, x?: NdArray | number, y?: NdArray | number): NdArray | NdArray[] {
  if (x === undefined && y === undefined) return nonzero(condition);
  if (x === undefined || y === undefined) throw InvalidType.of("where", "both x and y, or neither", "one of them");
  // A number takes the dtype of the arrays that it meets; the condition must not be one of them.
  if (condition.dtype === "bool") return whereKernel(condition, x, y);
  const mask = astype(condition, "bool");
  const result = whereKernel(mask, x, y);
  mask.dispose();
  return result;
}
