import type { NdArray } from "@chain/array";
import { add, div, mul, rowwise, sqrt, square, sub } from "@chain/array/kernel";
import type { Variable, VariableLike } from "../../variable.js";
import { elementwiseFunction } from "../elementwise-function.js";
import { applyFused, type FusedFunction } from "../fused-function.js";
import { mul as product, square as squares, sub as difference } from "../math/basic-math.js";
import { sum } from "../math/sum.js";

const forwardKernel = rowwise("normalizeRows", { scalars: ["eps"] }, (row, x, { eps }) => {
  const centered = sub(x, row.mean(x));
  const scale = div(1, sqrt(add(row.mean(square(centered)), eps)));
  return [mul(centered, scale), scale];
});

const gradientKernel = rowwise("normalizeRows-grad", (row, y, scale, gy) =>
  mul(scale, sub(sub(gy, row.mean(gy)), mul(y, row.mean(mul(y, gy))))),
);

const inverseStdOf = elementwiseFunction("normalizeRows-inverse", (variance, eps) => div(1, sqrt(add(variance, eps))));

/** What {@link normalizeRows} runs. */
export class NormalizeRows implements FusedFunction {
  readonly name = "normalizeRows";

  constructor(readonly eps: number) {}

  forward([x]: readonly [NdArray]): { y: NdArray; kept: NdArray[] } {
    const [y, scale] = forwardKernel(x, { eps: this.eps });
    return { y, kept: [y, scale] };
  }

  gradients(_xs: readonly NdArray[], [y, scale]: readonly [NdArray, NdArray], gy: NdArray): NdArray[] {
    return [gradientKernel(y, scale, gy)];
  }

  composed([x]: readonly [Variable]): Variable {
    const along = { axis: -1, keepdims: true };
    const inverseCount = 1 / Math.max(x.shape.at(-1) as number, 1);
    const centered = difference(x, product(sum(x, along), inverseCount));
    return product(centered, inverseStdOf(product(sum(squares(centered), along), inverseCount), this.eps));
  }
}

/** Every row (along the last axis) less its mean, divided by its standard deviation; arguments have been checked. */
export function normalizeRows(x: VariableLike, eps: number): Variable {
  return applyFused(new NormalizeRows(eps), [x]);
}
