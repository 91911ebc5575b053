/** Slices of matrices in workgroup memory, loaded in fours of neighbours. */
import type { IndexedMatrix } from "./product.js";

/** How a matrix is loaded: which neighbours make a four, and whether they are read as one vector or one by one. */
export interface Reading {
  /** Along the depth or along the other axis: neighbours in memory should be loaded together. */
  readonly along: "depth" | "side";
  /** Fours begin at multiples of four in memory, and an edge of the matrix never parts one. */
  readonly fours: boolean;
}

/** A matrix of which a workgroup holds slices: all it needs of some steps along the depth. */
export interface SliceOptions {
  /** Of variables: `sliceA`, `nextA0`, … */
  readonly name: string;
  readonly matrix: IndexedMatrix;
  readonly reading: Reading;
  /** Rows of A or columns of B in a slice; where they begin in the matrix, and where the matrix ends. */
  readonly width: number;
  readonly begin: string;
  readonly end: string;
  /** Steps along the depth in a slice. */
  readonly depth: number;
  /** Invocations of the workgroup. */
  readonly lanes: number;
  readonly type: "f32" | "f16";
}

/** Source for a matrix whose slices take turns: while one is read, the next is loaded. */
export interface Slice {
  /** Fours in a slice; two slices lie one after the other, from `stage<name>` on is the one that is written or read. */
  readonly fours: number;
  readonly scope: readonly string[];
  /** Lines before the loop over the depth. */
  readonly begin: readonly string[];
  /** Lines that load the slice at depth `next` into variables, with zeros beyond `last`. */
  readonly load: readonly string[];
  /** Lines that write these variables to workgroup memory. */
  readonly store: readonly string[];
  /** The four of row or column `side` (a u32) and steps `4·quarter …`; or of fours `side` at step `quarter`, along the side. */
  readonly four: (side: string, quarter: string) => string;
}

/** Slices as arrays of vectors. Rows of fours along the depth are turned, so that neighbouring lanes meet other banks. */
export function sliceOf(options: SliceOptions): Slice {
  const { name, reading, width, depth, lanes, type } = options;
  const fours = (width * depth) / 4;
  const perRow = reading.along === "depth" ? depth / 4 : width / 4;
  const index = (row: string, four: string): string => {
    const turn = reading.along === "depth" ? turnOf(perRow, row) : null;
    return `stage${name} + (${row}) * ${perRow}u + ${turn === null ? four : `((${four}) ^ ${turn})`}`;
  };
  const each = loads(options);
  const wide = `vec4<${type}>`;
  return {
    fours,
    scope: [`var<workgroup> slice${name}: array<${wide}, ${2 * fours}>;`],
    begin: [`var stage${name} = 0u;`, ...each.flatMap(({ begin }) => begin)],
    load: each.flatMap(({ load }) => load),
    store: each.flatMap(({ next, outer, inner }, i) => {
      const line = `slice${name}[${index(outer, inner)}] = ${type === "f32" ? next : `${wide}(${next})`};`;
      return [(i + 1) * lanes > fours ? `if (lane + ${i * lanes}u < ${fours}u) { ${line} }` : line];
    }),
    four: (side, quarter) => {
      const [row, four] = reading.along === "depth" ? [side, quarter] : [quarter, side];
      const loaded = `slice${name}[${index(row, four)}]`;
      return type === "f32" ? loaded : `vec4<f32>(${loaded})`;
    },
  };
}

/** A four that an invocation loads: its variable, and its place in the slice (the inner index counts fours). */
export interface LoadedFour {
  readonly next: string;
  readonly outer: string;
  readonly inner: string;
  readonly begin: readonly string[];
  readonly load: readonly string[];
}

/** The fours that every invocation loads. */
export function loads({ name, matrix, reading, width, begin, end, depth, lanes }: SliceOptions): LoadedFour[] {
  const alongDepth = reading.along === "depth";
  const perRow = (alongDepth ? depth : width) / 4;
  const { four } = matrix;
  const vector = reading.fours && four !== undefined ? four : null;
  return Array.from({ length: Math.ceil((width * depth) / 4 / lanes) }, (_, i) => {
    const s = `_${name}${i}`;
    const [next, outer, inner] = [`next${name}${i}`, `outer${s}`, `inner${s}`];
    const place = [
      `let ${outer} = (lane + ${i * lanes}u) / ${perRow}u;`,
      `let ${inner} = (lane + ${i * lanes}u) % ${perRow}u;`,
      `var ${next} = vec4<f32>();`,
    ];
    const parts = vector === null ? [0, 1, 2, 3] : [0];
    // What lies beyond the edges is the last again, and not stored; beyond the depth it has to be nothing.
    const side = (e: number): readonly string[] => {
      const at = alongDepth ? outer : `${inner} * 4u + ${e}u`;
      const last = !alongDepth && vector !== null ? 4 : 1;
      return matrix.side(`min(${begin} + ${at}, ${end} - ${last}u)`, `${s}_${e}`);
    };
    const step = (e: number): string => (alongDepth ? `next + ${inner} * 4u + ${e}u` : `next + ${outer}`);
    const depthLines = (e: number): readonly string[] => {
      const last = alongDepth && vector !== null ? 4 : 1;
      return matrix.depth(`min(${step(e)}, last - ${last}u)`, `${s}_${e}`);
    };
    const sides = alongDepth ? side(0) : parts.flatMap(side);
    const depths = alongDepth ? parts.flatMap(depthLines) : depthLines(0);
    const element = (e: number): string =>
      `select(0.0, ${matrix.element(`${s}_${alongDepth ? 0 : e}`, `${s}_${alongDepth ? e : 0}`)}, ${step(e)} < last)`;
    const value =
      vector === null
        ? `vec4<f32>(${parts.map(element).join(", ")})`
        : `select(vec4<f32>(), ${vector(`${s}_0`, `${s}_0`)}, ${step(0)} < last)`;
    return {
      next,
      outer,
      inner,
      begin: [...place, ...sides],
      load: ["{", ...depths.map((line) => `  ${line}`), `  ${next} = ${value};`, "}"],
    };
  });
}

/** What the fours of a row are turned by: eight neighbouring rows, of so many fours each, then begin in eight banks. */
function turnOf(perRow: number, row: string): string | null {
  if (perRow === 1) return null;
  return perRow >= 8 ? `((${row}) & 7u)` : `(((${row}) / ${8 / perRow}u) & ${perRow - 1}u)`;
}
