import type { Lanes } from "./lanes.js";
import type { NormalizedProblem } from "./problem.js";
import type { TileShape } from "./tile-kernel.js";

/** Up to this many multiply-adds, packing takes longer than the product. */
const MOST_WORK_UNPACKED = 2 ** 13;
/** Up to this many rows, packing B costs more than it saves: B by rows; the same if these fall on few lines of a cache. */
const MOST_ROWS = 48;
const MOST_ROWS_COLLIDING = 8;
/** The same for dot products, which read both operands in order as they are. */
const MOST_ROWS_DOT = 512;
/** Up to this many columns, packing A does. */
const MOST_COLUMNS = 16;
/** Elements of B that fit into the first-level cache as they are. */
const CACHED_ELEMENTS = 2 ** 13;
/** Rows whose distance is a multiple of this many bytes share the same few lines of a first-level cache. */
const COLLIDING_BYTES = 4096;
/** Rows of B so long are not fetched ahead one after the other: tiles take whole lines of the cache from them. */
const WIDE_ROW_BYTES = 2048;

/**
 * The tile to compute a problem with; depends on its sizes and strides alone, so that the order of additions does.
 */
export function chooseTile(p: NormalizedProblem, lanes: Lanes): TileShape {
  const { m, n, k } = p;
  const { count } = lanes;
  const small = m * n * k <= MOST_WORK_UNPACKED || n <= MOST_COLUMNS;
  // A product of one column and one row has nothing to add up along k.
  const outer = p.k === 1 && p.bColumn === 1;
  if (p.aColumn === 1 && p.bRow === 1 && !outer && (small || m <= MOST_ROWS_DOT)) {
    return { layout: "dot", rows: m === 1 ? 1 : 2, columns: count };
  }
  const mostRows = (p.bRow * lanes.bytes) % COLLIDING_BYTES === 0 ? MOST_ROWS_COLLIDING : MOST_ROWS;
  if (p.bColumn === 1 && (small || m <= mostRows || n * k <= CACHED_ELEMENTS)) {
    if (m === 1) return { layout: "rows", rows: 1, columns: 8 * count };
    const apart = n * k > CACHED_ELEMENTS && p.bRow * lanes.bytes >= WIDE_ROW_BYTES;
    if (m === 2 || apart) return { layout: "rows", rows: 2, columns: 4 * count };
    return { layout: "rows", rows: 4, columns: 2 * count };
  }
  return { layout: "packed", rows: 4, columns: 2 * count };
}

/** A tile shape as a small number, for tables. */
export function tileCode({ layout, rows, columns }: TileShape): number {
  return (layout === "packed" ? 0 : layout === "rows" ? 1 : 2) * 1024 + rows * 64 + columns;
}
