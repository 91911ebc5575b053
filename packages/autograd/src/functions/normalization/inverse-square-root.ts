import { eye, sqrt, square, sum, type DType } from "@chain/array";
import { sub, mul as times } from "@chain/array/kernel";
import { asArray, type Variable, type VariableLike } from "../../variable.js";
import { elementwiseFunction } from "../elementwise-function.js";
import { div } from "../math/basic-math.js";
import { matmul } from "../math/matmul.js";

const correction = elementwiseFunction("inverseSquareRoot-correction", (product, identity) =>
  sub(times(1.5, identity), times(0.5, product)),
);

/**
 * Steps until nothing changes any more. The inverse root of the smallest eigenvalue grows by a half at each, and eigenvalues
 * that are smaller than the largest one's rounding are not known; six more steps double correct digits.
 */
const steps: Partial<Record<DType, number>> = { float32: stepsFor(2 ** -24), float64: stepsFor(2 ** -53) };

function stepsFor(smallest: number): number {
  return Math.ceil(Math.log(1 / Math.sqrt(smallest)) / Math.log(1.5)) + 6;
}

/**
 * `a^(-1/2)` of symmetric positive definite matrices, shape `(batch, n, n)`, float32 or float64, by Newton's method: matrix
 * products alone, so that it runs where elements cannot be looked at, and is differentiable like them.
 *
 * Denman and Beavers' iteration in its form without inverses (Higham, "Functions of Matrices", 2008, (6.35)).
 */
export function inverseSquareRoot(a: VariableLike): Variable {
  const { shape, dtype, device } = asArray(a);
  const identity = eye(shape[1] as number, { dtype, device });
  // With eigenvalues up to 1 it converges. The norm takes no part in the gradient, since the result does not depend on it.
  const norm = sqrt(sum(square(asArray(a)), { axis: [1, 2], keepdims: true }));
  let root = div(a, norm);
  let step = correction(root, identity);
  let inverse = step;
  for (let i = 1; i < (steps[dtype] as number); i++) {
    root = matmul(root, step);
    step = correction(matmul(inverse, root), identity);
    inverse = matmul(step, inverse);
  }
  return div(inverse, sqrt(norm));
}
