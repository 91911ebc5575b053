import type { NdArray } from "@chain/array";
import { FunctionHook, type FunctionNode } from "@chain/autograd";

/** Remembers what functions are run with: the graph itself holds only what gradients need. */
export class Tape extends FunctionHook {
  private readonly runs = new Map<FunctionNode, readonly NdArray[]>();

  override forwardPreprocess(fn: FunctionNode, inputs: readonly NdArray[]): void {
    this.runs.set(fn, inputs);
  }

  /** The array that a function was given as input `index`. */
  inputOf(fn: FunctionNode, index: number): NdArray | null {
    return this.runs.get(fn)?.[index] ?? null;
  }

  /** The first function that took one of some arrays and left no node in the graph. */
  unrecorded(arrays: ReadonlySet<NdArray>): FunctionNode | null {
    for (const [fn, inputs] of this.runs) {
      if (fn.inputs === null && inputs.some((input) => arrays.has(input))) return fn;
    }
    return null;
  }
}
