import { floatingType } from "../dtype.js";
import { all } from "../reductions/truth.js";
import { elementwise } from "../kernel/elementwise.js";
import * as k from "../kernel/ops.js";
import type { NdArray } from "../ndarray.js";
import { sameShape } from "../shape.js";
import { isFinite } from "./parts.js";
import { commonDType, perDType, withArray, type Operand } from "./ufunc.js";

/** When two numbers count as close. */
export interface CloseOptions {
  /** Relative tolerance; 1e-5 by default. */
  readonly rtol?: number;
  /** Absolute tolerance; 1e-8 by default. */
  readonly atol?: number;
  /** Whether NaN is close to NaN; it is not by default. */
  readonly equalNan?: boolean;
}

const closeKernel = perDType((dtype) =>
  elementwise("isclose", { scalars: ["rtol", "atol", "equalNan"] }, (x, y, { rtol, atol, equalNan }) => {
    const floating = floatingType(dtype);
    const [a, b] = [k.cast(x, floating), k.cast(y, floating)];
    const finite = k.logicalAnd(isFinite(a, floating), isFinite(b, floating));
    const near = k.le(k.abs(k.sub(a, b)), k.add(atol, k.mul(rtol, k.abs(b))));
    const bothNan = k.logicalAnd(k.isnan(a), k.isnan(b));
    return k.logicalOr(k.where(finite, near, k.eq(a, b)), k.logicalAnd(bothNan, k.ne(equalNan, 0)));
  }),
);

/** Whether `|x - y| ≤ atol + rtol·|y|`, element by element; infinities are close to themselves (NumPy's `isclose`). */
export function isclose(
  x: Operand,
  y: Operand,
  { rtol = 1e-5, atol = 1e-8, equalNan = false }: CloseOptions = {},
): NdArray {
  const [a, b] = withArray([x, y]) as [Operand, Operand];
  return closeKernel(commonDType([a, b]))(a, b, { rtol, atol, equalNan: equalNan ? 1 : 0 });
}

/**
 * Whether all elements are close (NumPy's `allclose`; see {@link isclose}). Reads the answer at once.
 *
 * @throws DeviceError on devices that cannot be read synchronously; use {@link allcloseAsync} there.
 */
export function allclose(x: Operand, y: Operand, options?: CloseOptions): boolean {
  return all(isclose(x, y, options)).itemSync() !== 0;
}

/** {@link allclose} on any device. */
export async function allcloseAsync(x: Operand, y: Operand, options?: CloseOptions): Promise<boolean> {
  return (await all(isclose(x, y, options)).item()) !== 0;
}

/** Options of {@link arrayEqual}. */
export interface ArrayEqualOptions {
  /** Whether NaN equals NaN; it does not by default. */
  readonly equalNan?: boolean;
}

/**
 * Whether two arrays have the same shape and elements (NumPy's `array_equal`). Reads the answer at once.
 *
 * @throws DeviceError on devices that cannot be read synchronously; use {@link arrayEqualAsync} there.
 */
export function arrayEqual(x: NdArray, y: NdArray, options?: ArrayEqualOptions): boolean {
  return sameShape(x.shape, y.shape) && allEqual(x, y, options).itemSync() !== 0;
}

/** {@link arrayEqual} on any device. */
export async function arrayEqualAsync(x: NdArray, y: NdArray, options?: ArrayEqualOptions): Promise<boolean> {
  return sameShape(x.shape, y.shape) && (await allEqual(x, y, options).item()) !== 0;
}

const sameKernel = elementwise("same", (x, y) => k.eq(x, y));
const sameOrNanKernel = elementwise("same_or_nan", (x, y) =>
  k.logicalOr(k.eq(x, y), k.logicalAnd(k.isnan(x), k.isnan(y))),
);

function allEqual(x: NdArray, y: NdArray, { equalNan = false }: ArrayEqualOptions = {}): NdArray {
  return all((equalNan ? sameOrNanKernel : sameKernel)(x, y));
}
