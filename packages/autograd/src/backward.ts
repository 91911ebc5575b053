import { InvalidType, ValueError } from "@chain/array";
import { castLike, elementwise } from "@chain/array/kernel";
import { BackwardPass, type BackwardOptions } from "./backward-pass.js";
import type { FunctionNode } from "./function-node.js";
import { formatShape, sameShape } from "./shape.js";
import { constant, Variable } from "./variable.js";
import type { VariableNode } from "./variable-node.js";

export type { BackwardOptions } from "./backward-pass.js";

/** Settings of {@link grad}. */
export interface GradOptions extends BackwardOptions {
  /** Gradients of the outputs; ones where null or not given. */
  readonly gradOutputs?: readonly (Variable | null)[];
  /** Gradients of the inputs that the results are added to. */
  readonly gradInputs?: readonly (Variable | null)[];
  /** Also stores the results in the inputs' `grad`. Default false. */
  readonly setGrad?: boolean;
}

const fullLike = elementwise("full_like", (x, value) => castLike(value, x));

/**
 * Computes the gradients of everything that `output` was made from (Chainer's `Variable.backward`). Leaves of the graph
 * get them added to their `grad`.
 *
 * The gradient of `output` itself is its `grad`; an output of one element gets 1 if it has none.
 *
 * @throws ValueError if `output` has several elements and no `grad`.
 */
export function backward(output: Variable, options: BackwardOptions = {}): void {
  if (output.creator === null) return;
  const { node } = output;
  if (node.gradVar === null) {
    if (output.size !== 1) {
      throw new ValueError(
        `backward() from ${output.label}: set its grad first, or reduce it to one number (sum, mean), ` +
          `because only a scalar has a gradient by itself`,
      );
    }
    node.gradVar = new Variable(fullLike(output.array, options.lossScale ?? 1), constant);
  }
  const pass = new BackwardPass(options, null, null);
  pass.run([node], [node.gradVar]);
}

/**
 * The gradients of `outputs` by `inputs`, which may be inner variables (Chainer's `chainer.grad`); null for inputs that
 * no output depends on. Nobody's `grad` changes unless `setGrad` is given, and nothing is computed that is not on a path
 * from an input to an output.
 */
export function grad(
  outputs: readonly Variable[],
  inputs: readonly Variable[],
  options: GradOptions = {},
): (Variable | null)[] {
  const { gradOutputs = [], gradInputs = [], setGrad = false, lossScale = 1 } = options;
  checkCount("gradOutputs", gradOutputs, "outputs", outputs);
  checkCount("gradInputs", gradInputs, "inputs", inputs);
  const requested = new Map<VariableNode, Variable | null>();
  inputs.forEach((input, i) => requested.set(input.node, gradInputs[i] ?? null));
  const needed = functionsBetween(outputs, requested);
  const seeds = outputs.map((output, i) => {
    const given = gradOutputs[i];
    if (given === null || given === undefined) return new Variable(fullLike(output.array, lossScale), constant);
    if (!sameShape(given.shape, output.shape)) {
      throw InvalidType.of(
        `grad (gradOutputs[${i}])`,
        `shape ${formatShape(output.shape)}`,
        `shape ${formatShape(given.shape)}`,
      );
    }
    return given;
  });
  const pass = new BackwardPass(options, needed, requested);
  pass.run(
    outputs.map((output) => output.node),
    seeds,
  );
  const gradients = inputs.map((input) => requested.get(input.node) ?? null);
  if (setGrad) inputs.forEach((input, i) => (input.gradVar = gradients[i] ?? null));
  return gradients;
}

function checkCount(name: string, given: readonly unknown[], of: string, all: readonly unknown[]): void {
  if (given.length > 0 && given.length !== all.length) {
    throw new ValueError(`grad: ${name} must be as many as ${of}, ${all.length}, got ${given.length}`);
  }
}

/** The functions that lie on a path from an input to an output. */
function functionsBetween(outputs: readonly Variable[], inputs: ReadonlyMap<VariableNode, unknown>): Set<FunctionNode> {
  const needed = new Set<FunctionNode>();
  const order: FunctionNode[] = [];
  const seen = new Set<FunctionNode>();
  const stack: FunctionNode[] = [];
  const visit = (fn: FunctionNode | null): void => {
    if (fn === null || seen.has(fn)) return;
    seen.add(fn);
    stack.push(fn);
    order.push(fn);
  };
  for (const output of outputs) visit(output.creator);
  for (let fn = stack.pop(); fn !== undefined; fn = stack.pop()) {
    for (const node of fn.inputs ?? []) visit(node.creator);
  }
  order.sort((a, b) => a.rank - b.rank);
  for (const fn of order) {
    for (const node of fn.inputs ?? []) {
      if (inputs.has(node) || (node.creator !== null && needed.has(node.creator))) {
        needed.add(fn);
        break;
      }
    }
  }
  return needed;
}
