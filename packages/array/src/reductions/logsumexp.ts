import { floatingType } from "../dtype.js";
import { elementwise } from "../kernel/elementwise.js";
import type { Expr } from "../kernel/expr.js";
import type { Operand } from "../kernel/launch.js";
import * as k from "../kernel/ops.js";
import { reduction, type ReductionKernel } from "../kernel/reduction.js";
import { checkOut, perDType } from "../math/ufunc.js";
import { positive } from "../math/arithmetic.js";
import { astype } from "../manipulation/astype.js";
import { reshape } from "../manipulation/reshape.js";
import { compose } from "../math/compose.js";
import type { NdArray } from "../ndarray.js";
import { checkArray, wideType, type ReductionOptions } from "./reduce.js";

/** The largest element, or 0 where that is infinite: subtracting it must not make a NaN. */
const shiftKernel = perDType((dtype) =>
  reduction("logsumexp_shift", {
    map: (x: Expr) => k.cast(x, dtype),
    combine: k.max,
    identity: -Infinity,
    finish: (x) => k.where(k.lt(k.abs(x), Infinity), x, 0),
  }),
);

const totalKernel = perDType((dtype): ReductionKernel<[Operand, Operand]> =>
  reduction("logsumexp_total", {
    map: (x: Expr, shift: Expr) => k.exp(k.sub(k.cast(x, dtype), shift)),
    combine: k.add,
    identity: 0,
  }),
);

const finishKernel = elementwise("logsumexp", (total, shift) => k.add(k.log(total), shift));

/**
 * `log Σ e^x` without overflow (SciPy's and Chainer's `logsumexp`): -Infinity where all elements are, or for none.
 * Integers give float32.
 */
export function logsumexp(x: NdArray, { axis = null, keepdims = false, out }: ReductionOptions = {}): NdArray {
  checkArray("logsumexp", x);
  const dtype = floatingType(x.dtype);
  if (out !== undefined) checkOut("logsumexp", out, dtype);
  return compose([x, out], () => {
    const wide = wideType(dtype);
    const shift = shiftKernel(wide)(x, { axis, keepdims: true });
    const total = totalKernel(wide)(x, shift, { axis, keepdims });
    const result = astype(finishKernel(total, reshape(shift, total.shape)), dtype, { copy: false });
    return out === undefined ? result : positive(result, { out });
  });
}
