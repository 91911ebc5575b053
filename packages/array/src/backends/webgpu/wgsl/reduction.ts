import type { ComputeType, ReductionProgram } from "../../../kernel/program.js";
import type { Shader } from "./elementwise.js";
import { decodeState, encodeState, inRuns } from "./combine.js";
import { WgslEmitter } from "./expression.js";
import { isShort } from "./source-length.js";
import { bindOperands, elementLeaves, ParameterLayout, storeSource, type Binding, type Operand } from "./operands.js";
import { positionLines, shaderSource } from "./shader.js";
import { combineTeam, guarded, isLeader, sharedDeclarations, taskLines, type Team } from "./team.js";

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

  const at = (position: string, prefix: string): { lines: string[]; values: string[] } => {
    const to = `${prefix}p`;
    const lines = positionLines(layout, operands.length, reducedAxes, position, { from: "q", to });
    const names = { position: (k: number) => `${to}${k}`, index: `i32(${position})`, size: `i32(${reduced})` };
    const mapper = new WgslEmitter(lines, elementLeaves(program, operands, bindings, layout, names), `${prefix}v`);
    return { lines, values: program.map.map((node) => mapper.value(node)) };
  };
  const short = reducedAxes.length <= 2 && isShort(program.map);

  const body = [
    ...taskLines(team, `${outputs} * ${parts}`),
    `let out = task / ${parts};`,
    `let begin = (task % ${parts}) * ${part};`,
    `let end = ${guarded(team, `min(begin + ${part}, ${reduced})`)};`,
    ...positionLines(layout, operands.length, keptAxes, "out", { to: "q" }),
    ...inRuns(combine, "", { variable: "r", begin: "begin + member", end: "end", step: team.size, at, short }),
    ...combineTeam(team, combine),
    `if (${isLeader(team)}) {`,
    ...(partial
      ? stateBindings.map((binding, c) => `m${binding}[task] = ${encodeState(combine.types[c], `total${c}`)};`)
      : finishLines(program, operands, layout)),
    "}",
  ];
  const scope = sharedDeclarations(team, combine);
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
  const at = (position: string): { lines: string[]; values: string[] } => ({
    lines: [],
    values: stateBindings.map((binding, c) =>
      decodeState(combine.types[c], `m${binding}[out * ${parts} + ${position}]`),
    ),
  });
  const body = [
    ...taskLines(team, outputs as string),
    "let out = task;",
    ...positionLines(layout, operands.length, keptAxes, "out", { to: "q" }),
    `let end = ${guarded(team, parts as string)};`,
    ...inRuns(combine, "", { variable: "r", begin: "member", end: "end", step: team.size, at, short: true }),
    ...combineTeam(team, combine),
    `if (${isLeader(team)}) {`,
    ...finishLines(program, operands, layout),
    "}",
  ];
  const scope = sharedDeclarations(team, combine);
  return { source: shaderSource(`${program.id} (second stage)`, bindings, layout, body, scope), bindings, layout };
}

function finishLines(program: ReductionProgram, operands: readonly Operand[], layout: ParameterLayout): string[] {
  const lines: string[] = [];
  const emitter = new WgslEmitter(
    lines,
    (node) => (node.kind === "parameter" ? `total${node.index}` : `i32(${layout.word("reduced")})`),
    "r",
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
