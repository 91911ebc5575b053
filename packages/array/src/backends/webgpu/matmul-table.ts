/** Which tiles a matrix product gets, as measured: the first line of a table that fits decides. */
import type { QuadTiles } from "./wgsl/quad-product.js";

/** A line of a table. */
export interface Line<Tiles> {
  /** Rows and columns of the result, at most. */
  readonly rows: number;
  readonly columns: number;
  readonly tiles: Tiles;
}

/** On a processor that plays a GPU (SwiftShader 5, two cores): as many sums as its compiler can take. */
export const quadTable: readonly Line<QuadTiles>[] = [
  { rows: 4, columns: 4, tiles: { rows: 4, fours: 1, unroll: 16 } },
  { rows: 4, columns: Infinity, tiles: { rows: 4, fours: 4, unroll: 8 } },
  { rows: 16, columns: 12, tiles: { rows: 4, fours: 3, unroll: 8 } },
  { rows: 16, columns: Infinity, tiles: { rows: 8, fours: 4, unroll: 8 } },
  { rows: Infinity, columns: 12, tiles: { rows: 20, fours: 3, unroll: 8 } },
  { rows: Infinity, columns: Infinity, tiles: { rows: 20, fours: 8, unroll: 8 } },
];

/** The same for products whose elements take work to be looked up: shaders of moderate length, which compile in time. */
export const lookupTable: readonly Line<QuadTiles>[] = [
  { rows: 4, columns: Infinity, tiles: { rows: 4, fours: 2, unroll: 4 } },
  { rows: Infinity, columns: Infinity, tiles: { rows: 8, fours: 4, unroll: 4 } },
];

/** The tiles for a result of `rows` by `columns`. */
export function tilesFrom<Tiles>(table: readonly Line<Tiles>[], rows: number, columns: number): Tiles {
  const line = table.find((candidate) => rows <= candidate.rows && columns <= candidate.columns);
  return (line as Line<Tiles>).tiles;
}
