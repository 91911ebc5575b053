import { ChainError, InvalidType, isFloating, NdArray, ValueError, type Shape } from "@chain/array";
import { config } from "./config.js";
import { checkNaN } from "./debug.js";
import { activeHooks, type FunctionHook } from "./function-hook.js";
import type { GradientSum } from "./gradient-sum.js";
import { callSite, constant, Variable, type VariableLike } from "./variable.js";
import { VariableNode } from "./variable-node.js";

/** Gradients by output or by input; null means zero. */
export type Gradients = readonly (Variable | null)[];

/**
 * A differentiable function's run, and its node in the graph (Chainer's `FunctionNode`).
 *
 * Implementers give {@link forward}, on arrays, and {@link backward}, on Variables and made of differentiable functions,
 * so that gradients of gradients come for free. What backward needs is retained in forward:
 *
 * ```ts
 * class Square extends FunctionNode {
 *   override forward([x]: readonly [NdArray]) {
 *     this.retainInputs([0]);
 *     return [multiply(x, x)];
 *   }
 *   override backward(_indexes: readonly number[], [gy]: readonly [Variable]) {
 *     const [x] = this.getRetainedInputs() as [Variable];
 *     return [F.mul(F.mul(gy, x), 2)];
 *   }
 * }
 * const [y] = new Square().apply([x]);
 * ```
 */
export abstract class FunctionNode {
  /** Nodes of the inputs; null before the run, without a graph, and after {@link unchain}. */
  inputs: readonly VariableNode[] | null = null;
  /** Nodes of the outputs; null as `inputs`. */
  outputs: readonly VariableNode[] | null = null;
  /** Length of the longest path from a leaf. */
  rank = 0;
  /** In debug mode: the call that ran it. */
  madeAt: string | null = null;
  /** Hooks of this function alone. */
  hooks: Map<string, FunctionHook> | null = null;
  /** For the backward pass alone: the pass that has seen this function, and in which order. */
  backwardPass: object | null = null;
  backwardOrder = 0;

  private inputIndexes: readonly number[] = none;
  private outputIndexes: readonly number[] = none;
  private inputArrays: readonly NdArray[] = noArrays;
  private outputArrays: readonly NdArray[] = noArrays;
  /** Bit i: input i wants a gradient. Inputs from the 31st on share the last bit. */
  private gradientBits = 0;

  /** Name in messages, graphs and hooks: the function's as it is called. */
  get label(): string {
    return this.constructor.name;
  }

  /** Throws `InvalidType` for inputs that the function does not take. Runs before {@link forward}. */
  checkTypeForward(_inputs: readonly NdArray[]): void {}

  /** Computes the outputs. */
  abstract forward(inputs: readonly NdArray[]): readonly NdArray[];

  /**
   * The gradients of inputs `indexes` (those that are wanted), in that order, from the gradients of all outputs, of which
   * at least one is not null: a function of one output may take them as `[gy]: readonly [Variable]`. A function without a
   * backward is not differentiable.
   *
   * Unless a graph of the gradients is asked for, arrays made here are freed as soon as no gradient needs them: what a
   * function wants to have later, it has to `keep()`.
   */
  backward(indexes: readonly number[], _gradOutputs: Gradients): Gradients {
    return indexes.map(() => null);
  }

  /**
   * Adds the gradient of input `index` to `sum` and returns true; or returns false, and {@link backward} is asked for it.
   For functions that can add a gradient for less than an array of its own and an addition cost, when their
   * input has others already: weights that are used at every step of a sequence. Called only while no graph of the
   * gradients is recorded; what `backward` says of its arguments holds here.
   */
  addGradient(_index: number, _gradOutputs: Gradients, _sum: GradientSum): boolean {
    return false;
  }

  /** Runs the function on Variables (and arrays, which want no gradient), and records it in the graph. */
  apply(inputs: readonly VariableLike[]): Variable[] {
    const count = inputs.length;
    const arrays = new Array<NdArray>(count);
    let wanted = 0;
    for (let i = 0; i < count; i++) {
      const input = inputs[i] as VariableLike;
      if (input instanceof Variable) {
        arrays[i] = input.array;
        if (input.requiresGrad) wanted |= bit(i);
      } else if (input instanceof NdArray) {
        arrays[i] = input;
      } else {
        throw InvalidType.of(`${this.label} (forward)`, "Variables or arrays (make one with array())", describe(input));
      }
    }
    if (config.typeCheck) this.checkTypeForward(arrays);
    const record = wanted !== 0 && config.enableBackprop;
    if (record) this.gradientBits = wanted;
    const results =
      activeHooks.length === 0 && this.hooks === null && !config.debug
        ? this.forward(arrays)
        : this.watchedForward(arrays);

    const outputs = new Array<Variable>(results.length);
    if (!record) {
      for (let i = 0; i < outputs.length; i++) {
        outputs[i] = new Variable(results[i] as NdArray, wanted === 0 ? constant : undefined);
      }
      return outputs;
    }
    if (this.inputs !== null) {
      throw new ChainError(`${this.label}: a function node records one run; make a new one for every apply()`);
    }
    const inputNodes = new Array<VariableNode>(count);
    let rank = 0;
    for (let i = 0; i < count; i++) {
      const input = inputs[i] as VariableLike;
      const node = input instanceof Variable ? input.node : new VariableNode(input.shape, input.dtype, false, null);
      if (node.rank > rank) rank = node.rank;
      inputNodes[i] = node;
    }
    const outputNodes = new Array<VariableNode>(results.length);
    for (let i = 0; i < outputs.length; i++) {
      const array = results[i] as NdArray;
      const node = new VariableNode(array.shape, array.dtype, isFloating(array.dtype), null);
      node.creator = this;
      node.rank = rank + 1;
      outputNodes[i] = node;
      outputs[i] = new Variable(array, undefined, node);
    }
    this.rank = rank;
    this.inputs = inputNodes;
    this.outputs = outputNodes;
    if (this.inputIndexes.length > 0) this.inputArrays = pick(arrays, this.inputIndexes);
    if (this.outputIndexes.length > 0) this.outputArrays = pick(results, this.outputIndexes);
    return outputs;
  }

