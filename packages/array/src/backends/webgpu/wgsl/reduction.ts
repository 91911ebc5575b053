import type { CombineGraph, ComputeType, Node, ReductionProgram } from "../../../kernel/program.js";
import type { Shader } from "./elementwise.js";
import { constantSource, WgslEmitter, wgslType } from "./expression.js";
import { bindOperands, elementLeaves, ParameterLayout, storeSource, type Binding, type Operand } from "./operands.js";
import { positionLines, shaderSource, workgroupSize } from "./shader.js";

/** Who combines the elements of one output: a whole workgroup, or a single invocation. */
export type Team = "workgroup" | "invocation";

/** Elements that are added up one after the other before the sum joins the others. */
const run = 64;

/**
 * The first (and, without `partial`, only) stage of a reduction: for each output and each of `parts` equal parts of the
 * reduced range, combine the mapped elements. With `partial` the states are written out for {@link combineShader}.
 */
export function reductionShader(
  program: ReductionProgram,
  memory: readonly number[],
  team: Team,
  partial: boolean,
): Shader {
  const { keptRank, rank, combine } = program;
  const { operands, bindings } = bindOperands(program, memory, true);
  const layout = new ParameterLayout();
  const keptAxes = Array.from({ length: keptRank }, (_, axis) => axis);
  const reducedAxes = Array.from({ length: rank - keptRank }, (_, i) => keptRank + i);
  const stateBindings = partial ? addStateBindings(bindings, combine.types) : [];
  const [outputs, parts, reduced, part] = ["outputs", "parts", "reduced", "part"].map((name) => layout.word(name));
  const step = team === "workgroup" ? `${workgroupSize}u` : "1u";

  const element: string[] = [...positionLines(layout, operands.length, reducedAxes, "r", { from: "q" })];
  const mapper = new WgslEmitter(
    element,
    elementLeaves(program, operands, bindings, layout, {
      position: (k) => `p${k}`,
      index: "i32(r)",
      size: `i32(${reduced})`,
    }),
  );
  const mapped = program.map.map((node) => mapper.value(node));
  const accumulate = combineInto(combine, "acc", mapped, element);
  element.push(...accumulate);

  const body = [
    team === "workgroup" ? "let task = group;" : "let task = global;",
    // Uniform control flow is needed around barriers, so a whole workgroup leaves or nobody does.
    `if (task >= ${outputs} * ${parts}) { return; }`,
    `let out = task / ${parts};`,
    `let begin = (task % ${parts}) * ${part};`,
    `let end = min(begin + ${part}, ${reduced});`,
    ...positionLines(layout, operands.length, keptAxes, "out", { to: "q" }),
    ...stateVariables(combine, "acc"),
    ...stateVariables(combine, "total"),
    "var pending = 0u;",
    `for (var r = begin${team === "workgroup" ? " + lane" : ""}; r < end; r += ${step}) {`,
    ...element.map((line) => `  ${line}`),
    "  pending++;",
    `  if (pending == ${run}u) {`,
    ...fold(combine).map((line) => `    ${line}`),
    "    pending = 0u;",
    "  }",
    "}",
    ...fold(combine),
    ...(team === "workgroup" ? workgroupTree(combine) : []),
    ...(team === "workgroup" ? ["if (lane != 0u) { return; }"] : []),
    ...(partial
      ? stateBindings.map((binding, c) => `m${binding}[task] = ${encodeState(combine.types[c], `total${c}`)};`)
      : finishLines(program, operands[0] as Operand, layout)),
  ];
  const scope = team === "workgroup" ? sharedDeclarations(combine) : [];
  return { source: shaderSource(program.id, bindings, layout, body, scope), bindings, layout };
}

