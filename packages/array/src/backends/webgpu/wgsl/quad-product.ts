import { tileLines, type Product, type ShaderParts } from "./product.js";

/** The block of a result that four invocations compute together. */
export interface QuadTiles {
  readonly rows: number;
  /** Columns in fours: invocation l has the columns l, l + 4, l + 8, … of the block. */
  readonly fours: number;
  /** Steps along the depth that are written out in the body of the loop: a multiple of four. */
  readonly unroll: number;
}

/** Invocations of a workgroup: a quad, which shares nothing with others. */
const quadWorkgroup = 4;

/** How invocation l gets what invocation l ^ x has. */
const swaps = ["", "quadSwapX", "quadSwapY", "quadSwapDiagonal"] as const;

/**
 * For processors that play a GPU, four lanes wide. They pay for every load of a lane and for every variable that a loop
 * changes, and most for barriers. So four invocations load a part of A once, a value each along the depth, and pass it
 * around; each then needs what it loads of B for the depth of the value that it just got.
 *
 * @param exchange - Whether values are passed around; the other way, which needs no subgroups, is to load them again.
 * @param storesInLoop - Whether storing a sum is so long that it is written once, not for every sum.
 */
export function productByQuads(
  product: Product,
  tiles: QuadTiles,
  exchange: boolean,
  storesInLoop: boolean,
): ShaderParts {
  const each = <T>(count: number, line: (i: number) => T): T[] => Array.from({ length: count }, (_, i) => line(i));
  const columns = 4 * tiles.fours;
  const rows = each(tiles.rows, (i) => i);
  const fours = each(tiles.fours, (j) => j);

  // Four steps along the depth, from `k + ahead`; `partly` where the matrices may end before.
  const step = (ahead: number, partly: boolean): string[] => {
    const load = (element: string, x: number): string =>
      partly ? `select(0.0, ${element}, depth${x} < last)` : element;
    return [
      "{",
      ...each(4, (x) => [
        `let depth${x} = k + ${ahead}u + (lane ^ ${x}u);`,
        ...(exchange && x > 0
          ? rows.map((i) => `let a${x}_${i} = ${swaps[x]}(a0_${i});`)
          : [
              ...product.a.depth(`depth${x}`, `_a${x}`),
              ...rows.map((i) => `let a${x}_${i} = ${load(product.a.element(`_row${i}`, `_a${x}`), x)};`),
            ]),
        ...product.b.depth(`depth${x}`, `_b${x}`),
        ...fours.flatMap((j) => [
          `let b${x}_${j} = ${load(product.b.element(`_column${j}`, `_b${x}`), x)};`,
          ...rows.map((i) => `sum${i}_${j} = fma(a${x}_${i}, b${x}_${j}, sum${i}_${j});`),
        ]),
      ]).flat(),
      "}",
    ];
  };
  const writtenOut = (): string[] =>
    rows.flatMap((i) =>
      fours.flatMap((j) => [
        `if (top + ${i}u < m && column + ${4 * j}u < n) {`,
        ...product.store(`(top + ${i}u)`, `(column + ${4 * j}u)`, `sum${i}_${j}`).map((line) => `  ${line}`),
        "}",
      ]),
    );
  const loop = (): string[] => [
    `var sums = array<f32, ${tiles.rows * tiles.fours}>(`,
    rows.flatMap((i) => fours.map((j) => `sum${i}_${j}`)).join(", "),
    ");",
    `for (var e = 0u; e < ${tiles.rows * tiles.fours}u; e++) {`,
    `  let storedRow = top + e / ${tiles.fours}u;`,
    `  let storedColumn = column + (e % ${tiles.fours}u) * 4u;`,
    "  if (storedRow < m && storedColumn < n) {",
    ...product.store("storedRow", "storedColumn", "sums[e]").map((line) => `    ${line}`),
    "  }",
    "}",
  ];
  const body = [
    ...tileLines(tiles.rows, columns),
    ...product.batch,
    "let column = left + lane;",
    // Beyond the edges the last row or column is computed again, and not stored.
    ...rows.flatMap((i) => product.a.side(`min(top + ${i}u, m - 1u)`, `_row${i}`)),
    ...fours.flatMap((j) => product.b.side(`min(column + ${4 * j}u, n - 1u)`, `_column${j}`)),
    ...rows.flatMap((i) => fours.map((j) => `var sum${i}_${j} = 0.0;`)),
    "var k = first;",
    `for (; k + ${tiles.unroll}u <= last; k += ${tiles.unroll}u) {`,
    ...each(tiles.unroll / 4, (d) => step(4 * d, false)).flat(),
    "}",
    "for (; k < last; k += 4u) {",
    ...step(0, true),
    "}",
    ...(storesInLoop ? loop() : writtenOut()),
  ];
  return { body, scope: [], workgroup: quadWorkgroup };
}
