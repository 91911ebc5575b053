import type { NdArray } from "../../../ndarray.js";
import type { ConvolutionGeometry } from "../../../routines.js";
import type { Shape } from "../../../shape.js";
import type { Scratch } from "./scratch.js";
import { frameSources, type Frame, type Gather } from "./windows.js";

/** Addresses of the tables of a {@link Gather}, and their lengths. */
export interface Tables {
  readonly rows: number;
  readonly columns: number;
  readonly outs: number;
  readonly m: number;
  readonly k: number;
}

/** A frame, and the table from which it is filled. */
export interface Framing {
  readonly frame: Frame;
  readonly sources: number;
  readonly rowsPerChannel: number;
  readonly left: number;
  readonly width: number;
  readonly right: number;
}

/** Writes the tables of a gather to memory. */
export function tablesOf(scratch: Scratch, { rows, columns, outs }: Gather): Tables {
  return {
    rows: scratch.table(rows),
    columns: scratch.table(columns),
    outs: scratch.table(outs),
    m: rows.length,
    k: columns.length,
  };
}

/** Writes the table of a frame to memory. */
export function framingOf(memory: Scratch, frame: Frame, input: Shape): Framing {
  const { sources, left, width, right } = frameSources(frame, input);
  return { frame, sources: memory.table(sources), rowsPerChannel: sources.length, left, width, right };
}

/** Tells convolutions apart as far as their plans differ; the batch makes no difference. */
export function keyOf(
  x: NdArray,
  w: NdArray,
  out: NdArray,
  { stride, pad, dilate, groups }: ConvolutionGeometry,
): string {
  const [input, kernel, output] = [x, w, out].map(({ shape }) => shape.slice(1).join());
  return `${input} ${kernel} ${output} ${stride.join()} ${pad.join()} ${dilate.join()} ${groups} ${w.shape[0]}`;
}
