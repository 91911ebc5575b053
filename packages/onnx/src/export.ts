import { ChainError, concatenate, isFloating, ValueError, type NdArray, type Shape } from "@chain/array";
import { asArray, type Variable, type VariableLike, type VariableNode } from "@chain/autograd";
import type { Link } from "@chain/links";
import { writeFileAtomically } from "@chain/links/serializers";
import { convert } from "./converter.js";
import { registerConverters } from "./converters/index.js";
import { OnnxGraph, type OnnxValue } from "./onnx-graph.js";
import { trace, type Trace } from "./trace.js";

registerConverters();

/** Options of {@link toOnnx}. */
export interface OnnxOptions<Inputs extends readonly VariableLike[] = readonly VariableLike[]> {
  /**
   * What is run, from inputs to a Variable or a list of them; the model's `forward` by default. Give it where the model
   * returns something else, or has a state that is to be an input and an output.
   */
  readonly forward?: (...inputs: { readonly [K in keyof Inputs]: Variable }) => unknown;
  /** Names of the inputs; `x` if it is one, else `x0`, `x1`, … */
  readonly inputNames?: readonly string[];
  /** Names of the outputs; `y` if it is one, else `y0`, `y1`, … */
  readonly outputNames?: readonly string[];
  /**
   * `fixed` (the default): inputs have the shapes of those given. `dynamic`: the first axis of inputs and outputs, of the
   * same length in all inputs, may have any length; to see whether that holds, the model is run once more, on twice as
   * many examples.
   */
  readonly batch?: "fixed" | "dynamic";
}

/**
 * A model as an ONNX file (opset 17): runs it on `inputs` as at inference (`config.train` false), and translates the graph
 * that the run leaves behind. What the run decided, how often a loop went round say, is decided in the file; parameters
 * are in it under their paths, `/predictor/l1/W`; other arrays that entered the graph are constants.
 *
 * ```ts
 * const bytes = await toOnnx(model, [x], { batch: "dynamic" });
 * ```
 *
 * A model with a state, such as one with an `LSTM`, is left in the state after the run.
 *
 * @throws UnsupportedFunctionError for a function that has no converter (see {@link registerConverter}); ValueError if an
 * input does not reach the outputs through the graph, or the graph depends on the size of a batch that is to be dynamic;
 * InvalidType if the model returns something else than Variables.
 */
export async function toOnnx<const Inputs extends readonly VariableLike[]>(
  model: Link,
  inputs: Inputs,
  options: OnnxOptions<Inputs> = {},
): Promise<Uint8Array> {
  const forward = (options.forward ?? ((...xs: unknown[]) => model.forward(...xs))) as (...xs: Variable[]) => unknown;
  const { batch = "fixed" } = options;
  const bytes = await encode(model, trace(forward, inputs), options);
  if (batch === "fixed") return bytes;
  const doubled = await encode(model, trace(forward, inputs.map(twice)), options);
  if (bytes.length !== doubled.length || bytes.some((byte, i) => byte !== doubled[i])) {
    throw new ValueError(
      'toOnnx: what the model computes depends on the size of the batch; export it with batch: "fixed"',
    );
  }
  return bytes;
}

/**
 * Writes a model into an ONNX file; see {@link toOnnx}. At every moment there is either the old file or the whole new one.
 *
 * @throws FileError if the file cannot be written, and what `toOnnx` throws.
 */
export async function exportOnnx<const Inputs extends readonly VariableLike[]>(
  model: Link,
  inputs: Inputs,
  file: string | URL,
  options: OnnxOptions<Inputs> = {},
): Promise<void> {
  await writeFileAtomically(file, await toOnnx(model, inputs, options));
}

function twice(input: VariableLike): NdArray {
  const x = asArray(input);
  return concatenate([x, x], { axis: 0 });
}

function encode(
  model: Link,
  { functions, inputs, outputs, tape }: Trace,
  options: Omit<OnnxOptions, "forward">,
): Promise<Uint8Array> {
  const { batch = "fixed" } = options;
  const inputNames = namesOf("inputNames", options.inputNames, inputs.length, "x");
  const outputNames = namesOf("outputNames", options.outputNames, outputs.length, "y");
  const size = inputs[0]?.shape[0];
  const shapeOf = (shape: Shape): OnnxValue["shape"] =>
    batch === "dynamic" ? shape.map((length, i) => (i === 0 && length === size ? "batch" : length)) : shape;
  const graph = new OnnxGraph([...inputNames, ...outputNames]);
  const names = new Map<VariableNode, string>();
  inputs.forEach(({ array, node }, i) => {
    const name = inputNames[i] as string;
    names.set(node, name);
    graph.bind(array, name);
  });
  const paths = new Map(model.namedParams({ includeUninit: false }).map(([path, { node }]) => [node, path]));
  for (const fn of functions) {
    const operands = (fn.inputs ?? []).map((node, i) => {
      const known = names.get(node);
      if (known !== undefined) return known;
      const array = tape.inputOf(fn, i);
      if (node.creator !== null || array === null)
        throw new ChainError(`toOnnx: ${fn.label} was not run by the model, but before; start anew`);
      const name = graph.array(array, paths.get(node));
      names.set(node, name);
      return name;
    });
    const results = convert(fn, operands, graph);
    fn.outputs?.forEach((node, i) => names.set(node, results[i] as string));
  }
  outputs.forEach(({ node }, i) => {
    const value = names.get(node);
    if (value === undefined) throw new ValueError(`toOnnx: output ${i} is not computed from the inputs or parameters`);
    graph.rename(value, outputNames[i] as string);
  });
  inputs.forEach(({ dtype }, i) => {
    if (graph.uses(inputNames[i] as string)) return;
    const hint = isFloating(dtype) ? "is the graph cut, or its array used?" : "only embedId takes integers";
    throw new ValueError(`toOnnx: no output depends on input ${i} through the graph; ${hint}`);
  });
  const value = ({ dtype, shape }: Variable, name: string): OnnxValue => ({ name, dtype, shape: shapeOf(shape) });
  return graph.encode(
    model.constructor.name,
    inputs.map((input, i) => value(input, inputNames[i] as string)),
    outputs.map((output, i) => value(output, outputNames[i] as string)),
  );
}

function namesOf(option: string, given: readonly string[] | undefined, count: number, base: string): readonly string[] {
  const names = given ?? Array.from({ length: count }, (_, i) => (count === 1 ? base : `${base}${i}`));
  if (names.length !== count || new Set(names).size !== count) {
    throw new ValueError(`toOnnx: ${option} are ${count} different names, got [${names.join(", ")}]`);
  }
  return names;
}
