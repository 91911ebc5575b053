import type { Shader } from "./elementwise.js";
import { batchLines, storedSum, type MatmulExtras } from "./matmul.js";
import { ParameterLayout, type Binding } from "./operands.js";
import { shaderSource } from "./shader.js";

/** The block of a result that four invocations compute together. */
export interface QuadTiles {
  readonly rows: number;
  /** Columns in fours: invocation l has the columns l, l + 4, l + 8, … of the block. */
  readonly fours: number;
  /** Steps along the depth that are written out in the body of the loop: a multiple of four. */
  readonly unroll: number;
}

/** Everything that makes a different shader of a matrix product by quads. */
export interface QuadMatmulVariant extends MatmulExtras {
  readonly tiles: QuadTiles;
  /** Whether values are exchanged within a quad; the other way, which needs no subgroups, is to load them again. */
  readonly exchange: boolean;
}

/** Invocations of a workgroup: a quad, which shares nothing with others. */
export const quadWorkgroup = 4;

/** How invocation l gets what invocation l ^ x has. */
const swaps = ["", "quadSwapX", "quadSwapY", "quadSwapDiagonal"] as const;

/**
 * `out = activation(a·b + bias)` on processors that play a GPU, four lanes wide. They pay for every load of a lane and for
 * every variable that a loop changes, and most for barriers. So four invocations load a part of A once, a value each
 * along the depth, and pass it around; each then needs what it loads of B for the depth of the value that it just got.
 * Bindings as in `matmulShader`; operands may have any strides.
 */
export function quadMatmulShader(variant: QuadMatmulVariant): Shader {
  const { tiles, exchange } = variant;
  const layout = new ParameterLayout();
  const w = (name: string): string => layout.word(name);
  const binding = (written: boolean): Binding => ({ dtype: "float32", written, atomic: false });
  const bindings = [binding(true), binding(false), binding(false), ...(variant.bias ? [binding(false)] : [])];
  const each = <T>(count: number, line: (i: number) => T): T[] => Array.from({ length: count }, (_, i) => line(i));
  const columns = 4 * tiles.fours;
  const rows = each(tiles.rows, (i) => i);
  const fours = each(tiles.fours, (j) => j);

  // Four steps along the depth, from `k + ahead`; `partly` where the matrices may end before.
  const step = (ahead: number, partly: boolean): string[] => {
    const load = (source: string, x: number): string => (partly ? `select(0.0, ${source}, depth${x} < depth)` : source);
    return [
      "{",
      ...each(4, (x) => [
        `let depth${x} = k + ${ahead}u + (lane ^ ${x}u);`,
        ...(exchange && x > 0
          ? rows.map((i) => `let a${x}_${i} = ${swaps[x]}(a0_${i});`)
          : [
              `let ka${x} = depth${x} * aColumn;`,
              ...rows.map((i) => `let a${x}_${i} = ${load(`m1[pa${i} + ka${x}]`, x)};`),
            ]),
        `let kb${x} = depth${x} * bRow;`,
        ...fours.flatMap((j) => [
          `let b${x}_${j} = ${load(`m2[pb${j} + kb${x}]`, x)};`,
          ...rows.map((i) => `sum${i}_${j} = fma(a${x}_${i}, b${x}_${j}, sum${i}_${j});`),
        ]),
      ]).flat(),
      "}",
    ];
  };
  const body = [
    // Once: a parameter costs as much as a load wherever it is read.
    `let m = ${w("m")}; let n = ${w("n")}; let depth = ${w("k")};`,
    `let aColumn = ${w("aColumn")}; let bRow = ${w("bRow")};`,
    `let across = (n + ${columns - 1}u) / ${columns}u;`,
    `let down = (m + ${tiles.rows - 1}u) / ${tiles.rows}u;`,
    // A workgroup leaves as a whole, as exchanging values asks for.
    `if (group >= across * down * ${w("batches")}) { return; }`,
    ...batchLines(variant.batchAxes, layout, "group / (across * down)"),
    `let row = ((group / across) % down) * ${tiles.rows}u;`,
    `let column = (group % across) * ${columns}u + lane;`,
    // Beyond the edges the last row or column is computed again, and not stored.
    ...rows.map((i) => `let pa${i} = aStart + min(row + ${i}u, m - 1u) * ${w("aRow")};`),
    ...fours.map((j) => `let pb${j} = bStart + min(column + ${4 * j}u, n - 1u) * ${w("bColumn")};`),
    ...rows.flatMap((i) => fours.map((j) => `var sum${i}_${j} = 0.0;`)),
    "var k = 0u;",
    `for (; k + ${tiles.unroll}u <= depth; k += ${tiles.unroll}u) {`,
    ...each(tiles.unroll / 4, (d) => step(4 * d, false)).flat(),
    "}",
    `for (; k < depth; k += 4u) {`,
    ...step(0, true),
    "}",
    ...rows.flatMap((i) =>
      fours.map((j) => {
        const at = `outStart + (row + ${i}u) * n + column + ${4 * j}u`;
        const value = storedSum(variant, layout, `sum${i}_${j}`, at, `column + ${4 * j}u`);
        return `if (row + ${i}u < m && column + ${4 * j}u < n) { m0[${at}] = ${value}; }`;
      }),
    ),
  ];
  const source = shaderSource(`matmul ${JSON.stringify(variant)}`, bindings, layout, body, [], quadWorkgroup);
  return { source, bindings, layout };
}
