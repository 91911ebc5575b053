import type { Adapter } from "./adapter.js";
import { busyWorkgroups, lookupTable, quadTable, shortestPart, tileTables, type Line } from "./matmul-table.js";
import type { ProductMethod } from "./wgsl/product-shader.js";
import type { Reading } from "./wgsl/slice.js";

/** How many products of what shape, and the terms of a sum. */
export interface ProductSize {
  readonly m: number;
  readonly n: number;
  readonly depth: number;
  readonly batches: number;
}

/** What the choice depends on besides sizes. */
export interface ProductTraits {
  readonly a: Reading;
  readonly b: Reading;
  /** Whether it takes work to find elements, as those of a convolution, or to unpack them. */
  readonly lookup: boolean;
}

/** How a product is computed, and in how many parts, of so many terms each, its sums. */
export interface ProductChoice {
  readonly method: ProductMethod;
  readonly parts: number;
  readonly part: number;
}

/** Chooses from the tables. */
export function chooseProduct(adapter: Adapter, size: ProductSize, { a, b, lookup }: ProductTraits): ProductChoice {
  const { kind, subgroups } = adapter;
  if (kind === "software") {
    const tiles = tilesFrom(lookup ? lookupTable : quadTable, size, ({ rows, fours }) => [rows, 4 * fours]);
    return { method: { by: "quads", tiles, exchange: subgroups !== null }, parts: 1, part: size.depth };
  }
  const tiles = tilesFrom(tileTables[kind], size, ({ rows, columns }) => [rows, columns]);
  const method = { by: "tiles", tiles, a, b } as const;
  const wanted = Math.ceil(busyWorkgroups / workgroupsOf(method, size));
  return { method, ...partsOf(size.depth, Math.min(wanted, Math.floor(size.depth / shortestPart)), tiles.depth) };
}

/** About `wanted` parts, each a multiple of `step` but perhaps the last. */
export function partsOf(depth: number, wanted: number, step: number): { parts: number; part: number } {
  const part = wanted <= 1 ? depth : Math.ceil(depth / wanted / step) * step;
  return { parts: Math.ceil(depth / part), part };
}

/** Workgroups that compute products together. */
export function workgroupsOf({ by, tiles }: ProductMethod, size: ProductSize): number {
  return by === "quads" ? tileCount(size, tiles.rows, 4 * tiles.fours) : tileCount(size, tiles.rows, tiles.columns);
}

function tileCount({ m, n, batches }: ProductSize, rows: number, columns: number): number {
  return Math.ceil(m / rows) * Math.ceil(n / columns) * batches;
}

function tilesFrom<Tiles>(
  table: readonly Line<Tiles>[],
  size: ProductSize,
  extent: (tiles: Tiles) => readonly [rows: number, columns: number],
): Tiles {
  const fits = ({ rows, columns, workgroups = 0, tiles }: Line<Tiles>): boolean =>
    size.m <= rows && size.n <= columns && tileCount(size, ...extent(tiles)) >= workgroups;
  return (table.find(fits) as Line<Tiles>).tiles;
}
