import { InvalidType, ValueError, type NdArray } from "@chain/array";
import {
  asArray,
  buildComputationalGraph,
  FunctionNode,
  usingConfig,
  Variable,
  type VariableLike,
} from "@chain/autograd";
import { Tape } from "./tape.js";

/** One run of a model. */
export interface Trace {
  readonly inputs: readonly Variable[];
  readonly outputs: readonly Variable[];
  /** The functions that led to the outputs, each behind those whose results it takes. */
  readonly functions: readonly FunctionNode[];
  readonly tape: Tape;
}

/** Runs a model as at inference, and records the graph. Inputs want gradients, so that what is computed from them is in it. */
export function trace(forward: (...inputs: Variable[]) => unknown, inputs: readonly VariableLike[]): Trace {
  const variables = inputs.map((input) => new Variable(asArray(input)));
  const tape = new Tape();
  const result = usingConfig("train", false, () =>
    usingConfig("enableBackprop", true, () => tape.withHook(() => forward(...variables))),
  );
  const outputs = outputsOf(result);
  const functions = buildComputationalGraph(outputs)
    .nodes.filter((node) => node instanceof FunctionNode)
    .sort((a, b) => a.rank - b.rank);
  checkInputs(variables, tape);
  return { inputs: variables, outputs, functions, tape };
}

function outputsOf(result: unknown): readonly Variable[] {
  const outputs: unknown[] = Array.isArray(result) ? result : [result];
  const variables = outputs.filter((output) => output instanceof Variable);
  if (variables.length === 0 || variables.length < outputs.length) {
    throw InvalidType.of("toOnnx", "a model that returns a Variable, or a list of them", describe(result));
  }
  return variables;
}

function describe(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(describe).join(", ")}]`;
  return typeof value === "object" && value !== null ? value.constructor.name : typeof value;
}

/** What is computed from an input without the graph would be in the file as a constant. */
function checkInputs(inputs: readonly Variable[], tape: Tape): void {
  const arrays = new Set<NdArray>(inputs.map(({ array }) => array));
  if (arrays.size < inputs.length) throw new ValueError("toOnnx: the same array is given as two inputs; copy it");
  const lost = tape.unrecorded(arrays);
  if (lost !== null) {
    throw new ValueError(
      `toOnnx: ${lost.label} is computed from an input and not in the graph, so the file would have its result as a ` +
        "constant; integers have no graph, apply it to them before they are given to the model",
    );
  }
}
