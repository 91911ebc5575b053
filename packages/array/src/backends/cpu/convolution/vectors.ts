/** Vectors of neighbouring pixels in images. */
import { roundUp } from "../matmul/tasks.js";
import type { Scratch } from "./scratch.js";
import type { Gather } from "./windows.js";

const BYTES = 4;
/** Pixels in a vector. */
export const VECTOR = 4;

/** How far apart the pixels of a vector are read: next to each other, or every second one. */
export type Spacing = 1 | 2;

/** Vectors of pixels: where they are read, and where their results go. */
export interface Vectors {
  readonly starts: number;
  readonly outs: number;
  readonly vectors: number;
  readonly outStep: number;
  readonly columns: number;
  readonly k: number;
  readonly spacing: Spacing;
  /** Vectors at the end of the list that share pixels with the one before, and how many they have of their own. */
  readonly tails: number;
  readonly tailLanes: number;
}

/**
 * Divides rows of `width` positions into vectors; null if they are too short, or their elements too far apart. There are tables
 * for a multiple of `tile` vectors: the last one is repeated.
 */
export function vectorsOf(
  memory: Scratch,
  { rows, columns, outs }: Gather,
  width: number,
  tile: number,
): Vectors | null {
  const step = width < VECTOR ? 0 : (rows[1] as number) - (rows[0] as number);
  if (step !== 1 && step !== 2) return null;
  const lines = rows.length / width;
  const whole = Math.floor(width / VECTOR);
  const tailLanes = width % VECTOR;
  const tails = tailLanes === 0 ? 0 : lines;
  const vectors = lines * whole + tails;
  const at = Int32Array.from({ length: roundUp(vectors, tile) }, (_, place) => {
    const v = Math.min(place, vectors - 1);
    if (v >= lines * whole) return (v - lines * whole + 1) * width - VECTOR;
    return Math.floor(v / whole) * width + (v % whole) * VECTOR;
  });
  return {
    starts: memory.table(at.map((position) => rows[position] as number)),
    outs: memory.table(at.map((position) => outs[position] as number)),
    vectors,
    outStep: ((outs[1] as number) - (outs[0] as number)) * BYTES,
    columns: memory.table(columns),
    k: columns.length,
    spacing: step,
    tails,
    tailLanes,
  };
}
