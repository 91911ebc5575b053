import type { DType } from "../../../dtype.js";
import { computeType } from "../../../kernel/lower.js";
import type { Shader } from "./elementwise.js";
import { wgslType } from "./expression.js";
import { elementsPerWord, loadSource, ParameterLayout, storeSource, type Binding } from "./operands.js";
import { shaderSource, workgroupSize } from "./shader.js";

/** What a scan shader is compiled for. */
export interface ScanVariant {
  readonly dtype: DType;
  readonly operation: "sum" | "prod";
  /** Whether a workgroup shares a row, each invocation with a stretch of it, or every invocation has a row. */
  readonly shared: boolean;
}

/** Running sums or products along rows. Bindings: out, x. */
export function scanShader({ dtype, operation, shared }: ScanVariant): Shader {
  const layout = new ParameterLayout();
  const w = (name: string): string => layout.word(name);
  const bindings: Binding[] = [
    { dtype, written: true, atomic: elementsPerWord(dtype) > 1 },
    { dtype, written: false, atomic: false },
  ];
  const type = wgslType(computeType(dtype));
  const identity = `${type}(${operation === "sum" ? 0 : 1})`;
  const combine = (a: string, b: string): string => `${a} ${operation === "sum" ? "+" : "*"} ${b}`;
  const load = loadSource({ dtype, binding: 1 }, bindings, `${w("xOffset")} + start + i`);
  const write = (from: string): string[] => [
    `var running = ${from};`,
    "for (var i = begin; i < end; i++) {",
    `  running = ${combine("running", load)};`,
    `  ${storeSource({ dtype, binding: 0 }, `${w("outOffset")} + start + i`, "running")}`,
    "}",
  ];
  const body = shared
    ? [
        // Workgroups beyond the last row have an empty stretch, and take part in the barriers.
        `let start = group * ${w("length")};`,
        `let stretch = (${w("length")} + ${workgroupSize - 1}u) / ${workgroupSize}u;`,
        `let bound = select(0u, ${w("length")}, group < ${w("rows")});`,
        "let begin = min(lane * stretch, bound);",
        "let end = min(begin + stretch, bound);",
        `var total = ${identity};`,
        `for (var i = begin; i < end; i++) { total = ${combine("total", load)}; }`,
        "totals[lane] = total;",
        "workgroupBarrier();",
        `for (var step = 1u; step < ${workgroupSize}u; step = step * 2u) {`,
        `  var earlier = ${identity};`,
        "  if (lane >= step) { earlier = totals[lane - step]; }",
        "  workgroupBarrier();",
        `  totals[lane] = ${combine("earlier", "totals[lane]")};`,
        "  workgroupBarrier();",
        "}",
        `var before = ${identity};`,
        "if (lane > 0u) { before = totals[lane - 1u]; }",
        ...write("before"),
      ]
    : [
        `if (global >= ${w("rows")}) { return; }`,
        `let start = global * ${w("length")};`,
        "let begin = 0u;",
        `let end = ${w("length")};`,
        ...write(identity),
      ];
  const scope = shared ? [`var<workgroup> totals: array<${type}, ${workgroupSize}>;`] : [];
  return { source: shaderSource(`scan ${operation} ${dtype}`, bindings, layout, body, scope), bindings, layout };
}
