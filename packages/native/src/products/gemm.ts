/** `cblas_?gemm`: C = alpha·op(A)·op(B) + beta·C. Matrices are addresses in the process, with elements from a row to the next. */
export type Gemm = (
  order: number,
  transA: number,
  transB: number,
  m: number,
  n: number,
  k: number,
  alpha: number,
  a: number,
  lda: number,
  b: number,
  ldb: number,
  beta: number,
  c: number,
  ldc: number,
) => void;

/** CBLAS's constants. */
export const ROW_MAJOR = 101;
export const NO_TRANSPOSE = 111;
export const TRANSPOSE = 112;

/** A library that multiplies matrices. */
export interface GemmLibrary {
  /** Threads it may use. */
  readonly threads: number;
  /** Sets how many threads compute the next products. Does nothing where the library cannot be told. */
  readonly useThreads: (count: number) => void;
  readonly sgemm: Gemm;
  /** Null where it multiplies float32 only. */
  readonly dgemm: Gemm | null;
}

/** The libraries that there are. */
export interface GemmLibraries {
  readonly blas: GemmLibrary | null;
  readonly oneDnn: GemmLibrary | null;
}
