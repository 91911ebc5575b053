import { ChainError, InvalidType, setLifetime, TransientScope } from "@chain/array";
import { add as addExprs, elementwise } from "@chain/array/kernel";
import { config } from "./config.js";
import { checkNaN } from "./debug.js";
import { activeHooks } from "./function-hook.js";
import { FunctionHeap } from "./function-heap.js";
import type { FunctionNode } from "./function-node.js";
import { add } from "./functions/math/basic-math.js";
import { GradientSum } from "./gradient-sum.js";
import { formatShape, sameShape } from "./shape.js";
import { constant, Variable } from "./variable.js";
import type { GradientSlot, VariableNode } from "./variable-node.js";

/** Settings of {@link backward}. */
export interface BackwardOptions {
  /** Keeps the gradients of inner variables too; otherwise only leaves get theirs. Default false. */
  readonly retainGrad?: boolean;
  /** Records a graph of the gradient computation, so that gradients can be differentiated. Default false. */
  readonly enableDoubleBackprop?: boolean;
  /** Multiplies the initial gradient of a loss; optimizers divide by it. Keeps float16 gradients from vanishing. */
  readonly lossScale?: number;
}

const addArrays = elementwise("add", (a, b) => addExprs(a, b));
const copyArray = elementwise("copy", (x) => x);
const first: readonly number[] = [0];
const noIndexes: readonly number[] = [];
const noGradients: readonly (Variable | null)[] = [];

/** One walk back through a graph. */
export class BackwardPass {
  private readonly heap = new FunctionHeap();
  /** Nodes at which the walk ends, in the order in which it came to them. */
  private readonly ends: VariableNode[] = [];
  /** Identifies this walk on nodes and functions. */
  private readonly token: object = {};
  private readonly keepGraph: boolean;
  private readonly retainGrad: boolean;
  private readonly lossScale: number | null;
  private memory: TransientScope | null = null;

  constructor(
    options: BackwardOptions,
    /** The functions to walk through; null for all. */
    private readonly needed: ReadonlySet<FunctionNode> | null,
    /** Where gradients of chosen nodes are collected; null for those of leaves, in their `gradVar`. */
    private readonly requested: Map<VariableNode, Variable | null> | null,
  ) {
    this.keepGraph = options.enableDoubleBackprop ?? false;
    this.retainGrad = options.retainGrad ?? false;
    this.lossScale = options.lossScale ?? null;
  }

  run(nodes: readonly VariableNode[], gradients: readonly Variable[]): void {
    const { keepGraph } = this;
    const before = config.enableBackprop;
    config.enableBackprop = keepGraph;
    const memory = keepGraph ? null : new TransientScope();
    this.memory = memory;
    try {
      for (let i = 0; i < nodes.length; i++) this.accumulate(nodes[i] as VariableNode, gradients[i] as Variable);
      for (let fn = this.heap.pop(); fn !== undefined; fn = this.heap.pop()) {
        this.step(fn, nodes);
        if (memory !== null) memory.sweep();
      }
      for (const node of this.ends) this.finish(node);
    } finally {
      config.enableBackprop = before;
      if (memory !== null) memory.close();
    }
  }

  /** Runs the backward of one function whose outputs' gradients are complete. */
  private step(fn: FunctionNode, roots: readonly VariableNode[]): void {
    const { inputs, outputs } = fn;
    if (inputs === null || outputs === null) return;
    const gradOutputs = new Array<Variable | null>(outputs.length);
    let some = false;
    for (let i = 0; i < gradOutputs.length; i++) {
      const node = outputs[i] as VariableNode;
      const gradient = this.take(node);
      // An output that this walk has not reached may have been given a gradient by hand.
      gradOutputs[i] = gradient ?? (this.requested === null ? node.gradVar : null);
      if (gradOutputs[i] !== null) some = true;
    }
    const indexes = this.indexesOf(inputs);
    if (some && indexes.length > 0) this.propagate(fn, inputs, indexes, gradOutputs);
    for (let i = 0; i < gradOutputs.length; i++) {
      const gradient = gradOutputs[i];
      if (gradient !== null && gradient !== undefined) this.settle(outputs[i] as VariableNode, gradient, roots);
    }
  }

