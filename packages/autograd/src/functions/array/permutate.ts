import { zeros, type NdArray, ValueError } from "@chain/array";
import { expectAxis, expectEqual, expectInteger, expectNdim } from "../../type-check.js";
import { asArray, type Variable, type VariableLike } from "../../variable.js";
import { getItem, scatterAdd } from "./get-item.js";
import { along } from "./along.js";

/** Options of {@link permutate}. */
export interface PermutateOptions {
  /** The axis along which elements are reordered, 0 by default. */
  readonly axis?: number;
  /** Whether to undo the permutation instead: position `i` goes to `indices[i]`. Default false. */
  readonly inv?: boolean;
}

/**
 * Reorders an array along an axis: position `i` of the result is position `indices[i]` of `x`.
 *
 * Follows Chainer's `permutate`.
 *
 * @param indices - A permutation of the positions: a list, or an integer array of one axis.
 * @throws InvalidType if there are more or fewer indices than positions, ValueError if a list repeats one.
 */
export function permutate(
  x: VariableLike,
  indices: VariableLike | readonly number[],
  { axis = 0, inv = false }: PermutateOptions = {},
): Variable {
  const at = expectAxis("permutate", "axis", axis, x.ndim);
  const order = isList(indices) ? [...indices] : checkedArray(asArray(indices));
  const count = Array.isArray(order) ? order.length : order.size;
  expectEqual("permutate", `x.shape[${at}]`, x.shape[at] as number, "number of indices", count);
  if (Array.isArray(order) && new Set(order).size !== order.length) {
    throw new ValueError(`permutate: indices name every position once, got [${order.join(", ")}]`);
  }
  const index = along(at, order);
  if (!inv) return getItem(x, index);
  const { shape, dtype, device } = asArray(x);
  return scatterAdd(zeros(shape, { dtype, device }), index, x);
}

function isList(indices: VariableLike | readonly number[]): indices is readonly number[] {
  return Array.isArray(indices);
}

function checkedArray(indices: NdArray): NdArray {
  expectInteger("permutate", "indices", indices);
  expectNdim("permutate", "indices", indices, 1);
  return indices;
}