  /** In backward: the shape that an input had. */
  inputShape(index: number): Shape {
    const node = this.inputs?.[index];
    if (node === undefined) throw new ChainError(`${this.label}: no input ${index}, or the graph was cut here`);
    return node.shape;
  }

  /** In forward: whether the gradient of input `index` will be wanted. False throughout when no graph is recorded. */
  wantsGradient(index: number): boolean {
    return (this.gradientBits & bit(index)) !== 0;
  }

  /** In forward: keeps these inputs for {@link getRetainedInputs}. */
  retainInputs(indexes: readonly number[]): void {
    this.inputIndexes = indexes;
  }

  /** In forward: keeps these outputs for {@link getRetainedOutputs}. */
  retainOutputs(indexes: readonly number[]): void {
    this.outputIndexes = indexes;
  }

  /** In backward: the inputs that forward retained, in the order of `retainInputs`, in their place in the graph. */
  getRetainedInputs(): Variable[] {
    return this.restore(this.inputIndexes, this.inputArrays, this.inputs);
  }

  /** In backward: the outputs that forward retained, in the order of `retainOutputs`, in their place in the graph. */
  getRetainedOutputs(): Variable[] {
    return this.restore(this.outputIndexes, this.outputArrays, this.outputs);
  }

  /** In backward: the array of the `i`-th retained input, for gradients that need no graph. */
  retainedInput(i: number): NdArray {
    return this.retained(this.inputArrays[i]);
  }

  /** In backward: the array of the `i`-th retained output. */
  retainedOutput(i: number): NdArray {
    return this.retained(this.outputArrays[i]);
  }

  /** The retained inputs by position, null where none was retained. For hooks. */
  retainedInputArrays(): (NdArray | null)[] {
    const arrays: (NdArray | null)[] = (this.inputs ?? []).map(() => null);
    this.inputIndexes.forEach((index, i) => (arrays[index] = this.inputArrays[i] ?? null));
    return arrays;
  }

  /** Cuts the graph at this function and lets go of what it retained. */
  unchain(): void {
    if (this.outputs !== null) for (const node of this.outputs) node.unchain();
    this.inputs = null;
    this.outputs = null;
    this.inputArrays = noArrays;
    this.outputArrays = noArrays;
  }

  /** Adds a hook that is told of this function alone. */
  addHook(hook: FunctionHook, name: string = hook.name): void {
    this.hooks ??= new Map();
    if (this.hooks.has(name)) throw new ValueError(`${this.label} has a hook named "${name}" already`);
    this.hooks.set(name, hook);
    hook.added(this);
  }

  /** Removes a hook that was added to this function. */
  deleteHook(name: string): void {
    const hook = this.hooks?.get(name);
    if (hook === undefined) throw new ValueError(`${this.label} has no hook named "${name}"`);
    this.hooks?.delete(name);
    hook.deleted(this);
  }

  /** Every hook that watches this function. */
  watchers(): FunctionHook[] {
    return this.hooks === null ? [...activeHooks] : [...activeHooks, ...this.hooks.values()];
  }

  private retained(array: NdArray | undefined): NdArray {
    if (array === undefined) throw new ChainError(`${this.label}: it was not retained, or the graph was cut here`);
    return array;
  }

  private watchedForward(arrays: readonly NdArray[]): readonly NdArray[] {
    const hooks = this.watchers();
    for (const hook of hooks) hook.forwardPreprocess(this, arrays);
    const results = this.forward(arrays);
    for (const hook of hooks) hook.forwardPostprocess(this, arrays);
    if (config.debug) {
      const madeAt = callSite();
      this.madeAt = madeAt;
      checkNaN(results, () => `NaN in the forward computation of ${this.label}, called at ${madeAt}`);
    }
    return results;
  }

  private restore(
    indexes: readonly number[],
    arrays: readonly NdArray[],
    nodes: readonly VariableNode[] | null,
  ): Variable[] {
    if (nodes === null) throw new ChainError(`${this.label}: nothing is retained; the graph was cut here`);
    const variables = new Array<Variable>(indexes.length);
    for (let i = 0; i < variables.length; i++) {
      variables[i] = new Variable(arrays[i] as NdArray, undefined, nodes[indexes[i] as number]);
    }
    return variables;
  }
}

const none: readonly number[] = [];
const noArrays: readonly NdArray[] = [];

function describe(value: unknown): string {
  if (Array.isArray(value)) return "a list";
  return typeof value === "object" && value !== null ? value.constructor.name : String(value);
}

function bit(index: number): number {
  return 1 << (index < 30 ? index : 30);
}

function pick(arrays: readonly NdArray[], indexes: readonly number[]): NdArray[] {
  const picked = new Array<NdArray>(indexes.length);
  for (let i = 0; i < picked.length; i++) picked[i] = arrays[indexes[i] as number] as NdArray;
  return picked;
}
