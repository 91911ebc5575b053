import type { Shader } from "./elementwise.js";
import { batchLines, storedSum, type MatmulExtras } from "./matmul.js";
import { ParameterLayout, type Binding } from "./operands.js";
import { shaderSource } from "./shader.js";

/**
 * How an operand of a product is read: four neighbours along the depth (K), four along its other axis, or one by one
 * where neighbours do not lie together or four of them do not start at a multiple of four.
 */
export type Reading = "depth" | "side" | "single";

/** What a product computes without workgroup memory: a block of the result an invocation, kept in registers. */
export interface BlockMatmulVariant extends MatmulExtras {
  readonly rows: 1 | 4 | 8 | 16;
  /** Columns in fours. */
  readonly quads: 1 | 4;
  readonly a: Reading;
  readonly b: Reading;
}

/** Invocations of a workgroup: there is nothing to share, so few, for an even load. */
export const blockWorkgroup = 16;

const components = ["x", "y", "z", "w"] as const;

/**
 * `out = activation(a·b + bias)` on processors that play a GPU, where barriers cost more than loading again. Depth goes
 * in steps of four, then of one. Bindings as in `matmulShader`.
 */
export function blockMatmulShader(variant: BlockMatmulVariant): Shader {
  const { rows, quads } = variant;
  const layout = new ParameterLayout();
  const w = (name: string): string => layout.word(name);
  const bindings: Binding[] = [
    { dtype: "float32", written: true, atomic: false },
    { dtype: "float32", written: false, atomic: false, vector: variant.a !== "single" },
    { dtype: "float32", written: false, atomic: false, vector: variant.b !== "single" },
    ...(variant.bias ? [{ dtype: "float32", written: false, atomic: false } as const] : []),
  ];
  const each = <T>(count: number, line: (i: number) => T): T[] => Array.from({ length: count }, (_, i) => line(i));
  const columns = quads * 4;
  // Beyond the edges the last row or column is computed again, and not stored.
  const places = [
    ...(variant.a === "side"
      ? each(Math.ceil(rows / 4), (i) => `let pa${i} = (aStart + min(row + ${4 * i}u, ${w("m")} - 4u)) / 4u;`)
      : each(rows, (i) => {
          const at = `aStart + min(row + ${i}u, ${w("m")} - 1u) * ${w("aRow")}`;
          return `let pa${i} = ${variant.a === "depth" ? `(${at}) / 4u` : at};`;
        })),
    ...(variant.b === "side"
      ? each(quads, (j) => `let pb${j} = (bStart + min(column + ${4 * j}u, ${w("n")} - 4u)) / 4u;`)
      : each(columns, (j) => {
          const at = `bStart + min(column + ${j}u, ${w("n")} - 1u) * ${w("bColumn")}`;
          return `let pb${j} = ${variant.b === "depth" ? `(${at}) / 4u` : at};`;
        })),
  ];
  // `a<depth>_<row>` and `b<depth>_<quad>` hold what one step of the depth multiplies.
  const loadA = (steps: number): string[] => {
    if (variant.a === "depth") {
      return each(rows, (i) => i).flatMap((i) => [
        `let ta${i} = m1[pa${i} + k / 4u];`,
        ...each(steps, (d) => `let a${d}_${i} = ta${i}.${components[d]};`),
      ]);
    }
    return each(steps, (d) => d).flatMap((d) =>
      variant.a === "single"
        ? each(rows, (i) => `let a${d}_${i} = m1[pa${i} + (k + ${d}u) * ${w("aColumn")}];`)
        : each(Math.ceil(rows / 4), (i) => i).flatMap((i) => [
            `let ta${d}_${i} = m1[pa${i} + (k + ${d}u) * (${w("aColumn")} / 4u)];`,
            ...each(Math.min(rows, 4), (c) => `let a${d}_${4 * i + c} = ta${d}_${i}.${components[c]};`),
          ]),
    );
  };
  const loadB = (steps: number): string[] => {
    if (variant.b === "depth") {
      return [
        ...each(columns, (j) => `let tb${j} = m2[pb${j} + k / 4u];`),
        ...each(steps, (d) => d).flatMap((d) =>
          each(quads, (j) => {
            const parts = each(4, (c) => `tb${4 * j + c}.${components[d]}`);
            return `let b${d}_${j} = vec4<f32>(${parts.join(", ")});`;
          }),
        ),
      ];
    }
    return each(steps, (d) => d).flatMap((d) =>
      each(quads, (j) => {
        if (variant.b === "side") return `let b${d}_${j} = m2[pb${j} + (k + ${d}u) * (${w("bRow")} / 4u)];`;
        const parts = each(4, (c) => `m2[pb${4 * j + c} + (k + ${d}u) * ${w("bRow")}]`);
        return `let b${d}_${j} = vec4<f32>(${parts.join(", ")});`;
      }),
    );
  };
  const multiply = (steps: number): string[] =>
    each(steps, (d) => d).flatMap((d) =>
      each(rows, (i) => i).flatMap((i) =>
        each(quads, (j) => `sum${i}_${j} = fma(vec4<f32>(a${d}_${i}), b${d}_${j}, sum${i}_${j});`),
      ),
    );
  const loop = (condition: string, steps: number): string[] => [
    `for (; ${condition}; k += ${steps}u) {`,
    ...[...loadA(steps), ...loadB(steps), ...multiply(steps)].map((line) => `  ${line}`),
    "}",
  ];
  const hasRest = variant.a !== "depth" && variant.b !== "depth";
  const store = each(rows, (i) => i).flatMap((i) =>
    each(columns, (j) => {
      const at = `outStart + (row + ${i}u) * ${w("n")} + column + ${j}u`;
      const value = storedSum(variant, layout, `sum${i}_${j >> 2}.${components[j & 3]}`, at, `column + ${j}u`);
      return `if (row + ${i}u < ${w("m")} && column + ${j}u < ${w("n")}) { m0[${at}] = ${value}; }`;
    }),
  );
  const body = [
    `let across = (${w("n")} + ${columns - 1}u) / ${columns}u;`,
    `let down = (${w("m")} + ${rows - 1}u) / ${rows}u;`,
    `if (global >= across * down * ${w("batches")}) { return; }`,
    "let tile = global;",
    ...batchLines(variant.batchAxes, layout, "tile / (across * down)"),
    `let row = ((tile / across) % down) * ${rows}u;`,
    `let column = (tile % across) * ${columns}u;`,
    ...places,
    ...each(rows, (i) => i).flatMap((i) => each(quads, (j) => `var sum${i}_${j} = vec4<f32>();`)),
    "var k = 0u;",
    ...loop(`k + 4u <= ${w("k")}`, 4),
    ...(hasRest ? loop(`k < ${w("k")}`, 1) : []),
    ...store,
  ];
  const source = shaderSource(`matmul ${JSON.stringify(variant)}`, bindings, layout, body, [], blockWorkgroup);
  return { source, bindings, layout };
}
