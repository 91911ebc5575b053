import { ChainError, type NdArray } from "@chain/array";
import { backward, grad } from "../../backward.js";
import { config, forceBackpropMode, noBackpropMode } from "../../config.js";
import { FunctionNode, type Gradients } from "../../function-node.js";
import { asVariable, Variable, type VariableLike } from "../../variable.js";
import type { VariableNode } from "../../variable-node.js";
import { identity } from "../math/identity.js";

/** What {@link forget} runs: it takes Variables and returns one, or several. */
export type ForgettableFunction = (...xs: Variable[]) => Variable | readonly Variable[];

class Forget extends FunctionNode {
  constructor(private readonly func: ForgettableFunction) {
    super();
  }

  override get label(): string {
    return "forget";
  }

  override forward(xs: readonly NdArray[]): NdArray[] {
    this.retainInputs(xs.map((_, index) => index));
    return noBackpropMode(() => this.run(xs.map((x) => new Variable(x)))).map((y) => y.array);
  }

  override backward(indexes: readonly number[], gys: Gradients): Gradients {
    const inputs = this.getRetainedInputs();
    return config.enableBackprop ? this.withGraph(indexes, inputs, gys) : this.withoutGraph(indexes, inputs, gys);
  }

  /** Runs the function again and walks back through it; what it uses besides its arguments gets gradients too. */
  private withoutGraph(indexes: readonly number[], inputs: readonly Variable[], gys: Gradients): Gradients {
    const xs = inputs.map((x) => new Variable(x.array));
    const ys = forceBackpropMode(() => this.joined(xs));
    const start = gys.findIndex((gy, i) => gy !== null && ys[i] !== undefined);
    const first = ys[start];
    if (first === undefined) return indexes.map(() => null);
    gys.forEach((gy, i) => {
      const y = ys[i];
      if (y !== undefined) y.gradVar = gy;
    });
    backward(first);
    return indexes.map((index) => xs[index]?.gradVar ?? null);
  }

  /** As {@link withoutGraph}, for gradients that are differentiated again. */
  private withGraph(indexes: readonly number[], inputs: readonly Variable[], gys: Gradients): Gradients {
    const xs = inputs.map((x) => identity(x));
    const ys = this.run(xs);
    const ends = new Set(xs.map((x) => x.node));
    for (const leaf of ys.flatMap((y) => leavesOf(y.node, ends))) {
      if (leaf.requiresGrad && !ends.has(leaf)) {
        throw new ChainError(
          `forget: double backprop reaches the arguments only; pass ${leaf.name ?? "the variables that func uses"} as arguments too`,
        );
      }
    }
    const used = ys.flatMap((y, i) => ((gys[i] ?? null) === null || y.creator === null ? [] : [i]));
    const gxs = grad(
      used.map((i) => ys[i] as Variable),
      xs,
      { gradOutputs: used.map((i) => gys[i] as Variable), enableDoubleBackprop: true },
    );
    return indexes.map((index) => gxs[index] ?? null);
  }

  private run(xs: Variable[]): Variable[] {
    const result = this.func(...xs);
    return Array.isArray(result) ? [...(result as readonly Variable[])] : [result as Variable];
  }

  /** The results, as outputs of one function, so that one walk can start from all of them. */
  private joined(xs: Variable[]): Variable[] {
    const ys = identity(...this.run(xs));
    return Array.isArray(ys) ? ys : [ys];
  }
}

/** The nodes at which the graph that leads to `node` begins, or that are among `ends`. */
function leavesOf(node: VariableNode, ends: ReadonlySet<VariableNode> = new Set()): VariableNode[] {
  const seen = new Set<VariableNode>([node]);
  const leaves: VariableNode[] = [];
  for (const next of seen) {
    if (next.creator === null || ends.has(next)) leaves.push(next);
    else for (const input of next.creator.inputs ?? []) seen.add(input);
  }
  return leaves;
}

/**
 * Runs a function without keeping what backward needs of it: backward runs it again. Saves memory for time.
 *
 * Variables that `func` uses besides its arguments (parameters of a link, say) get their gradients too, but not in double
 * backprop, where that is an error. `func` must give the same results when it runs again: no random numbers.
 *
 * Follows Chainer's `forget`, which has no double backprop.
 *
 * @param func - Takes Variables, returns one or a list of them.
 * @param xs - Its arguments.
 */
export function forget(func: (...xs: Variable[]) => Variable, ...xs: VariableLike[]): Variable;
export function forget(func: ForgettableFunction, ...xs: VariableLike[]): Variable | Variable[];
export function forget(func: ForgettableFunction, ...xs: VariableLike[]): Variable | Variable[] {
  const outputs = new Forget(func).apply(xs.map(asVariable));
  return outputs.length === 1 ? (outputs[0] as Variable) : outputs;
}
