import type { Node, RowwiseProgram } from "../../../kernel/program.js";
import type { Shader } from "./elementwise.js";
import { constantSource, wgslType, WgslEmitter, type LeafSource } from "./expression.js";
import { isShort } from "./source-length.js";
import { bindOperands, elementLeaves, ParameterLayout, storeSource, type Operand } from "./operands.js";
import { inRuns } from "./combine.js";
import { positionLines, shaderSource } from "./shader.js";
import { combineTeamForAll, guarded, isLeader, sharedDeclarations, taskLines, type Team } from "./team.js";

/** A team a row: a workgroup, a part of one, or a single invocation when rows are short. */
export function rowwiseShader(program: RowwiseProgram, memory: readonly number[], team: Team): Shader {
  const { operands, bindings } = bindOperands(program, memory, true);
  const layout = new ParameterLayout();
  const last = program.rank - 1;
  const outerAxes = Array.from({ length: last }, (_, axis) => axis);
  const rows = layout.word("rows");
  const length = layout.word(`shape${last}`);
  const scope: string[] = [];
  const rowValue = (node: Node): string =>
    node.kind === "rowValue" ? `row${node.pass}_${node.component}` : constantSource(0, "int32");
  const leavesAt = (column: string): LeafSource =>
    elementLeaves(
      program,
      operands,
      bindings,
      layout,
      {
        position: (k) => `(q${k} + ${column} * ${layout.word(`stride${k}_${last}`)})`,
        index: `i32(${column})`,
        size: `i32(${length})`,
      },
      rowValue,
    );

  const body = [
    ...taskLines(team, rows),
    `let end = ${guarded(team, length)};`,
    ...positionLines(layout, operands.length, outerAxes, "task", { to: "q" }),
  ];
  program.passes.forEach(({ values, combine }, k) => {
    const at = (column: string, prefix: string): { lines: string[]; values: string[] } => {
      const lines: string[] = [];
      const emitter = new WgslEmitter(lines, leavesAt(column), prefix);
      return { lines, values: values.map((node) => emitter.value(node)) };
    };
    const variable = `column${k}`;
    const elements = { variable, begin: "member", end: "end", step: team.size, at, short: isShort(values) };
    scope.push(...sharedDeclarations(team, combine, `shared${k}_`));
    body.push(
      ...inRuns(combine, `${k}_`, elements),
      ...combineTeamForAll(team, combine, `total${k}_`, `shared${k}_`),
      ...combine.types.map((_, c) => `let row${k}_${c} = total${k}_${c};`),
    );
  });
  const select = (per: "row" | "element"): number[] => program.per.flatMap((p, i) => (p === per ? [i] : []));
  const valuesOf = (which: readonly number[], lines: string[]): string[] => {
    const emitter = new WgslEmitter(lines, leavesAt("column"));
    return which.map((i) => emitter.value(program.body[i] as Node));
  };
  const store = (i: number, column: string, value: string): string =>
    storeSource(operands[i] as Operand, `q${i} + ${column} * ${layout.word(`stride${i}_${last}`)}`, value);
  const perElement = select("element");
  const perRow = select("row");
  // What is stored per row may be an input that all elements read: it is computed before them, and stored after them.
  if (perRow.length > 0) {
    const lines: string[] = ["let column = 0u;"];
    const values = valuesOf(perRow, lines);
    body.push(
      ...perRow.map((i) => `var result${i}: ${wgslType((program.body[i] as Node).type)};`),
      `if (${isLeader(team)}) {`,
      ...[...lines, ...perRow.map((i, n) => `result${i} = ${values[n]};`)].map((line) => `  ${line}`),
      "}",
    );
  }
  if (perElement.length > 0) {
    const lines: string[] = [];
    const values = valuesOf(perElement, lines);
    body.push(
      `for (var column = member; column < end; column += ${team.size}u) {`,
      ...[...lines, ...perElement.map((i, n) => store(i, "column", values[n] as string))].map((line) => `  ${line}`),
      "}",
    );
    const read = memory.slice(program.outputs.length);
    if (team.size > 1 && perRow.some((i) => read.includes(memory[i] as number))) body.push("storageBarrier();");
  }
  if (perRow.length > 0) {
    body.push(`if (${isLeader(team)}) {`, ...perRow.map((i) => `  ${store(i, "0u", `result${i}`)}`), "}");
  }
  return { source: shaderSource(program.id, bindings, layout, body, scope), bindings, layout };
}
