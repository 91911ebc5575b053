import type { Backend } from "../backend.js";
import type { DType } from "../dtype.js";
import { sameShape, type Axis, type Shape } from "../shape.js";
import type { Operand } from "./launch.js";

/** All of an operand that decides how a kernel runs on it. */
type Layout = number | { dtype: DType; backend: Backend; shape: Shape; strides: readonly number[] };

interface Entry<P> {
  readonly layouts: readonly Layout[];
  readonly axis: Axis | undefined;
  readonly keepdims: boolean;
  readonly plan: P;
}

/** A training loop calls a kernel with a handful of shapes; more entries than this would only be searched in vain. */
const capacity = 8;

/**
 * Remembers how a kernel ran on operands of the same devices, dtypes, shapes and strides, so that only the first run
 * works out the loops. Plans that are used often move to the front, the last one makes room.
 */
export class PlanCache<P> {
  private readonly entries: Entry<P>[] = [];

  /** The plan for these operands (and outputs, where given) along these axes. */
  find(operands: readonly Operand[], axis: Axis | undefined, keepdims: boolean): P | undefined {
    const { entries } = this;
    for (let i = 0; i < entries.length; i++) {
      const entry = entries[i] as Entry<P>;
      if (entry.keepdims !== keepdims || !sameAxis(entry.axis, axis) || !matches(entry.layouts, operands)) continue;
      if (i > 0) {
        entries[i] = entries[i - 1] as Entry<P>;
        entries[i - 1] = entry;
      }
      return entry.plan;
    }
    return undefined;
  }

  add(operands: readonly Operand[], axis: Axis | undefined, keepdims: boolean, plan: P): void {
    const layouts = operands.map((operand): Layout => {
      if (typeof operand === "number") return operand;
      const { dtype, shape, strides, storage } = operand;
      return { dtype, backend: storage.backend, shape, strides };
    });
    if (this.entries.length === capacity) this.entries.pop();
    this.entries.push({ layouts, axis, keepdims, plan });
  }
}

function matches(layouts: readonly Layout[], operands: readonly Operand[]): boolean {
  if (layouts.length !== operands.length) return false;
  for (let i = 0; i < layouts.length; i++) {
    const [layout, operand] = [layouts[i] as Layout, operands[i] as Operand];
    if (typeof layout === "number" || typeof operand === "number") {
      // Of a number only whether it is whole matters: it decides the types.
      if (typeof layout !== typeof operand || Number.isInteger(layout) !== Number.isInteger(operand)) return false;
    } else if (
      layout.dtype !== operand.dtype ||
      layout.backend !== operand.storage.backend ||
      !sameShape(layout.shape, operand.shape) ||
      !sameShape(layout.strides, operand.strides)
    ) {
      return false;
    }
  }
  return true;
}

function sameAxis(a: Axis | undefined, b: Axis | undefined): boolean {
  if (a === b) return true;
  return typeof a === "object" && typeof b === "object" && a !== null && b !== null && sameShape(a, b);
}
