import { elementaryExpansion } from "./elementary.js";
import { gammaExpansions } from "./gamma-expansions.js";
import { parameterExprs } from "./launch.js";
import { Lowering } from "./lower.js";
import { arityOf, type OpName } from "./ops-table.js";
import type { Node } from "./program.js";

/**
 * A function of float32 (`exp`, `pow`, `lgamma`, …) written out: sums, products, comparisons and operations on bits, within 4
 * units in the last place. `parameter` i is its operand i. For generators that make functions of their own of these.
 *
 * @returns undefined for an operation that is not written out
 */
export function expandedOperation(op: OpName): Node | undefined {
  const expand = gammaExpansions[op] ?? elementaryExpansion(op, "float32");
  if (expand === undefined) return undefined;
  const inputs = parameterExprs(arityOf(op));
  const leaves = { parameters: inputs.map(() => "float32" as const), scalars: [], buffers: [] };
  return new Lowering(op, leaves, () => undefined).lowerTo(expand(...inputs), "float32");
}