  private propagate(
    fn: FunctionNode,
    inputs: readonly VariableNode[],
    wanted: readonly number[],
    gradOutputs: readonly (Variable | null)[],
  ): void {
    let indexes = wanted;
    let gradients: readonly (Variable | null)[];
    if (activeHooks.length === 0 && fn.hooks === null && !config.debug) {
      indexes = this.addDirectly(fn, inputs, wanted, gradOutputs);
      gradients = indexes.length === 0 ? noGradients : fn.backward(indexes, gradOutputs);
    } else {
      gradients = watchedBackward(fn, indexes, gradOutputs);
    }
    if (gradients.length !== indexes.length) {
      throw new ChainError(`${fn.label}: backward was asked for ${indexes.length} gradients, gave ${gradients.length}`);
    }
    for (let i = 0; i < indexes.length; i++) {
      const gradient = gradients[i];
      if (gradient === null || gradient === undefined) continue;
      const node = inputs[indexes[i] as number] as VariableNode;
      const { shape, dtype } = gradient.array;
      if (shape !== node.shape && !sameShape(shape, node.shape)) {
        throw InvalidType.of(
          `${fn.label} (backward)`,
          `a gradient of shape ${formatShape(node.shape)}`,
          formatShape(shape),
        );
      }
      if (dtype !== node.dtype) {
        throw InvalidType.of(`${fn.label} (backward)`, `a gradient of dtype ${node.dtype}`, dtype);
      }
      this.accumulate(node, gradient);
    }
  }

  /** Has the function add to gradients that inputs have already, where it can; gives the indexes that are left. */
  private addDirectly(
    fn: FunctionNode,
    inputs: readonly VariableNode[],
    indexes: readonly number[],
    gradOutputs: readonly (Variable | null)[],
  ): readonly number[] {
    if (this.memory === null) return indexes;
    let left = indexes;
    for (const index of indexes) {
      const { slot } = inputs[index] as VariableNode;
      const sum = slot === null || slot.pass !== this.token ? null : this.sumOf(slot);
      if (sum !== null && fn.addGradient(index, gradOutputs, sum)) left = left.filter((other) => other !== index);
    }
    return left;
  }

  /** What may be added to a gradient in place; null if something else sees its array. */
  private sumOf(slot: GradientSlot): GradientSum | null {
    const { memory } = this;
    if (slot.sum !== null || memory === null) return slot.sum;
    const { array } = slot.gradient;
    if (array.contiguous && memory.isExclusive(array)) slot.sum = new GradientSum(array, memory);
    return slot.sum;
  }

  /** Inputs of a function whose gradients are needed. */
  private indexesOf(inputs: readonly VariableNode[]): readonly number[] {
    if (inputs.length === 1) return this.isNeeded(inputs[0] as VariableNode) ? first : noIndexes;
    const indexes: number[] = [];
    for (let i = 0; i < inputs.length; i++) if (this.isNeeded(inputs[i] as VariableNode)) indexes.push(i);
    return indexes;
  }

  private isNeeded(node: VariableNode): boolean {
    if (!node.requiresGrad) return false;
    const { needed, requested } = this;
    if (needed === null || requested === null) return true;
    return requested.has(node) || (node.creator !== null && needed.has(node.creator));
  }

