import { fromElements } from "../creation/from-host.js";
import { floatingType, type TypedArray } from "../dtype.js";
import { ValueError } from "../errors.js";
import { readNow } from "../indexing/read-now.js";
import type { NdArray } from "../ndarray.js";

/** Options of {@link histogram}. */
export interface HistogramOptions {
  /** How many bins of one width, or their ascending edges; 10 by default. */
  readonly bins?: number | readonly number[];
  /** Lowest and highest edge of bins of one width; the extremes of the data by default. */
  readonly range?: readonly [number, number];
}

/**
 * How many elements fall into each bin, int32, and the bins' edges (NumPy's `histogram`). A bin holds its left edge, the
 * last one both. Elements outside are not counted.
 *
 * @throws ValueError for edges that do not ascend or a range that is not finite; DeviceError on devices that cannot be
 * read synchronously.
 */
export function histogram(x: NdArray, { bins = 10, range }: HistogramOptions = {}): [counts: NdArray, edges: NdArray] {
  const values = readNow(x, "histogram", "read it with await data() first");
  const edges = typeof bins === "number" ? evenEdges(values, bins, range) : Float64Array.from(bins);
  for (let i = 1; i < edges.length; i++) {
    if ((edges[i] as number) < (edges[i - 1] as number)) throw new ValueError("histogram: edges must ascend");
  }
  if (edges.length < 2) throw new ValueError("histogram: at least one bin is needed");
  const counts = new Int32Array(edges.length - 1);
  for (const value of values) {
    const bin = binOf(value, edges);
    if (bin >= 0) counts[bin] = (counts[bin] as number) + 1;
  }
  const { backend } = x.storage;
  return [
    fromElements(counts, "int32", [counts.length], backend),
    fromElements(edges, floatingType(x.dtype), [edges.length], backend),
  ];
}

function evenEdges(values: TypedArray, bins: number, range: readonly [number, number] | undefined): Float64Array {
  if (!Number.isInteger(bins) || bins < 1) throw new ValueError(`histogram: bins must be a whole number, got ${bins}`);
  let [low, high] = range ?? extremes(values);
  if (!Number.isFinite(low) || !Number.isFinite(high) || low > high) {
    throw new ValueError(`histogram: the range [${low}, ${high}] must be finite and ascend`);
  }
  if (low === high) [low, high] = [low - 0.5, high + 0.5];
  const step = (high - low) / bins;
  return Float64Array.from({ length: bins + 1 }, (_, i) => (i === bins ? high : low + i * step));
}

function extremes(values: TypedArray): [number, number] {
  if (values.length === 0) return [0, 1];
  let [low, high] = [Infinity, -Infinity];
  for (const value of values) {
    if (Number.isNaN(value)) return [NaN, NaN];
    if (value < low) low = value;
    if (value > high) high = value;
  }
  return [low, high];
}

/** The bin that holds a value, or -1. */
function binOf(value: number, edges: Float64Array): number {
  const bins = edges.length - 1;
  if (!(value >= (edges[0] as number) && value <= (edges[bins] as number))) return -1;
  let low = 0;
  let high = bins;
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if ((edges[middle] as number) <= value) low = middle;
    else high = middle;
  }
  return low;
}
