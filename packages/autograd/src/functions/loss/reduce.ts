import { ValueError } from "@chain/array";
import type { Variable } from "../../variable.js";
import { mul } from "../math/basic-math.js";
import { sum } from "../math/sum.js";

/** How the losses of single samples or elements become one: their sum, their mean, or not at all. */
export type Reduction = "sum" | "mean" | "no";

/** Throws `ValueError` unless `reduce` is one of the values that a loss takes. */
export function checkReduce(label: string, reduce: string, allowed: readonly string[]): void {
  if (allowed.includes(reduce)) return;
  throw new ValueError(`${label}: reduce is one of ${allowed.map((r) => `"${r}"`).join(", ")}; got "${reduce}"`);
}

/** Applies a reduction. The mean of nothing is 0. */
export function reduceLoss(loss: Variable, reduce: Reduction): Variable {
  if (reduce === "no") return loss;
  const total = sum(loss);
  return reduce === "sum" ? total : mul(total, 1 / Math.max(loss.size, 1));
}