  /** Adds to a node's gradient, and sees to it that its creator will be run. */
  private accumulate(node: VariableNode, gradient: Variable): void {
    const slot = node.slot;
    const { memory } = this;
    if (slot === null || slot.pass !== this.token) {
      node.slot = { pass: this.token, gradient, sum: null, outer: slot };
      if (memory !== null) memory.pin(gradient.array);
      const { creator } = node;
      if (creator === null || (this.needed !== null && !this.needed.has(creator))) {
        this.ends.push(node);
      } else if (creator.backwardPass !== this.token) {
        creator.backwardPass = this.token;
        this.heap.push(creator);
      }
    } else if (memory === null) {
      slot.gradient = add(slot.gradient, gradient);
    } else {
      const sum = this.sumOf(slot);
      if (sum !== null) {
        sum.add(gradient.array);
        return;
      }
      const before = slot.gradient.array;
      const total = addArrays(before, gradient.array);
      memory.pin(total);
      memory.unpin(before);
      slot.gradient = new Variable(total, constant);
      slot.sum = new GradientSum(total, memory);
    }
  }

  /** The gradient that has come together at a node, if any. */
  private take(node: VariableNode): Variable | null {
    const { slot } = node;
    if (slot === null || slot.pass !== this.token) return null;
    slot.sum?.complete();
    node.slot = slot.outer;
    return slot.gradient;
  }

  /** Stores or drops the gradient of an inner node that has been used. */
  private settle(node: VariableNode, gradient: Variable, roots: readonly VariableNode[]): void {
    const { requested, memory } = this;
    if (requested !== null && requested.has(node)) this.deliver(requested, node, gradient);
    if (this.retainGrad) {
      node.gradVar = gradient;
      if (memory !== null) memory.release(gradient.array);
    } else if (requested === null && roots[0] !== node) {
      node.gradVar = null;
    }
    if (memory !== null) memory.unpin(gradient.array);
  }

  /** Delivers the gradient of a node at which the walk has ended. */
  private finish(node: VariableNode): void {
    const gradient = this.take(node);
    if (gradient === null) return;
    const { requested, memory } = this;
    if (requested !== null) {
      if (requested.has(node)) this.deliver(requested, node, gradient);
    } else {
      node.gradVar = this.leafGradient(node, gradient);
      node.lossScale = this.lossScale;
      if (memory !== null) {
        // It lives as long as the leaf itself: longer, maybe, than the scope in which backward runs.
        node.ownGradient = node.gradVar.array;
        setLifetime(node.ownGradient, node.lifetime);
      }
    }
    if (memory !== null) memory.unpin(gradient.array);
  }

  private leafGradient(node: VariableNode, gradient: Variable): Variable {
    const { memory } = this;
    const before = node.gradVar;
    if (memory === null) return before === null ? gradient : add(before, gradient);
    const { array } = gradient;
    if (before !== null) {
      const sum = addArrays(before.array, array);
      node.cleargrad();
      return new Variable(sum, constant);
    }
    // A leaf's gradient is its own array, not a view or another variable's, because hooks of optimizers change it.
    if (memory.isExclusive(array) && array.contiguous) return gradient;
    return new Variable(copyArray(array), constant);
  }

  private deliver(requested: Map<VariableNode, Variable | null>, node: VariableNode, gradient: Variable): void {
    const start = requested.get(node) ?? null;
    const total = start === null ? gradient : add(start, gradient);
    requested.set(node, total);
    if (this.memory !== null) this.memory.release(total.array);
  }
}

/** Runs a function's backward with hooks and debug checks around it. */
function watchedBackward(
  fn: FunctionNode,
  indexes: readonly number[],
  gradOutputs: readonly (Variable | null)[],
): readonly (Variable | null)[] {
  const hooks = fn.watchers();
  const inputs = fn.retainedInputArrays();
  const outputs = gradOutputs.map((g) => g?.array ?? null);
  for (const hook of hooks) hook.backwardPreprocess(fn, inputs, outputs);
  const gradients = fn.backward(indexes, gradOutputs);
  for (const hook of hooks) hook.backwardPostprocess(fn, inputs, outputs);
  if (config.debug) {
    checkNaN(
      gradients.map((g) => g?.array ?? null),
      () => `NaN in the backward computation of ${fn.label}${fn.madeAt === null ? "" : `, called at ${fn.madeAt}`}`,
    );
  }
  return gradients;
}
