import type { NdArray } from "@chain/array";
import { FunctionHook, type HookArrays } from "../function-hook.js";
import type { FunctionNode } from "../function-node.js";
import { formatShape } from "../shape.js";

/** Options of a {@link PrintHook}. */
export interface PrintHookOptions {
  /** Takes the lines. Default `console.log`. */
  readonly write?: (line: string) => void;
}

/**
 * Prints every function with its inputs and the gradients of its outputs (Chainer's `PrintHook`). Elements are shown
 * where the device can be read at once, else shapes and dtypes.
 */
export class PrintHook extends FunctionHook {
  override readonly name = "PrintHook";
  private readonly write: (line: string) => void;

  constructor({ write = console.log }: PrintHookOptions = {}) {
    super();
    this.write = write;
  }

  override forwardPreprocess(fn: FunctionNode, inputs: readonly NdArray[]): void {
    this.write(`function\t${fn.label}`);
    this.writeArrays("input data", inputs);
  }

  override backwardPreprocess(fn: FunctionNode, inputs: HookArrays, gradOutputs: HookArrays): void {
    this.write(`function\t${fn.label}`);
    this.writeArrays("input data", inputs);
    this.writeArrays("output gradient", gradOutputs);
  }

  private writeArrays(title: string, arrays: HookArrays): void {
    this.write(title);
    for (const array of arrays) this.write(array === null ? "(not kept)" : describe(array));
  }
}

function describe(array: NdArray): string {
  const readable = array.storage.backend.readSync !== undefined;
  const elements = readable ? ` ${JSON.stringify(array.tolistSync())}` : "";
  return `${array.dtype} ${formatShape(array.shape)}${elements}`;
}
