/** What every shader has: the library, bindings, the folded one-dimensional grid. */
import { librarySource } from "./library.js";
import { declarations, type Binding, type ParameterLayout } from "./operands.js";

/** Invocations of a workgroup. */
export const workgroupSize = 256;

/** A compute shader whose invocations are numbered in `global` (u32), workgroups in `group`, lanes in `lane`. */
export function shaderSource(
  id: string,
  bindings: readonly Binding[],
  layout: ParameterLayout,
  body: readonly string[],
  moduleScope: readonly string[] = [],
  size = workgroupSize,
): string {
  return [
    `// ${id}`,
    declarations(bindings, layout.vectors),
    librarySource([...moduleScope, ...body].join("\n")),
    ...moduleScope,
    `@compute @workgroup_size(${size})`,
    "fn main(@builtin(local_invocation_index) lane: u32, @builtin(workgroup_id) at: vec3<u32>, @builtin(num_workgroups) grid: vec3<u32>) {",
    "  let group = at.y * grid.x + at.x;",
    `  let global = group * ${size}u + lane;`,
    ...body.map((line) => `  ${line}`),
    "}",
    "",
  ].join("\n");
}

/** Lines that turn the linear position `linear` over loop axes into one element position an operand, named `p<k>`. */
export function positionLines(
  layout: ParameterLayout,
  operands: number,
  axes: readonly number[],
  linear: string,
  { from = "offset", to = "p" }: { from?: string; to?: string } = {},
): string[] {
  const lines = Array.from(
    { length: operands },
    (_, k) => `var ${to}${k} = ${from === "offset" ? layout.word(`offset${k}`) : `${from}${k}`};`,
  );
  if (axes.length === 0) return lines;
  lines.push("{", `  var rest = ${linear};`);
  [...axes].reverse().forEach((axis, i) => {
    const last = i === axes.length - 1;
    const length = layout.word(`shape${axis}`);
    lines.push(last ? `  let c${axis} = rest;` : `  let c${axis} = rest % ${length};`);
    if (!last) lines.push(`  rest = rest / ${length};`);
    for (let k = 0; k < operands; k++) lines.push(`  ${to}${k} += c${axis} * ${layout.word(`stride${k}_${axis}`)};`);
  });
  lines.push("}");
  return lines;
}
