import type { Lanes } from "./lanes.js";
import type { NormalizedProblem } from "./problem.js";
import type { TileShape } from "./tile-kernel.js";

/** Up to this many rows, packing B costs more than it saves. */
const MOST_ROWS_UNPACKED = 16;
const MOST_ROWS_DOT = 8;
/** Up to this many columns, packing A does. */
const MOST_COLUMNS_UNPACKED = 16;
/** Up to this many multiply-adds, packing takes longer than the product. */
const MOST_WORK_UNPACKED = 8192;

/**
 * The tile to compute a problem with; depends on its sizes and strides alone, so that the order of additions does.
 */
export function chooseTile(p: NormalizedProblem, lanes: Lanes): TileShape {
  const { m, n, k } = p;
  const { count } = lanes;
  const small = m * n * k <= MOST_WORK_UNPACKED;
  if (p.aColumn === 1 && p.bRow === 1 && (small || m <= MOST_ROWS_DOT || n <= MOST_COLUMNS_UNPACKED)) {
    return { layout: "dot", rows: m === 1 ? 1 : 2, columns: count };
  }
  if (p.bColumn === 1 && (small || m <= MOST_ROWS_UNPACKED || n <= MOST_COLUMNS_UNPACKED)) {
    if (m === 1) return { layout: "rows", rows: 1, columns: 8 * count };
    return { layout: "rows", rows: 4, columns: 2 * count };
  }
  return { layout: "packed", rows: 4, columns: 2 * count };
}

/** A tile shape as a small number, for tables. */
export function tileCode({ layout, rows, columns }: TileShape): number {
  return (layout === "packed" ? 0 : layout === "rows" ? 1 : 2) * 1024 + rows * 64 + columns;
}
