import type { NdArray, Shape } from "@chain/array";
import { FunctionHook, type HookArrays } from "../function-hook.js";
import type { FunctionNode } from "../function-node.js";

/** One run of a function. */
export interface FunctionCall {
  readonly label: string;
  readonly phase: "forward" | "backward";
  /** Shapes of the inputs (forward), or of the gradients of the outputs (backward; null where there is none). */
  readonly shapes: readonly (Shape | null)[];
}

/** Writes down which functions ran, in order. */
export class CallLogHook extends FunctionHook {
  override readonly name = "CallLogHook";
  readonly calls: FunctionCall[] = [];

  override forwardPreprocess(fn: FunctionNode, inputs: readonly NdArray[]): void {
    this.calls.push({ label: fn.label, phase: "forward", shapes: inputs.map((x) => x.shape) });
  }

  override backwardPreprocess(fn: FunctionNode, _inputs: HookArrays, gradOutputs: HookArrays): void {
    this.calls.push({ label: fn.label, phase: "backward", shapes: gradOutputs.map((g) => g?.shape ?? null) });
  }

  /** The calls as lines: `forward relu (2, 3)`. */
  override toString(): string {
    const text = (shape: Shape | null): string => (shape === null ? "null" : `(${shape.join(", ")})`);
    return this.calls.map(({ label, phase, shapes }) => `${phase} ${label} ${shapes.map(text).join(", ")}`).join("\n");
  }
}
