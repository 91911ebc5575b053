/** What every shader has: the library, bindings, the folded one-dimensional grid. */
import { librarySource } from "./library.js";
import type { Layout, Program } from "../../../kernel/program.js";
import { declarations, type Binding, type ParameterLayout } from "./operands.js";

/** Invocations of a workgroup. */
export const workgroupSize = 256;

/** Extensions of the language that have to be asked for, and what shows that code uses them. */
const extensions = [
  { name: "f16", used: /\bf16\b/ },
  { name: "subgroups", used: /\b(?:quad|subgroup)(?:[A-Z]|_size)/ },
  { name: "chromium_experimental_subgroup_matrix", used: /\bsubgroup_matrix_/ },
] as const;

/** What code may ask the GPU for besides. */
const subgroupValues = [
  { name: "subgroup_size", builtin: "subgroup_size" },
  { name: "subgroup_lane", builtin: "subgroup_invocation_id" },
] as const;

/**
 * A compute shader whose invocations are numbered in `global` (u32), workgroups in `group`, lanes of a workgroup in `lane`.
 * There are `subgroup_size`, and `subgroup_lane` for the place of an invocation in its subgroup, if code mentions them.
 */
export function shaderSource(
  id: string,
  bindings: readonly Binding[],
  layout: ParameterLayout,
  body: readonly string[],
  moduleScope: readonly string[] = [],
  size = workgroupSize,
): string {
  const memory = declarations(bindings, layout.vectors);
  const code = [...moduleScope, ...body].join("\n");
  const values = [
    "@builtin(local_invocation_index) lane: u32",
    "@builtin(workgroup_id) at: vec3<u32>",
    "@builtin(num_workgroups) grid: vec3<u32>",
    ...subgroupValues
      .filter(({ name }) => code.includes(name))
      .map(({ name, builtin }) => `@builtin(${builtin}) ${name}: u32`),
  ];
  return [
    `// ${id}`,
    ...extensions.filter(({ used }) => used.test(memory + code)).map(({ name }) => `enable ${name};`),
    memory,
    librarySource(code),
    ...moduleScope,
    `@compute @workgroup_size(${size})`,
    `fn main(${values.join(", ")}) {`,
    "  let group = at.y * grid.x + at.x;",
    `  let global = group * ${size}u + lane;`,
    ...body.map((line) => `  ${line}`),
    "}",
    "",
  ].join("\n");
}

/** How far operand k moves for `count` steps along an axis; null for not at all. */
export function stepSource(
  layout: ParameterLayout,
  k: number,
  axis: number,
  count: string,
  known: Layout | undefined,
): string | null {
  if (known === "broadcast") return null;
  return known === "contiguous" ? count : `${count} * ${layout.word(`stride${k}_${axis}`)}`;
}

/**
 * Lines that turn the linear position `linear` over loop axes into one element position an operand, named `p<k>`.
 * `layouts` tells of operands that move along the last axis by one or not at all.
 */
export function positionLines(
  layout: ParameterLayout,
  operands: number,
  axes: readonly number[],
  linear: string,
  { from = "offset", to = "p", layouts = [] }: { from?: string; to?: string; layouts?: readonly Layout[] } = {},
): string[] {
  const lines = Array.from(
    { length: operands },
    (_, k) => `var ${to}${k} = ${from === "offset" ? layout.word(`offset${k}`) : `${from}${k}`};`,
  );
  if (axes.length === 0) return lines;
  const [only] = axes;
  if (axes.length === 1 && only !== undefined) {
    return lines.map((line, k) => {
      const step = stepSource(layout, k, only, linear, layouts[k]);
      return line.replace(/^var (.*);$/, step === null ? "let $1;" : `let $1 + ${step};`);
    });
  }
  lines.push("{", `  var rest = ${linear};`);
  [...axes].reverse().forEach((axis, i) => {
    const last = i === axes.length - 1;
    const length = layout.word(`shape${axis}`);
    lines.push(last ? `  let c${axis} = rest;` : `  let c${axis} = rest % ${length};`);
    if (!last) lines.push(`  rest = rest / ${length};`);
    for (let k = 0; k < operands; k++) {
      const step = stepSource(layout, k, axis, `c${axis}`, i === 0 ? layouts[k] : undefined);
      if (step !== null) lines.push(`  ${to}${k} += ${step};`);
    }
  });
  lines.push("}");
  return lines;
}

/** Layouts of the outputs, then of the inputs that are arrays. */
export function layoutsOf(program: Program): Layout[] {
  const inputs = program.inputs.flatMap(({ layout }) => (layout === "number" ? [] : [layout]));
  return [...program.outputs.map(({ layout }) => layout), ...inputs];
}
