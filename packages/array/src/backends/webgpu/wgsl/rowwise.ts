import type { Node, RowwiseProgram } from "../../../kernel/program.js";
import type { Shader } from "./elementwise.js";
import { constantSource, WgslEmitter, type LeafSource } from "./expression.js";
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
  const stores = (which: readonly number[]): string[] => {
    const lines: string[] = [];
    const emitter = new WgslEmitter(lines, leavesAt("column"));
    const values = which.map((i) => emitter.value(program.body[i] as Node));
    which.forEach((i, n) => {
      const position = `q${i} + column * ${layout.word(`stride${i}_${last}`)}`;
      lines.push(storeSource(operands[i] as Operand, position, values[n] as string));
    });
    return lines;
  };
  const perElement = select("element");
  const perRow = select("row");
  if (perElement.length > 0) {
    const columns = `for (var column = member; column < end; column += ${team.size}u) {`;
    body.push(columns, ...stores(perElement).map((line) => `  ${line}`), "}");
  }
  if (perRow.length > 0) {
    body.push(`if (${isLeader(team)}) {`, "  let column = 0u;", ...stores(perRow).map((line) => `  ${line}`), "}");
  }
  return { source: shaderSource(program.id, bindings, layout, body, scope), bindings, layout };
}
