/** Bins of regions as windows of whole pixels. */
import { arange, type NdArray } from "@chain/array";
import { add, cast, elementwise, idiv, max, min, mul, rint, sub, type Expr } from "@chain/array/kernel";
import type { RegionEdges } from "./roi-arguments.js";

/** The first pixel of each bin, and that after its last one: int32, of shape `(regions, bins)`. */
export interface RegionWindows {
  readonly start: NdArray;
  readonly end: NdArray;
}

const windowEdges = elementwise(
  "roiPooling-windows",
  { scalars: ["scale"], uints: ["bins", "length", "last"] },
  (low, high, bin, { scale, bins, length, last }) => {
    const whole = (x: Expr): Expr => cast(x, "int32");
    const pixel = (x: Expr): Expr => whole(rint(mul(x, scale)));
    const first = pixel(low);
    const extent = max(add(sub(pixel(high), first), whole(last)), 1);
    const clipped = (offset: Expr): Expr => min(max(add(first, offset), 0), whole(length));
    return [
      clipped(idiv(mul(bin, extent), whole(bins))),
      clipped(idiv(sub(add(mul(add(bin, 1), extent), whole(bins)), 1), whole(bins))),
    ];
  },
);

/**
 * Divides regions into bins that together cover them; neighbours share a pixel where the division leaves a rest. Edges are
 * rounded to pixels. The one at `high` belongs to a region if `inclusive`; a region is at least a pixel long.
 */
export function regionWindows(
  { low, high, length, bins }: RegionEdges,
  scale: number,
  { inclusive }: { readonly inclusive: boolean },
): RegionWindows {
  const regions = low.size;
  const bin = arange(bins, { dtype: "int32", device: low.device });
  const numbers = { scale, bins, length, last: inclusive ? 1 : 0 };
  const [start, end] = windowEdges(low.reshape(regions, 1), high.reshape(regions, 1), bin, numbers);
  return { start, end };
}
