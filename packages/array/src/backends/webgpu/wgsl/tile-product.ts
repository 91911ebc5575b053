import type { IndexedMatrix, Product, ShaderParts } from "./product.js";
import { workgroupSize } from "./shader.js";

/** Sizes of tiles: what a workgroup computes, what an invocation keeps in registers. */
export interface ProductTiles {
  /** Rows and columns of the result that a workgroup computes. */
  readonly rows: number;
  readonly columns: number;
  /** Depth of the slices of A and B in workgroup memory. */
  readonly depth: number;
  /** Rows and columns of an invocation; rows·columns of the workgroup divided by these make its size. */
  readonly laneRows: number;
  readonly laneColumns: number;
}

/** Which index of a matrix neighbours in memory differ in: neighbouring invocations should load neighbours. */
export interface StagingOrder {
  readonly aAlongDepth: boolean;
  readonly bAlongDepth: boolean;
}

/** Large products reuse each loaded value more often; small ones need more workgroups. */
export const largeTiles: ProductTiles = { rows: 128, columns: 128, depth: 8, laneRows: 8, laneColumns: 8 };
export const smallTiles: ProductTiles = { rows: 64, columns: 64, depth: 16, laneRows: 4, laneColumns: 4 };
export const thinTiles: ProductTiles = { rows: 16, columns: 64, depth: 16, laneRows: 1, laneColumns: 4 };

/** Slices of both matrices are staged through workgroup memory; each invocation accumulates a block in registers. */
export function productByTiles(product: Product, tiles: ProductTiles, order: StagingOrder): ShaderParts {
  const { rows, columns, laneRows, laneColumns } = tiles;
  const lanesAcross = columns / laneColumns;
  const stage = (name: string, width: number, matrix: IndexedMatrix, side: string, alongDepth: boolean): string[] => [
    `for (var s = lane; s < ${width * tiles.depth}u; s += ${workgroupSize}u) {`,
    alongDepth
      ? `  let step = s % ${tiles.depth}u; let c = s / ${tiles.depth}u;`
      : `  let c = s % ${width}u; let step = s / ${width}u;`,
    // What lies beyond the edges is the last again, and not stored; beyond the depth it has to be nothing.
    ...matrix.side(side, "").map((line) => `  ${line}`),
    ...matrix.depth("min(k0 + step, depth - 1u)", "").map((line) => `  ${line}`),
    `  ${name}[step * ${width}u + c] = select(0.0, ${matrix.element("", "")}, k0 + step < depth);`,
    "}",
  ];
  const block = (body: (i: number, j: number) => readonly string[]): string[] =>
    Array.from({ length: laneRows }, (_, i) => i).flatMap((i) =>
      Array.from({ length: laneColumns }, (__, j) => body(i, j)).flat(),
    );
  const body = [
    `let tilesAcross = (n + ${columns - 1}u) / ${columns}u;`,
    `let tilesDown = (m + ${rows - 1}u) / ${rows}u;`,
    "if (group >= tilesAcross * tilesDown * batches) { return; }",
    "let batch = group / (tilesAcross * tilesDown);",
    ...product.batch,
    `let top = ((group / tilesAcross) % tilesDown) * ${rows}u;`,
    `let left = (group % tilesAcross) * ${columns}u;`,
    `let laneRow = (lane / ${lanesAcross}u) * ${laneRows}u;`,
    `let laneColumn = lane % ${lanesAcross}u;`,
    ...block((i, j) => [`var sum${i}_${j} = 0.0;`]),
    `for (var k0 = 0u; k0 < depth; k0 += ${tiles.depth}u) {`,
    ...stage("sliceA", rows, product.a, "min(top + c, m - 1u)", order.aAlongDepth).map((line) => `  ${line}`),
    ...stage("sliceB", columns, product.b, "min(left + c, n - 1u)", order.bAlongDepth).map((line) => `  ${line}`),
    "  workgroupBarrier();",
    `  for (var step = 0u; step < ${tiles.depth}u; step++) {`,
    ...Array.from({ length: laneRows }, (_, i) => `    let a${i} = sliceA[step * ${rows}u + laneRow + ${i}u];`),
    ...Array.from(
      { length: laneColumns },
      (_, j) => `    let b${j} = sliceB[step * ${columns}u + laneColumn + ${j * lanesAcross}u];`,
    ),
    ...block((i, j) => [`    sum${i}_${j} = fma(a${i}, b${j}, sum${i}_${j});`]),
    "  }",
    "  workgroupBarrier();",
    "}",
    ...block((i, j) => [
      "{",
      `  let row = top + laneRow + ${i}u;`,
      `  let column = left + laneColumn + ${j * lanesAcross}u;`,
      "  if (row < m && column < n) {",
      ...product.store("row", "column", `sum${i}_${j}`).map((line) => `    ${line}`),
      "  }",
      "}",
    ]),
  ];
  const scope = [
    `var<workgroup> sliceA: array<f32, ${rows * tiles.depth}>;`,
    `var<workgroup> sliceB: array<f32, ${columns * tiles.depth}>;`,
  ];
  return { body, scope, workgroup: workgroupSize };
}
