import { floatingType, promoteTypes, type DType } from "../dtype.js";
import { ValueError } from "../errors.js";
import { elementwise } from "../kernel/elementwise.js";
import * as k from "../kernel/ops.js";
import { astype } from "../manipulation/astype.js";
import { ascontiguousarray } from "../manipulation/copy.js";
import { compose } from "../math/compose.js";
import { perDType } from "../math/ufunc.js";
import type { NdArray } from "../ndarray.js";
import { formatShape, sameShape } from "../shape.js";
import { searchsorted } from "../sorting/search.js";

const interpKernel = perDType((dtype: DType) =>
  elementwise("interp", { uints: ["length"], buffers: ["xs", "ys"] }, (given, after, { length, xs, ys }) => {
    const x = k.cast(given, dtype);
    const last = k.sub(k.cast(length, "int32"), 1);
    const right = k.min(k.max(after, 0), last);
    const left = k.max(k.sub(right, k.where(k.gt(after, last), 0, 1)), 0);
    const [x0, x1, y0, y1] = [xs.at(left), xs.at(right), ys.at(left), ys.at(right)];
    const slope = k.div(k.sub(y1, y0), k.sub(x1, x0));
    const between = k.add(y0, k.mul(slope, k.sub(x, x0)));
    return k.where(k.isnan(x), x, k.where(k.eq(left, right), y0, between));
  }),
);

/**
 * Piecewise linear interpolation: the value at each element of `x` of the function with values `fp` at the ascending
 * points `xp`, constant beyond them (NumPy's `interp`).
 *
 * @throws ValueError if `xp` and `fp` are not 1-d, of one length, and not empty.
 */
export function interp(x: NdArray, xp: NdArray, fp: NdArray): NdArray {
  if (xp.ndim !== 1 || xp.size === 0 || !sameShape(xp.shape, fp.shape)) {
    throw new ValueError(
      `interp: expected as many values as points and at least one, got shapes ${formatShape(xp.shape)} and ${formatShape(fp.shape)}`,
    );
  }
  return compose([x, xp, fp], () => {
    const dtype = floatingType([x, xp, fp].map((array) => array.dtype).reduce(promoteTypes));
    const [xs, ys] = [xp, fp].map((array) => ascontiguousarray(astype(array, dtype, { copy: false }))) as [
      NdArray,
      NdArray,
    ];
    return interpKernel(dtype)(x, searchsorted(xs, x, { side: "right" }), { length: xs.size, xs, ys });
  });
}
