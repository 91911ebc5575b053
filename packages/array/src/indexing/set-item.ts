import { fromHost, type ArrayLikeValue } from "../creation/from-host.js";
import { elementwise } from "../kernel/elementwise.js";
import type { Expr } from "../kernel/expr.js";
import { castLike, where } from "../kernel/ops.js";
import { checkFits, copyto, fitsInto, withoutLeadingOnes } from "../manipulation/copy.js";
import { scope } from "../memory/scope.js";
import { NdArray } from "../ndarray.js";
import { borrow, type View } from "../views.js";
import { basicView } from "./basic.js";
import { checkMask } from "./index-array.js";
import { parseIndex, type Indices, type Step } from "./parse.js";
import { scatter } from "./scatter.js";
import { select } from "./selection.js";
import { wholeAxis } from "./slice.js";
import { checkWritable, valueFor } from "./target.js";

const putWhere = elementwise("put_where", (mask: Expr, value: Expr, x: Expr) => where(mask, castLike(value, x), x));

/**
 * Writes `value` into the elements that an index selects, in place, as NumPy's `x[indices] = value`; see {@link getItem}
 * for indices. The value broadcasts to the selection and is converted to `x`'s dtype as `astype` does. Where a position
 * occurs several times, the last value stays.
 *
 * A mask needs no reading, and works on every device, unless the value has one element for each element that it selects.
 *
 * @returns `x`.
 * @throws ValueError if the value does not broadcast, IndexError as {@link getItem}.
 */
export function setItem(x: NdArray, indices: Indices, value: ArrayLikeValue): NdArray {
  checkWritable(x);
  const steps = parseIndex(x.shape, indices);
  scope(() => {
    const source = valueFor(x, value);
    if (!steps.some(({ kind }) => kind === "pick")) {
      copyto(borrow(x, basicView(x, steps)), source);
    } else if (!setByMask(x, steps, source)) {
      const selection = select(x, steps);
      if (source instanceof NdArray) checkFits(source.shape, selection.shape);
      scatter(x, selection, source);
    }
  });
  return x;
}

/** Assigns in one pass where the only array is a mask and the value does not depend on how much it selects. */
function setByMask(x: NdArray, steps: readonly Step[], value: NdArray | number): boolean {
  const pick = steps.find((step) => step.kind === "pick");
  const simple = steps.every((step) => step === pick || step.kind === "slice" || step.kind === "newaxis");
  if (pick === undefined || !pick.mask || pick.axes === 0 || !simple) return false;
  const { axis, axes } = pick;
  const whole = Array.from({ length: axes }, (_, i): Step => ({ kind: "slice", axis: axis + i, slice: wholeAxis }));
  const target = basicView(
    x,
    steps.flatMap((step) => (step === pick ? whole : [step])),
  );
  const before = steps.indexOf(pick);
  const after = target.shape.length - before - axes;
  const source = value instanceof NdArray ? acrossMask(value, before, axes, after) : value;
  if (source === null || (typeof source !== "number" && !fitsInto(source.shape, target.shape))) return false;

  const mask =
    pick.picker instanceof NdArray ? pick.picker : fromHost(pick.picker, { dtype: "bool", device: x.device });
  checkMask(mask.shape, x.shape.slice(axis, axis + axes), axis);
  const ones = new Array<number>(after).fill(1);
  const aligned = { shape: [...mask.shape, ...ones], strides: [...mask.strides, ...ones], offset: mask.offset };
  const out = borrow(x, target);
  putWhere.into(out, borrow(mask, aligned), value instanceof NdArray ? borrow(value, source as View) : value, out);
  return true;
}

/** A value as it broadcasts to all elements under a mask; null if it has an axis for those that are selected. */
function acrossMask(value: NdArray, before: number, axes: number, after: number): View | null {
  const view = withoutLeadingOnes(value, before + 1 + after);
  const at = view.shape.length - after - 1;
  if (at < 0) return view;
  if (view.shape[at] !== 1) return null;
  const none = new Array<number>(axes).fill(0);
  return {
    shape: view.shape.toSpliced(at, 1, ...none.map(() => 1)),
    strides: view.strides.toSpliced(at, 1, ...none),
    offset: view.offset,
  };
}
