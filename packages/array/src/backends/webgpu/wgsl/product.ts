/** Products of matrices that need not be there: elements are looked up where two indices lead. */

/** How the elements of a matrix are looked up. Names of variables end in a suffix, so that several can be meant. */
export interface IndexedMatrix {
  /** Lines that work out what the index along the side (a row of A, a column of B) determines. */
  readonly side: (index: string, suffix: string) => readonly string[];
  /** The same for the index along the depth, over which products are summed. */
  readonly depth: (index: string, suffix: string) => readonly string[];
  /** The element where both lead. */
  readonly element: (side: string, depth: string) => string;
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

/** The body and the module scope of a shader, and invocations of a workgroup. */
export interface ShaderParts {
  readonly body: readonly string[];
  readonly scope: readonly string[];
  readonly workgroup: number;
}
