import { ValueError } from "@chain/array";
import { expectEqual, expectFloating, expectMinNdim, expectNdim, expectSameDtype } from "../../type-check.js";
import { asArray, type Variable, type VariableLike } from "../../variable.js";
import { reshape } from "../array/reshape.js";
import { add, mul } from "../math/basic-math.js";
import { matmul } from "../math/matmul.js";

/**
 * Bilinear layer, `y[l] = Σ e1[j] e2[k] W[j, k, l] + e1 V1 + e2 V2 + b`.
 *
 * Follows Chainer's `bilinear`.
 *
 * @param e1 - Shape `(batch, …)`, of which everything after the batch axis is flattened to `J` elements; floating.
 * @param e2 - As `e1`, of `K` elements.
 * @param W - Shape `(J, K, L)`.
 * @param V1 - Shape `(J, L)`, or null.
 * @param V2 - Shape `(K, L)`, or null.
 * @param b - Shape `(L,)`, or null. `V1`, `V2` and `b` are all given, or none of them.
 * @returns Shape `(batch, L)`.
 * @throws InvalidType if shapes do not fit, or dtypes differ or are not floating; ValueError if only some of `V1`, `V2`,
 * `b` are given.
 */
export function bilinear(
  e1: VariableLike,
  e2: VariableLike,
  W: VariableLike,
  V1: VariableLike | null = null,
  V2: VariableLike | null = null,
  b: VariableLike | null = null,
): Variable {
  const label = "bilinear";
  const left = asRows("e1", e1);
  const right = asRows("e2", e2);
  const weight = asArray(W);
  expectFloating(label, "e1", asArray(e1));
  expectSameDtype(label, "e1", asArray(e1), "e2", asArray(e2));
  expectSameDtype(label, "e1", asArray(e1), "W", weight);
  expectNdim(label, "W", weight, 3);
  const [rows, J] = left.shape as readonly [number, number];
  const K = right.shape[1] as number;
  const [j, k, L] = weight.shape as readonly [number, number, number];
  expectEqual(label, "e1.shape[0]", rows, "e2.shape[0]", right.shape[0] as number);
  expectEqual(label, "elements of e1[0]", J, "W.shape[0]", j);
  expectEqual(label, "elements of e2[0]", K, "W.shape[1]", k);
  const linearTerms = checkLinearTerms(V1, V2, b, J, K, L);

  const products = reshape(mul(reshape(left, [rows, J, 1]), reshape(right, [rows, 1, K])), [rows, J * K]);
  const y = matmul(products, reshape(W, [J * K, L]));
  if (linearTerms === null) return y;
  const [first, second, bias] = linearTerms;
  return add(y, matmul(left, first), matmul(right, second), bias);
}

function asRows(name: string, x: VariableLike): Variable {
  expectMinNdim("bilinear", name, asArray(x), 1);
  const [rows = 1, ...rest] = x.shape;
  return reshape(x, [rows, rest.reduce((product, length) => product * length, 1)]);
}

function checkLinearTerms(
  V1: VariableLike | null,
  V2: VariableLike | null,
  b: VariableLike | null,
  J: number,
  K: number,
  L: number,
): [VariableLike, VariableLike, VariableLike] | null {
  if (V1 === null && V2 === null && b === null) return null;
  if (V1 === null || V2 === null || b === null) {
    throw new ValueError("bilinear: V1, V2 and b are given together, or none of them");
  }
  expectNdim("bilinear", "V1", asArray(V1), 2);
  expectNdim("bilinear", "V2", asArray(V2), 2);
  expectNdim("bilinear", "b", asArray(b), 1);
  expectEqual("bilinear", "V1.shape[0]", V1.shape[0] as number, "W.shape[0]", J);
  expectEqual("bilinear", "V1.shape[1]", V1.shape[1] as number, "W.shape[2]", L);
  expectEqual("bilinear", "V2.shape[0]", V2.shape[0] as number, "W.shape[1]", K);
  expectEqual("bilinear", "V2.shape[1]", V2.shape[1] as number, "W.shape[2]", L);
  expectEqual("bilinear", "b.shape[0]", b.shape[0] as number, "W.shape[2]", L);
  return [V1, V2, b];
}
