/** Extra words in the argument block of a reduction, by name. */
export const REDUCTION_WORDS = {
  mode: 0,
  /** Parts that the reduced positions of an output are cut into; the cuts depend on shapes alone. */
  parts: 1,
  /** Positions of a part; the last one may have fewer. */
  partSize: 2,
  /** Number of reduced positions of an output. */
  size: 3,
  /** Address of the states of parts. */
  scratch: 4,
  /** Reductions in tiles: kept positions of a tile. */
  tileWidth: 5,
  /** Reductions of lines: outputs, and how many parts of one are done before the same parts of the next; it divides `parts`. */
  units: 6,
  partsAtOnce: 7,
} as const;

export const reductionWords: number = Object.keys(REDUCTION_WORDS).length;

/** What a call of a reduction's `run` does. Its range counts outputs (or tiles of them), or parts of those. */
export const REDUCTION_MODE = {
  /** Everything. */
  whole: 0,
  /** Reduces parts; parts of one output may be done by different threads. */
  parts: 1,
  /** Combines the parts, which have been done, and finishes. */
  merge: 2,
} as const;
