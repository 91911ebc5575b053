import type { GpuContext } from "./launcher.js";
import { quadTable, tilesFrom, type Line } from "./matmul-table.js";
import type { ProductMethod } from "./wgsl/product-shader.js";
import type { QuadTiles } from "./wgsl/quad-product.js";
import { largeTiles, smallTiles, thinTiles, type ProductTiles, type StagingOrder } from "./wgsl/tile-product.js";

/** How many products of what shape. */
export interface ProductSize {
  readonly m: number;
  readonly n: number;
  readonly batches: number;
}

/** The way to compute products that is fast on a device; `quads` are the tiles for a program that plays a GPU. */
export function methodFor(
  { software, subgroups }: GpuContext,
  size: ProductSize,
  order: StagingOrder,
  quads: readonly Line<QuadTiles>[] = quadTable,
): ProductMethod {
  return software
    ? { by: "quads", tiles: tilesFrom(quads, size.m, size.n), exchange: subgroups }
    : { by: "tiles", tiles: tilesFor(size), order };
}

/** Enough workgroups to fill a GPU come first, then large tiles. */
function tilesFor({ m, n, batches }: ProductSize): ProductTiles {
  if (m <= 32) return thinTiles;
  const large = Math.ceil(m / largeTiles.rows) * Math.ceil(n / largeTiles.columns) * batches;
  return large >= 64 ? largeTiles : smallTiles;
}

/** Workgroups that compute products together. */
export function workgroupsOf(method: ProductMethod, { m, n, batches }: ProductSize): number {
  const columns = method.by === "tiles" ? method.tiles.columns : 4 * method.tiles.fours;
  return Math.ceil(m / method.tiles.rows) * Math.ceil(n / columns) * batches;
}
