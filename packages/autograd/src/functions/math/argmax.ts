import { argmax as argmaxArray, argmin as argminArray } from "@chain/array";
import { expectAxis, expectFloating, invalidType } from "../../type-check.js";
import { asArray, constant, Variable, type VariableLike } from "../../variable.js";

/** Along which axis to search. */
export interface ArgmaxOptions {
  /** An axis, or null for all elements in C order (the default). */
  readonly axis?: number | null;
}

/**
 * Position of the largest element along an axis, the first of several, as int32 (Chainer's `argmax`). It has no
 * gradient.
 *
 * @throws InvalidType if there is no such axis, or no element along it.
 */
export function argmax(x: VariableLike, options: ArgmaxOptions = {}): Variable {
  check("argmax", x, options);
  return new Variable(argmaxArray(asArray(x), options), constant);
}

/** Position of the smallest element; as {@link argmax} (Chainer's `argmin`). */
export function argmin(x: VariableLike, options: ArgmaxOptions = {}): Variable {
  check("argmin", x, options);
  return new Variable(argminArray(asArray(x), options), constant);
}

function check(label: string, x: VariableLike, { axis = null }: ArgmaxOptions): void {
  expectFloating(label, "x", asArray(x));
  const length = axis === null ? x.size : x.shape[expectAxis(label, "axis", axis, x.ndim)];
  if (length === 0) throw invalidType(label, "an element along the axis", "none");
}
