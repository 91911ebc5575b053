import { tileLines, type Product, type ShaderParts } from "./product.js";
import { sliceOf, type Reading } from "./slice.js";

/** Sizes of tiles: what a workgroup computes, what an invocation keeps in registers. All are multiples of four. */
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

/** Invocations of a workgroup. */
export function lanesOf({ rows, columns, laneRows, laneColumns }: ProductTiles): number {
  return (rows / laneRows) * (columns / laneColumns);
}

/** Bytes of workgroup memory. */
export function sliceBytes({ rows, columns, depth }: ProductTiles, halves: boolean): number {
  return 2 * (rows + columns) * depth * (halves ? 2 : 4);
}

const steps = [0, 1, 2, 3] as const;

/**
 * Slices of both matrices are staged through workgroup memory; each invocation accumulates a block in registers. While a
 * slice is multiplied, the next is loaded into registers; two slices take turns, so that there is one barrier a slice.
 * Slices keep the fours in which they are loaded: a step along the depth takes a vector of four rows, or four steps a
 * vector for each row.
 */
export function productByTiles(
  product: Product,
  tiles: ProductTiles,
  readA: Reading,
  readB: Reading,
  halves: boolean,
): ShaderParts {
  const { rows, columns, depth, laneRows, laneColumns } = tiles;
  const lanes = lanesOf(tiles);
  const [lanesDown, lanesAcross] = [rows / laneRows, columns / laneColumns];
  const shared = { depth, lanes, type: halves ? "f16" : "f32" } as const;
  const a = sliceOf({ ...shared, name: "A", matrix: product.a, reading: readA, width: rows, begin: "top", end: "m" });
  const b = sliceOf({
    ...shared,
    name: "B",
    matrix: product.b,
    reading: readB,
    width: columns,
    begin: "left",
    end: "n",
  });
  const owned = (reading: Reading, lane: string, count: number, others: number) =>
    Array.from({ length: count }, (_, i) =>
      reading.along === "depth" ? `(${lane} + ${i * others}u)` : `((${lane} + ${(i >> 2) * others}u) * 4u + ${i & 3}u)`,
    );
  const rowsOfLane = owned(readA, "laneDown", laneRows, lanesDown);
  const columnsOfLane = owned(readB, "laneAcross", laneColumns, lanesAcross);
  // Vectors that are loaded for four steps at once, and those of one step; element i at a step.
  const operand = (slice: typeof a, reading: Reading, name: string, lane: string, count: number, others: number) =>
    reading.along === "depth"
      ? {
          once: Array.from(
            { length: count },
            (_, i) => `let ${name}${i} = ${slice.four(`${lane} + ${i * others}u`, "q")};`,
          ),
          atStep: () => [],
          element: (i: number, step: number) => `${name}${i}[${step}]`,
        }
      : {
          once: [],
          atStep: (step: number) =>
            Array.from(
              { length: count / 4 },
              (_, g) => `let ${name}${step}_${g} = ${slice.four(`${lane} + ${g * others}u`, `q * 4u + ${step}u`)};`,
            ),
          element: (i: number, step: number) => `${name}${step}_${i >> 2}[${i & 3}]`,
        };
  const left = operand(a, readA, "a", "laneDown", laneRows, lanesDown);
  const right = operand(b, readB, "b", "laneAcross", laneColumns, lanesAcross);
  const block = (line: (i: number, j: number) => readonly string[]): string[] =>
    rowsOfLane.flatMap((_, i) => columnsOfLane.flatMap((__, j) => line(i, j)));
  const body = [
    ...tileLines(rows, columns),
    ...product.batch,
    `let laneDown = lane / ${lanesAcross}u;`,
    `let laneAcross = lane % ${lanesAcross}u;`,
    ...block((i, j) => [`var sum${i}_${j} = 0.0;`]),
    ...a.begin,
    ...b.begin,
    "var next = first;",
    ...[a, b].flatMap(({ load, store }) => [...load, ...store]),
    "workgroupBarrier();",
    `for (var k0 = first; k0 < last; k0 += ${depth}u) {`,
    `next = k0 + ${depth}u;`,
    "if (next < last) {",
    ...a.load,
    ...b.load,
    "}",
    `for (var q = 0u; q < ${depth / 4}u; q++) {`,
    ...left.once,
    ...right.once,
    ...steps.flatMap((step) => [
      ...left.atStep(step),
      ...right.atStep(step),
      ...block((i, j) => [`sum${i}_${j} = fma(${left.element(i, step)}, ${right.element(j, step)}, sum${i}_${j});`]),
    ]),
    "}",
    `stageA = ${a.fours}u - stageA;`,
    `stageB = ${b.fours}u - stageB;`,
    ...a.store,
    ...b.store,
    "workgroupBarrier();",
    "}",
    ...block((i, j) => [
      "{",
      `  let row = top + ${rowsOfLane[i]};`,
      `  let column = left + ${columnsOfLane[j]};`,
      "  if (row < m && column < n) {",
      ...product.store("row", "column", `sum${i}_${j}`).map((line) => `    ${line}`),
      "  }",
      "}",
    ]),
  ];
  return { body, scope: [...a.scope, ...b.scope], workgroup: lanes };
}
