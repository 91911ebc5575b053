import type { CombineGraph, ComputeType, ReductionProgram } from "../../../kernel/program.js";
import type { Shader } from "./elementwise.js";
import { constantSource, WgslEmitter, wgslType } from "./expression.js";
import { bindOperands, elementLeaves, ParameterLayout, storeSource, type Binding, type Operand } from "./operands.js";
import { positionLines, shaderSource, workgroupSize } from "./shader.js";

/** How many invocations of a workgroup combine the elements of one output. */
export type Team = 1 | 32 | 256;

/** So many elements are added up one after the other, and so many of their sums, before they join the total. */
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
  element.push(...combineInto(combine, "acc", mapped, element));

  const body = [
    ...taskLines(team, `${outputs} * ${parts}`),
    `let out = task / ${parts};`,
    `let begin = (task % ${parts}) * ${part};`,
    `let end = ${guarded(team, `min(begin + ${part}, ${reduced})`)};`,
    ...positionLines(layout, operands.length, keptAxes, "out", { to: "q" }),
    ...inRuns(combine, "", `for (var r = begin + member; r < end; r += ${team}u) {`, element),
    ...teamTree(team, combine),
    `if (${isLeader(team)}) {`,
    ...(partial
      ? stateBindings.map((binding, c) => `m${binding}[task] = ${encodeState(combine.types[c], `total${c}`)};`)
      : finishLines(program, operands, layout)),
    "}",
  ];
  const scope = team === 1 ? [] : sharedDeclarations(combine);
  return { source: shaderSource(program.id, bindings, layout, body, scope), bindings, layout };
}

/** The second stage: combines the states of each output's parts and finishes. Bindings: the outputs, then the states. */
export function combineShader(program: ReductionProgram, memory: readonly number[], team: Team): Shader {
  const { combine, keptRank } = program;
  const { operands, bindings } = bindOperands({ ...program, inputs: [], buffers: [] }, memory, true);
  const layout = new ParameterLayout();
  const stateBindings = addStateBindings(bindings, combine.types);
  for (const binding of stateBindings) (bindings[binding] as { written: boolean }).written = false;
  const [outputs, parts] = ["outputs", "parts"].map((name) => layout.word(name));
  const keptAxes = Array.from({ length: keptRank }, (_, axis) => axis);
  const element: string[] = [];
  const states = stateBindings.map((binding, c) => decodeState(combine.types[c], `m${binding}[out * ${parts} + r]`));
  element.push(...combineInto(combine, "total", states, element));
  const body = [
    ...taskLines(team, outputs as string),
    "let out = task;",
    ...positionLines(layout, operands.length, keptAxes, "out", { to: "q" }),
    ...stateVariables(combine, "total"),
    `let end = ${guarded(team, parts as string)};`,
    `for (var r = member; r < end; r += ${team}u) {`,
    ...element.map((line) => `  ${line}`),
    "}",
    ...teamTree(team, combine),
    `if (${isLeader(team)}) {`,
    ...finishLines(program, operands, layout),
    "}",
  ];
  const scope = team === 1 ? [] : sharedDeclarations(combine);
  return { source: shaderSource(`${program.id} (second stage)`, bindings, layout, body, scope), bindings, layout };
}

function finishLines(program: ReductionProgram, operands: readonly Operand[], layout: ParameterLayout): string[] {
  const lines: string[] = [];
  const emitter = new WgslEmitter(
    lines,
    (node) => (node.kind === "parameter" ? `total${node.index}` : `i32(${layout.word("reduced")})`),
    "f",
  );
  const values = program.finish.map((node) => emitter.value(node));
  return [...lines, ...values.map((value, i) => storeSource(operands[i] as Operand, `q${i}`, value))];
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
function stateVariables(combine: CombineGraph, name: string): string[] {
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

/**
 * Runs a loop over elements that `element` combines into `acc…`, and leaves their total in `total…`. Runs of elements, and
 * runs of such runs, are combined by themselves first: what rounding costs a sum then hardly grows with its length.
 */
export function inRuns(combine: CombineGraph, suffix: string, loop: string, element: readonly string[]): string[] {
  const [acc, sum, total] = ["acc", "sum", "total"].map((level) => `${level}${suffix}`) as [string, string, string];
  return [
    ...[acc, sum, total].flatMap((level) => stateVariables(combine, level)),
    `var count${suffix} = 0u;`,
    loop,
    ...element.map((line) => `  ${line}`),
    `  count${suffix}++;`,
    `  if (count${suffix} % ${run}u == 0u) {`,
    ...fold(combine, acc, sum).map((line) => `    ${line}`),
    `    if (count${suffix} % ${run * run}u == 0u) {`,
    ...fold(combine, sum, total).map((line) => `      ${line}`),
    "    }",
    "  }",
    "}",
    ...fold(combine, acc, sum),
    ...fold(combine, sum, total),
  ];
}

/** Adds what `from` holds to `to` and starts another. */
function fold(combine: CombineGraph, from: string, to: string): string[] {
  const lines: string[] = ["{"];
  const values = combine.types.map((_, c) => `${from}${c}`);
  lines.push(...combineInto(combine, to, values, lines, "t"));
  lines.push(
    ...combine.types.map((type, c) => `${from}${c} = ${constantSource(combine.identity[c] as number, type)};`),
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

/**
 * `task`, the number of the team, and `member`, of the invocation in it. Teams beyond the last task go on with
 * `busy` false, since barriers need all of a workgroup; single invocations leave.
 */
export function taskLines(team: Team, tasks: string): string[] {
  if (team === 1) return ["let task = global;", "let member = 0u;", `if (task >= ${tasks}) { return; }`];
  return [`let task = global / ${team}u;`, `let member = lane % ${team}u;`, `let busy = task < ${tasks};`];
}

/** An upper bound of a loop, 0 for teams without a task. */
export function guarded(team: Team, bound: string): string {
  return team === 1 ? bound : `select(0u, ${bound}, busy)`;
}

/** Whether this invocation stores its team's result. */
export function isLeader(team: Team): string {
  return team === 1 ? "true" : "busy && member == 0u";
}

/** Combines `total` over the team, pairwise; its first member ends up with the result. */
export function teamTree(team: Team, combine: CombineGraph, total = "total", name = "shared"): string[] {
  if (team === 1) return [];
  const inner: string[] = [];
  const others = combine.types.map((type, c) => decodeState(type, `${name}${c}[lane + stride]`));
  inner.push(...combineInto(combine, total, others, inner, "t"));
  const publish = combine.types.map((type, c) => `${name}${c}[lane] = ${encodeState(type, `${total}${c}`)};`);
  return [
    ...publish,
    "workgroupBarrier();",
    `for (var stride = ${team / 2}u; stride > 0u; stride = stride / 2u) {`,
    "  if (member < stride) {",
    ...inner.map((line) => `    ${line}`),
    ...publish.map((line) => `    ${line}`),
    "  }",
    "  workgroupBarrier();",
    "}",
  ];
}