/** The second stage: combines the states of each output's parts and finishes. Bindings: the output, then the states. */
export function combineShader(program: ReductionProgram, team: Team): Shader {
  const { combine, keptRank } = program;
  const { operands, bindings } = bindOperands({ ...program, inputs: [], buffers: [] }, [0], true);
  const layout = new ParameterLayout();
  const stateBindings = addStateBindings(bindings, combine.types);
  for (const binding of stateBindings) (bindings[binding] as { written: boolean }).written = false;
  const [outputs, parts] = ["outputs", "parts"].map((name) => layout.word(name));
  const keptAxes = Array.from({ length: keptRank }, (_, axis) => axis);
  const element: string[] = [];
  const states = stateBindings.map((binding, c) => decodeState(combine.types[c], `m${binding}[out * ${parts} + r]`));
  element.push(...combineInto(combine, "total", states, element));
  const body = [
    team === "workgroup" ? "let out = group;" : "let out = global;",
    `if (out >= ${outputs}) { return; }`,
    ...positionLines(layout, 1, keptAxes, "out", { to: "q" }),
    ...stateVariables(combine, "total"),
    `for (var r = ${team === "workgroup" ? "lane" : "0u"}; r < ${parts}; r += ${team === "workgroup" ? `${workgroupSize}u` : "1u"}) {`,
    ...element.map((line) => `  ${line}`),
    "}",
    ...(team === "workgroup" ? [...workgroupTree(combine), "if (lane != 0u) { return; }"] : []),
    ...finishLines(program, operands[0] as Operand, layout),
  ];
  const scope = team === "workgroup" ? sharedDeclarations(combine) : [];
  return { source: shaderSource(`${program.id} (second stage)`, bindings, layout, body, scope), bindings, layout };
}

function finishLines(program: ReductionProgram, output: Operand, layout: ParameterLayout): string[] {
  const lines: string[] = [];
  const emitter = new WgslEmitter(
    lines,
    (node) => (node.kind === "parameter" ? `total${node.index}` : `i32(${layout.word("reduced")})`),
    "f",
  );
  const value = emitter.value(program.finish[0] as Node);
  return [...lines, storeSource(output, "q0", value)];
}

function addStateBindings(bindings: Binding[], types: readonly ComputeType[]): number[] {
  return types.map((type) => {
    bindings.push({ dtype: type === "bool" ? "uint32" : type, written: true, atomic: false });
    return bindings.length - 1;
  });
}

function encodeState(type: ComputeType | undefined, value: string): string {
  return type === "bool" ? `select(0u, 1u, ${value})` : value;
}

function decodeState(type: ComputeType | undefined, word: string): string {
  return type === "bool" ? `(${word} != 0u)` : word;
}

/** `var acc0: f32 = identity; …` */
export function stateVariables(combine: CombineGraph, name: string): string[] {
  return combine.types.map(
    (type, c) => `var ${name}${c}: ${wgslType(type)} = ${constantSource(combine.identity[c] as number, type)};`,
  );
}

/** Emits `acc = combine(acc, values)` into `lines`; returns the assignments. */
export function combineInto(
  combine: CombineGraph,
  name: string,
  values: readonly string[],
  lines: string[],
  prefix = "c",
): string[] {
  const n = combine.types.length;
  const emitter = new WgslEmitter(
    lines,
    (node) => {
      if (node.kind !== "parameter") return constantSource(0, "int32");
      return node.index < n ? `${name}${node.index}` : (values[node.index - n] as string);
    },
    prefix,
  );
  const results = combine.body.map((node) => emitter.value(node));
  return results.map((result, c) => `${name}${c} = ${result};`);
}

/** Adds the run that `acc` holds to `total` and starts another. */
function fold(combine: CombineGraph): string[] {
  const lines: string[] = ["{"];
  const accumulators = combine.types.map((_, c) => `acc${c}`);
  lines.push(...combineInto(combine, "total", accumulators, lines, "t"));
  lines.push(
    ...combine.types.map((type, c) => `acc${c} = ${constantSource(combine.identity[c] as number, type)};`),
    "}",
  );
  return lines;
}

/** Workgroup memory for the tree below. */
export function sharedDeclarations(combine: CombineGraph, name = "shared"): string[] {
  return combine.types.map(
    (type, c) => `var<workgroup> ${name}${c}: array<${type === "bool" ? "u32" : wgslType(type)}, ${workgroupSize}>;`,
  );
}

/** Combines `total` over the workgroup, pairwise; lane 0 ends up with the result. */
export function workgroupTree(combine: CombineGraph, total = "total", name = "shared"): string[] {
  const inner: string[] = [];
  const others = combine.types.map((type, c) => decodeState(type, `${name}${c}[lane + stride]`));
  inner.push(...combineInto(combine, total, others, inner, "t"));
  const publish = combine.types.map((type, c) => `${name}${c}[lane] = ${encodeState(type, `${total}${c}`)};`);
  return [
    ...publish,
    "workgroupBarrier();",
    `for (var stride = ${workgroupSize / 2}u; stride > 0u; stride = stride / 2u) {`,
    "  if (lane < stride) {",
    ...inner.map((line) => `    ${line}`),
    ...publish.map((line) => `    ${line}`),
    "  }",
    "  workgroupBarrier();",
    "}",
  ];
}
