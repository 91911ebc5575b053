import type { Activation } from "../../../routines.js";
import type { Shader } from "./elementwise.js";
import { ParameterLayout, type Binding } from "./operands.js";
import { shaderSource, workgroupSize } from "./shader.js";

/** Sizes of a matrix product's tiles: what a workgroup computes, what an invocation keeps in registers. */
export interface MatmulTiles {
  /** Rows and columns of the result that a workgroup computes. */
  readonly rows: number;
  readonly columns: number;
  /** Depth of the slices of A and B in workgroup memory. */
  readonly depth: number;
  /** Rows and columns of an invocation; rows·columns of the workgroup divided by these make its size. */
  readonly laneRows: number;
  readonly laneColumns: number;
}

/** Large products reuse each loaded value more often; small ones need more workgroups. */
export const largeTiles: MatmulTiles = { rows: 128, columns: 128, depth: 8, laneRows: 8, laneColumns: 8 };
export const smallTiles: MatmulTiles = { rows: 64, columns: 64, depth: 16, laneRows: 4, laneColumns: 4 };
export const thinTiles: MatmulTiles = { rows: 16, columns: 64, depth: 16, laneRows: 1, laneColumns: 4 };

/** What a product does besides multiplying, and over how many batch axes. */
export interface MatmulExtras {
  readonly bias: boolean;
  readonly activation: Activation;
  readonly accumulate: boolean;
  readonly batchAxes: number;
}

/** Everything that makes a different shader of a matrix product. */
export interface MatmulVariant extends MatmulExtras {
  readonly tiles: MatmulTiles;
  /** Whether neighbours in memory are neighbours along K in A, and along N in B. */
  readonly aAlongK: boolean;
  readonly bAlongN: boolean;
}

/** `aStart`, `bStart` and `outStart`: where the matrices of a batch begin. */
export function batchLines(axes: number, layout: ParameterLayout, batch: string): string[] {
  const w = (name: string): string => layout.word(name);
  const lines = [
    `var batch = ${batch};`,
    `var aStart = ${w("aOffset")};`,
    `var bStart = ${w("bOffset")};`,
    `let outStart = ${w("outOffset")} + batch * ${w("m")} * ${w("n")};`,
  ];
  for (let axis = axes - 1; axis >= 0; axis--) {
    lines.push(
      "{",
      `  let at = batch % ${w(`batch${axis}`)};`,
      `  batch = batch / ${w(`batch${axis}`)};`,
      `  aStart += at * ${w(`aBatch${axis}`)};`,
      `  bStart += at * ${w(`bBatch${axis}`)};`,
      "}",
    );
  }
  return lines;
}

/** What is stored for a sum of products at position `at` of the result. */
export function storedSum(
  extras: MatmulExtras,
  layout: ParameterLayout,
  sum: string,
  at: string,
  column: string,
): string {
  let value = sum;
  if (extras.bias) value = `(${value} + m3[${layout.word("biasOffset")} + ${column}])`;
  if (extras.accumulate) value = `(m0[${at}] + ${value})`;
  return extras.activation === "relu" ? `relu(${value})` : value;
}

/**
 * `out = activation(a·b + bias)`, or added to `out`. Bindings: out, a, b and, if there is one, the bias. A and B may have
 * any strides; slices of them are staged through workgroup memory, each invocation accumulates a block in registers.
 */
export function matmulShader(variant: MatmulVariant): Shader {
  const { tiles, batchAxes } = variant;
  const { rows, columns, depth, laneRows, laneColumns } = tiles;
  const layout = new ParameterLayout();
  const w = (name: string): string => layout.word(name);
  const lanesAcross = columns / laneColumns;
  const binding = (written: boolean): Binding => ({ dtype: "float32", written, atomic: false });
  const bindings = [binding(true), binding(false), binding(false), ...(variant.bias ? [binding(false)] : [])];
  const stage = (name: string, width: number, alongDepth: boolean, load: string): string[] => [
    `for (var s = lane; s < ${width * depth}u; s += ${workgroupSize}u) {`,
    alongDepth ? `  let k = s % ${depth}u; let c = s / ${depth}u;` : `  let c = s % ${width}u; let k = s / ${width}u;`,
    `  ${name}[k * ${width}u + c] = ${load};`,
    "}",
  ];
  const aLoad =
    `select(0.0, m1[min(aStart + (top + c) * ${w("aRow")} + (k0 + k) * ${w("aColumn")}, ${w("aLast")})], ` +
    `top + c < ${w("m")} && k0 + k < ${w("k")})`;
  const bLoad =
    `select(0.0, m2[min(bStart + (k0 + k) * ${w("bRow")} + (left + c) * ${w("bColumn")}, ${w("bLast")})], ` +
    `left + c < ${w("n")} && k0 + k < ${w("k")})`;
  const block = (body: (i: number, j: number) => string): string[] =>
    Array.from({ length: laneRows }, (_, i) => i).flatMap((i) =>
      Array.from({ length: laneColumns }, (__, j) => body(i, j)),
    );
  const store = (i: number, j: number): string => {
    const at = `outStart + (row + ${i}u) * ${w("n")} + column + ${j * lanesAcross}u`;
    const value = storedSum(variant, layout, `sum${i}_${j}`, at, `column + ${j * lanesAcross}u`);
    return `if (row + ${i}u < ${w("m")} && column + ${j * lanesAcross}u < ${w("n")}) { m0[${at}] = ${value}; }`;
  };
  const body = [
    `let tilesAcross = (${w("n")} + ${columns - 1}u) / ${columns}u;`,
    `let tilesDown = (${w("m")} + ${rows - 1}u) / ${rows}u;`,
    `if (group >= tilesAcross * tilesDown * ${w("batches")}) { return; }`,
    ...batchLines(batchAxes, layout, "group / (tilesAcross * tilesDown)"),
    `let top = ((group / tilesAcross) % tilesDown) * ${rows}u;`,
    `let left = (group % tilesAcross) * ${columns}u;`,
    `let laneRow = (lane / ${lanesAcross}u) * ${laneRows}u;`,
    `let laneColumn = lane % ${lanesAcross}u;`,
    ...block((i, j) => `var sum${i}_${j} = 0.0;`),
    `for (var k0 = 0u; k0 < ${w("k")}; k0 += ${depth}u) {`,
    ...stage("sliceA", rows, variant.aAlongK, aLoad).map((line) => `  ${line}`),
    ...stage("sliceB", columns, !variant.bAlongN, bLoad).map((line) => `  ${line}`),
    "  workgroupBarrier();",
    `  for (var k = 0u; k < ${depth}u; k++) {`,
    ...Array.from({ length: laneRows }, (_, i) => `    let a${i} = sliceA[k * ${rows}u + laneRow + ${i}u];`),
    ...Array.from(
      { length: laneColumns },
      (_, j) => `    let b${j} = sliceB[k * ${columns}u + laneColumn + ${j * lanesAcross}u];`,
    ),
    ...block((i, j) => `    sum${i}_${j} = fma(a${i}, b${j}, sum${i}_${j});`),
    "  }",
    "  workgroupBarrier();",
    "}",
    "let row = top + laneRow;",
    "let column = left + laneColumn;",
    ...block(store),
  ];
  const scope = [
    `var<workgroup> sliceA: array<f32, ${rows * depth}>;`,
    `var<workgroup> sliceB: array<f32, ${columns * depth}>;`,
  ];
  return { source: shaderSource(`matmul ${JSON.stringify(variant)}`, bindings, layout, body, scope), bindings, layout };
}
