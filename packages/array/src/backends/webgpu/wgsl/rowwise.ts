import type { Node, RowwiseProgram } from "../../../kernel/program.js";
import type { Shader } from "./elementwise.js";
import { constantSource, WgslEmitter, wgslType } from "./expression.js";
import { bindOperands, elementLeaves, ParameterLayout, storeSource, type Operand } from "./operands.js";
import { combineInto, sharedDeclarations, stateVariables, workgroupTree, type Team } from "./reduction.js";
import { positionLines, shaderSource, workgroupSize } from "./shader.js";

/** One row a workgroup, or a row an invocation when rows are short. */
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
  const leaves = elementLeaves(
    program,
    operands,
    bindings,
    layout,
    {
      position: (k) => `(q${k} + column * ${layout.word(`stride${k}_${last}`)})`,
      index: "i32(column)",
      size: `i32(${length})`,
    },
    rowValue,
  );
  const columns = (inner: readonly string[]): string[] => [
    `for (var column = ${team === "workgroup" ? "lane" : "0u"}; column < ${length}; column += ${team === "workgroup" ? `${workgroupSize}u` : "1u"}) {`,
    ...inner.map((line) => `  ${line}`),
    "}",
  ];

  const body = [
    team === "workgroup" ? "let row = group;" : "let row = global;",
    `if (row >= ${rows}) { return; }`,
    ...positionLines(layout, operands.length, outerAxes, "row", { to: "q" }),
  ];
  program.passes.forEach(({ values, combine }, k) => {
    const element: string[] = [];
    const emitter = new WgslEmitter(element, leaves);
    const mapped = values.map((node) => emitter.value(node));
    element.push(...combineInto(combine, `total${k}_`, mapped, element));
    body.push(...stateVariables(combine, `total${k}_`), ...columns(element));
    if (team === "workgroup") {
      scope.push(...sharedDeclarations(combine, `shared${k}_`));
      body.push(...workgroupTree(combine, `total${k}_`, `shared${k}_`));
    }
    combine.types.forEach((type, c) => {
      const shared = type === "bool" ? `(shared${k}_${c}[0] != 0u)` : `shared${k}_${c}[0]`;
      const value = team === "workgroup" ? shared : `total${k}_${c}`;
      body.push(`let row${k}_${c}: ${wgslType(type)} = ${value};`);
    });
  });
  const select = (per: "row" | "element"): number[] => program.per.flatMap((p, i) => (p === per ? [i] : []));
  const stores = (which: readonly number[]): string[] => {
    const lines: string[] = [];
    const emitter = new WgslEmitter(lines, leaves);
    const values = which.map((i) => emitter.value(program.body[i] as Node));
    which.forEach((i, n) => {
      const position = `q${i} + column * ${layout.word(`stride${i}_${last}`)}`;
      lines.push(storeSource(operands[i] as Operand, position, values[n] as string));
    });
    return lines;
  };
  const perElement = select("element");
  const perRow = select("row");
  if (perElement.length > 0) body.push(...columns(stores(perElement)));
  if (perRow.length > 0) {
    const guard = team === "workgroup" ? "if (lane == 0u) {" : "{";
    body.push(guard, "  let column = 0u;", ...stores(perRow).map((line) => `  ${line}`), "}");
  }
  return { source: shaderSource(program.id, bindings, layout, body, scope), bindings, layout };
}
