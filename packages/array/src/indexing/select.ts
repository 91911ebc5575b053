import { InvalidType, ValueError } from "../errors.js";
import { scope } from "../memory/scope.js";
import { NdArray } from "../ndarray.js";
import { where } from "./where.js";

/**
 * From each position, the element of the first choice whose condition (a bool array) holds there, else `default`, which
 * is 0 (NumPy's `select`). All broadcast.
 *
 * @throws ValueError if there are no conditions, or not as many as choices.
 */
export function select(
  conditions: readonly NdArray[],
  choices: readonly (NdArray | number)[],
  options: number | NdArray | { readonly default?: number | NdArray } = {},
): NdArray {
  const [first] = conditions;
  if (conditions.length !== choices.length || first === undefined) {
    throw new ValueError(
      `select: as many conditions as choices are needed, at least one; got ${conditions.length} and ${choices.length}`,
    );
  }
  for (const { dtype } of conditions) {
    if (dtype !== "bool") throw InvalidType.of("select", "bool conditions", dtype);
  }
  let rest = typeof options === "number" || options instanceof NdArray ? options : (options.default ?? 0);
  return scope(() => {
    for (let i = conditions.length - 1; i > 0; i--) {
      rest = where(conditions[i] as NdArray, choices[i] as NdArray | number, rest);
    }
    return where(first, choices[0] as NdArray | number, rest);
  });
}
