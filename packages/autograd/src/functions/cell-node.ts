import type { NdArray, Shape } from "@chain/array";
import { FunctionNode, type Gradients } from "../function-node.js";
import { formatShape, sameShape } from "../shape.js";
import { expectFloating, expectSameDtype, invalidType } from "../type-check.js";
import type { Variable } from "../variable.js";
import type { CellDefinition, PackedArray } from "./cell-definition.js";
import { packedShape, unitShape } from "./cell-packing.js";

/** One run of a cell function. */
export class CellNode extends FunctionNode {
  /** What retained inputs and outputs are, numbered as `CellGradient.sources`. */
  private kept: readonly number[] = [];

  constructor(readonly definition: CellDefinition) {
    super();
  }

  override get label(): string {
    return this.definition.name;
  }

  override checkTypeForward(arrays: readonly NdArray[]): void {
    const { inputs } = this.definition;
    const unit = this.unitOf(arrays);
    const [{ name: first }] = inputs as readonly [PackedArray];
    arrays.forEach((x, i) => {
      const { name, packing } = inputs[i] as PackedArray;
      expectFloating(this.label, name, x);
      expectSameDtype(this.label, first, arrays[0] as NdArray, name, x);
      const shape = packedShape(unit, packing);
      if (!sameShape(x.shape, shape)) {
        throw invalidType(this.label, `${name}.shape == ${formatShape(shape)}`, formatShape(x.shape));
      }
    });
  }

  override forward(arrays: readonly NdArray[]): NdArray[] {
    const { definition } = this;
    let wanted = 0;
    for (let i = 0; i < arrays.length; i++) if (this.wantsGradient(i)) wanted |= 1 << i;
    if (wanted !== 0) {
      const all = definition.gradient(wanted, (1 << definition.outputs.length) - 1);
      const sources = [...new Set(all.flatMap((gradient) => gradient.sources))];
      const inputs = sources.filter((source) => source < arrays.length);
      const end = arrays.length + definition.outputs.length;
      const outputs = sources.filter((source) => source >= arrays.length && source < end);
      this.retainInputs(inputs);
      this.retainOutputs(outputs.map((source) => source - arrays.length));
      this.kept = [...inputs, ...outputs];
    }
    return definition.compute(arrays, this.unitOf(arrays));
  }

  override backward(indexes: readonly number[], gys: Gradients): Gradients {
    let wanted = 0;
    for (const index of indexes) wanted |= 1 << index;
    let given = 0;
    for (let j = 0; j < gys.length; j++) if (gys[j] !== null) given |= 1 << j;
    const results = new Array<Variable | null>(indexes.length).fill(null);
    const parts = this.definition.gradient(wanted, given);
    if (parts.length === 0) return results;
    const retained = [...this.getRetainedInputs(), ...this.getRetainedOutputs()];
    const first = this.definition.inputs.length + gys.length;
    for (const { definition, sources, targets } of parts) {
      const operands = sources.map(
        (source) => (source >= first ? gys[source - first] : retained[this.kept.indexOf(source)]) as Variable,
      );
      const gradients = new CellNode(definition).apply(operands);
      targets.forEach((target, i) => (results[indexes.indexOf(target)] = gradients[i] as Variable));
    }
    return results;
  }

  /** The shape of a part: that of the first array which is one, if there is any. */
  private unitOf(arrays: readonly NdArray[]): Shape {
    const { inputs } = this.definition;
    const index = Math.max(
      0,
      inputs.findIndex(({ packing }) => packing.parts === 1),
    );
    const [x, { name, packing }] = [arrays[index] as NdArray, inputs[index] as PackedArray];
    const unit = unitShape(x, packing);
    if (unit === null) {
      throw invalidType(this.label, `${name}.shape[1] to be a multiple of ${packing.parts}`, formatShape(x.shape));
    }
    return unit;
  }
}
