/** Products of matrices that need not be there: elements are looked up where two indices lead. */

/** How the elements of a matrix are looked up. Names of variables end in a suffix, so that several can be meant. */
export interface IndexedMatrix {
  /** Lines that work out what the index along the side (a row of A, a column of B) determines. */
  readonly side: (index: string, suffix: string) => readonly string[];
  /** The same for the index along the depth, over which products are summed. */
  readonly depth: (index: string, suffix: string) => readonly string[];
  /** The element where both lead. */
  readonly element: (side: string, depth: string) => string;
  /** That one and the three that follow it in memory, for matrices that can be read in fours. */
  readonly four?: (side: string, depth: string) => string;
}

/** What is multiplied, and what becomes of the sums. */
export interface Product {
  /**
   * Parameters, which lines call by their names (u32). `m`, `n`, `depth` and `batches` are there besides: the shape of
   * a result, terms of a sum, number of products.
   */
  readonly parameters: readonly string[];
  /** Lines that work out what the number of the product, `batch` (u32), determines. */
  readonly batch: readonly string[];
  readonly a: IndexedMatrix;
  readonly b: IndexedMatrix;
  /** Lines that store a sum. */
  readonly store: (row: string, column: string, sum: string) => readonly string[];
}

/** Source that reads elements, as float32, at u32 positions, and stores them. */
export interface ProductMemory {
  readonly a: (position: string) => string;
  readonly b: (position: string) => string;
  /** The four from a position on that is a multiple of four, where operands are bound in fours. */
  readonly aFour: (position: string) => string;
  readonly bFour: (position: string) => string;
  readonly bias: (position: string) => string;
  readonly out: (position: string) => string;
  readonly store: (position: string, value: string) => string;
}

/** A product written for the memory that a shader gives it. */
export type ProductSource = (memory: ProductMemory) => Product;

/** The body and the module scope of a shader, and invocations of a workgroup. */
export interface ShaderParts {
  readonly body: readonly string[];
  readonly scope: readonly string[];
  readonly workgroup: number;
}

/**
 * Lines that begin a body: a workgroup finds the product (`batch`) and the tile (`top`, `left`) that are its own, and the
 * part of the depth, `first` to `last`. Parts are counted as one more axis of products.
 */
export function tileLines(rows: number, columns: number): string[] {
  return [
    `let across = (n + ${columns - 1}u) / ${columns}u;`,
    `let down = (m + ${rows - 1}u) / ${rows}u;`,
    // A workgroup leaves as a whole, as barriers and exchanging values ask for.
    "if (group >= across * down * batches * parts) { return; }",
    "let whole = group / (across * down);",
    "let batch = whole % batches;",
    "let first = (whole / batches) * part;",
    "let last = min(first + part, depth);",
    `let top = ((group / across) % down) * ${rows}u;`,
    `let left = (group % across) * ${columns}u;`,
  ];
}
