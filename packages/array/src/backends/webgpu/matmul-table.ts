/** Which tiles a matrix product gets: data, to be changed by measuring. The first line of a table that fits decides. */
import type { AdapterKind } from "./adapter.js";
import type { QuadTiles } from "./wgsl/quad-product.js";
import type { ProductTiles } from "./wgsl/tile-product.js";

/** A line of a table. */
export interface Line<Tiles> {
  /** Rows and columns of the result, at most. */
  readonly rows: number;
  readonly columns: number;
  /** Workgroups that there are with these tiles, at least. */
  readonly workgroups?: number;
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

/** The same for products whose elements take work to be looked up or unpacked: shaders of moderate length, which compile in time. */
export const lookupTable: readonly Line<QuadTiles>[] = [
  { rows: 4, columns: Infinity, tiles: { rows: 4, fours: 2, unroll: 4 } },
  { rows: Infinity, columns: Infinity, tiles: { rows: 8, fours: 4, unroll: 4 } },
];

/** Workgroups that keep a GPU of silicon busy: where there are fewer, tiles are smaller and sums fall into parts. */
export const busyWorkgroups = 128;
/** Parts of a sum are at least this long. */
export const shortestPart = 256;

/** Few rows, or few columns: the other matrix is read once. */
const row: ProductTiles = { rows: 4, columns: 128, depth: 8, laneRows: 4, laneColumns: 4 };
const column: ProductTiles = { rows: 128, columns: 4, depth: 8, laneRows: 4, laneColumns: 4 };
const thin: ProductTiles = { rows: 16, columns: 128, depth: 8, laneRows: 4, laneColumns: 4 };
const narrow: ProductTiles = { rows: 128, columns: 16, depth: 8, laneRows: 4, laneColumns: 4 };
const medium: ProductTiles = { rows: 64, columns: 64, depth: 16, laneRows: 8, laneColumns: 4 };
/** Uses each loaded value most often, and takes the most registers. */
const large: ProductTiles = { rows: 128, columns: 128, depth: 8, laneRows: 8, laneColumns: 8 };

const flat: readonly Line<ProductTiles>[] = [
  { rows: 4, columns: Infinity, tiles: row },
  { rows: Infinity, columns: 4, tiles: column },
  { rows: 32, columns: Infinity, tiles: thin },
  { rows: Infinity, columns: 32, tiles: narrow },
];

/** On GPUs of silicon, by what such tiles do on GPUs in general: none has been measured yet. */
export const tileTables: Readonly<Record<Exclude<AdapterKind, "software">, readonly Line<ProductTiles>[]>> = {
  discrete: [
    ...flat,
    { rows: Infinity, columns: Infinity, workgroups: busyWorkgroups, tiles: large },
    { rows: Infinity, columns: Infinity, tiles: medium },
  ],
  integrated: [...flat, { rows: Infinity, columns: Infinity, tiles: medium }],
};
