import type { NdArray } from "@chain/array";
import { FunctionNode, type Gradients } from "../../function-node.js";
import type { Variable, VariableLike } from "../../variable.js";

/** A run of {@link identity}. */
export class Identity extends FunctionNode {
  override get label(): string {
    return "identity";
  }

  override forward(inputs: readonly NdArray[]): readonly NdArray[] {
    return inputs;
  }

  override backward(indexes: readonly number[], gradOutputs: Gradients): Gradients {
    return indexes.map((index) => gradOutputs[index] ?? null);
  }
}

/** Its arguments, as outputs of one function (Chainer's `identity`): one Variable for one argument, else a list. */
export function identity(input: VariableLike): Variable;
export function identity(...inputs: VariableLike[]): Variable | Variable[];
export function identity(...inputs: VariableLike[]): Variable | Variable[] {
  const outputs = new Identity().apply(inputs);
  return inputs.length === 1 ? (outputs[0] as Variable) : outputs;
}
