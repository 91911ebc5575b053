import { cumprod as cumprodArray, ones, slice, type NdArray } from "@chain/array";
import { FunctionNode, type Gradients } from "../../function-node.js";
import { expectAxis, expectFloating } from "../../type-check.js";
import type { Variable, VariableLike } from "../../variable.js";
import { along } from "../array/along.js";
import { concat } from "../array/concat.js";
import { getItem, placeItem } from "../array/get-item.js";
import { reshape } from "../array/reshape.js";
import { add, mul } from "./basic-math.js";
import type { CumulativeOptions } from "./cumsum.js";

class Cumprod extends FunctionNode {
  constructor(private readonly axis: number) {
    super();
  }

  override get label(): string {
    return "cumprod";
  }

  override checkTypeForward([x]: readonly [NdArray]): void {
    expectFloating(this.label, "x", x);
    expectAxis(this.label, "axis", this.axis, x.ndim);
  }

  override forward([x]: readonly [NdArray]): NdArray[] {
    this.retainInputs([0]);
    return [cumprodArray(x, { axis: this.axis })];
  }

  override backward(_indexes: readonly number[], [gy]: readonly [Variable]): Gradients {
    const [x] = this.getRetainedInputs() as [Variable];
    const axis = this.axis < 0 ? this.axis + x.ndim : this.axis;
    if (x.size === 0) return [gy];
    // y[j] depends on x[i], i ≤ j, through the products before and after i: no division, so zeros do no harm.
    const later = moved(x, axis, -1);
    return [mul(exclusiveProducts(x, axis), reverseRecurrence(later, gy, axis))];
  }
}

/** `x` shifted along an axis: element i is x[i - by], zero where there is none. */
function moved(x: Variable, axis: number, by: number): Variable {
  const length = x.shape[axis] as number;
  const from = by > 0 ? slice(0, length - by) : slice(-by, length);
  const to = by > 0 ? slice(by, length) : slice(0, length + by);
  return placeItem(getItem(x, along(axis, from)), along(axis, to), x.shape);
}

/** Product of all elements before each one along an axis; 1 for the first. */
export function exclusiveProducts(x: Variable, axis: number): Variable {
  const length = x.shape[axis] as number;
  const start = ones(x.shape.with(axis, 1), { dtype: x.dtype, device: x.device });
  if (length === 1) return concat([start], { axis });
  return concat([start, cumprod(getItem(x, along(axis, slice(0, length - 1))), { axis })], { axis });
}

/** `s[i] = b[i] + a[i] · s[i + 1]` along an axis, where a's last element is 0, by doubling. */
function reverseRecurrence(a: Variable, b: Variable, axis: number): Variable {
  const length = a.shape[axis] as number;
  let factor = a;
  let sum = b;
  for (let step = 1; step < length; step *= 2) {
    sum = add(sum, mul(factor, moved(sum, axis, -step)));
    if (2 * step < length) factor = mul(factor, moved(factor, axis, -step));
  }
  return sum;
}

/**
 * Running products along an axis, of the flattened array by default (Chainer's `cumprod`).
 *
 * @throws InvalidType if there is no such axis.
 */
export function cumprod(x: VariableLike, { axis = null }: CumulativeOptions = {}): Variable {
  const run = (array: VariableLike, axisOf: number): Variable => new Cumprod(axisOf).apply([array])[0] as Variable;
  return axis === null ? run(reshape(x, [x.size]), 0) : run(x, axis);
}
