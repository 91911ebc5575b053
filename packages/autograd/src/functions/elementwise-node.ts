import { isFloating, type DType, type InvalidType, type NdArray, type Shape } from "@chain/array";
import type { Operand } from "@chain/array/kernel";
import { config } from "../config.js";
import { FunctionNode, type Gradients } from "../function-node.js";
import { formatShape, sameShape } from "../shape.js";
import { invalidType } from "../type-check.js";
import { constant, Variable, type VariableLike } from "../variable.js";
import { sumArrayTo, sumTo } from "./array/broadcast-to.js";
import type { DerivedFunction, ElementwiseDefinition } from "./elementwise-definition.js";

/** An operand of an elementwise function: an array, or a number, which takes the arrays' dtype and wants no gradient. */
export type FunctionOperand = VariableLike | number;

const firstIndex: readonly number[] = [0];

/** One run of an elementwise function. */
export class ElementwiseNode extends FunctionNode {
  /** The operands that are retained inputs. */
  private kept: readonly number[] = [];

  constructor(
    readonly definition: ElementwiseDefinition,
    /** By operand: the number it is, or null if it is an input; empty if all are inputs. */
    readonly numbers: readonly (number | null)[],
  ) {
    super();
  }

  override get label(): string {
    return this.definition.name;
  }

  override checkTypeForward(inputs: readonly NdArray[]): void {
    const first = inputs[0] as NdArray;
    const { dtype } = first;
    if (this.definition.floatOnly && !isFloating(dtype)) {
      throw invalidType(this.label, "a floating dtype", dtype);
    }
    for (let i = 1; i < inputs.length; i++) {
      const input = inputs[i] as NdArray;
      if (input.dtype !== dtype) throw this.mixed(inputs);
      if (input.shape !== first.shape && !sameShape(input.shape, first.shape)) this.checkShapes(inputs);
    }
  }

  override forward(inputs: readonly NdArray[]): NdArray[] {
    const { definition, numbers } = this;
    const wanted = this.wantedOperands(inputs.length);
    if (wanted !== 0) {
      const { operands, output } = definition.needsOf(wanted);
      if (operands.length > 0) this.keep(operands);
      if (output) this.retainOutputs(firstIndex);
    }
    if (numbers.length === 0) return [definition.compute(inputs)];
    let next = 0;
    return [definition.compute(numbers.map((n) => n ?? (inputs[next++] as NdArray)))];
  }

  override backward(indexes: readonly number[], [gy]: readonly [Variable]): Gradients {
    const gradients = new Array<Variable | null>(indexes.length);
    for (let i = 0; i < gradients.length; i++) {
      const index = indexes[i] as number;
      const derivative = this.definition.derivative(this.operandOf(index));
      if (derivative.kind === "zero") {
        gradients[i] = null;
      } else {
        const shape = this.inputShape(index);
        if (derivative.kind === "pass") gradients[i] = gy.shape === shape ? gy : sumTo(gy, shape);
        else if (config.enableBackprop) gradients[i] = this.differentiable(derivative, gy, shape);
        else gradients[i] = this.plain(derivative, gy, shape);
      }
    }
    return gradients;
  }

  /** A gradient with a graph of its own. */
  private differentiable({ definition, sources }: DerivedFunction, gy: Variable, shape: Shape): Variable {
    const inputs = this.getRetainedInputs();
    const { arity } = this.definition;
    const operands = sources.map((source) => {
      if (source === arity + 1) return gy;
      if (source === arity) return this.getRetainedOutputs()[0] as Variable;
      return this.numbers[source] ?? (inputs[this.kept.indexOf(source)] as Variable);
    });
    return sumTo(definition.call(operands), shape);
  }

  /** The same without a graph, and without what it takes to make one. */
  private plain({ definition, sources }: DerivedFunction, gy: Variable, shape: Shape): Variable {
    const { arity } = this.definition;
    const operands = new Array<Operand>(sources.length);
    for (let i = 0; i < operands.length; i++) {
      const source = sources[i] as number;
      if (source === arity + 1) operands[i] = gy.array;
      else if (source === arity) operands[i] = this.retainedOutput(0);
      else operands[i] = this.numbers[source] ?? this.retainedInput(this.kept.indexOf(source));
    }
    return new Variable(sumArrayTo(definition.compute(operands), shape), constant);
  }

  /** A bit for every operand whose gradient is wanted. */
  private wantedOperands(inputs: number): number {
    let bits = 0;
    for (let i = 0; i < inputs; i++) {
      if (this.wantsGradient(i)) bits |= 1 << this.operandOf(i);
    }
    return bits;
  }

  /** The operand that an input is. */
  private operandOf(input: number): number {
    const { numbers } = this;
    if (numbers.length === 0) return input;
    let seen = 0;
    for (let k = 0; k < numbers.length; k++) if (numbers[k] === null && seen++ === input) return k;
    return -1;
  }

  /** Retains the inputs among some operands. */
  private keep(operands: readonly number[]): void {
    const { numbers } = this;
    if (numbers.length === 0) {
      this.kept = operands;
      this.retainInputs(operands);
      return;
    }
    this.kept = operands.filter((k) => numbers[k] === null);
    this.retainInputs(this.kept.map((k) => numbers.slice(0, k).filter((n) => n === null).length));
  }

  private mixed(inputs: readonly NdArray[]): InvalidType {
    const dtypes: readonly DType[] = inputs.map((x) => x.dtype);
    return invalidType(this.label, "operands of one dtype (there is no promotion; use cast)", dtypes.join(", "));
  }

  private checkShapes(inputs: readonly NdArray[]): void {
    const ndim = Math.max(...inputs.map((x) => x.ndim));
    for (let back = 1; back <= ndim; back++) {
      let length = 1;
      for (const { shape } of inputs) {
        const own = shape[shape.length - back] ?? 1;
        if (own === 1 || own === length) continue;
        if (length !== 1) {
          const shapes = inputs.map((x) => formatShape(x.shape)).join(" and ");
          throw invalidType(this.label, "operands whose shapes broadcast together", shapes);
        }
        length = own;
      }
    }
  }
}
