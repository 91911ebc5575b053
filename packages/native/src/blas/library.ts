import { environmentVariable } from "@chain/array";
import koffi, { type LibraryHandle } from "koffi";
import { findLibrary, loadWith, optional, threadCount } from "../shared-library.js";
import { openBlasCoreType } from "./core-type.js";

/** A BLAS library that has been loaded. */
export interface BlasLibrary {
  /** Its file, as it was found. */
  readonly file: string;
  /** The kernels it uses, where it tells. */
  readonly core: string | null;
  /** Threads it may use. */
  readonly threads: number;
  /** Sets how many threads compute the next products. Does nothing where the library cannot be told. */
  readonly useThreads: (count: number) => void;
  readonly sgemm: Gemm;
  readonly dgemm: Gemm;
}

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

/** Where BLAS libraries with CBLAS's functions are looked for, the fastest first. */
const candidates: Partial<Record<NodeJS.Platform, readonly string[]>> = {
  linux: ["libopenblas.so.0", "libopenblas.so", "libmkl_rt.so.2", "libmkl_rt.so", "libblis.so.4", "libblas.so.3"],
  darwin: ["/System/Library/Frameworks/Accelerate.framework/Accelerate", "libopenblas.dylib"],
  win32: ["libopenblas.dll", "openblas.dll", "mkl_rt.2.dll", "libblis.4.dll"],
};

const install: Partial<Record<NodeJS.Platform, string>> = {
  linux: "install OpenBLAS (Debian, Ubuntu: apt-get install libopenblas0-pthread)",
  win32: "put libopenblas.dll on the PATH",
};

/** Functions that tell a library how many threads it may use; each has the one or other. */
const threadSetters = ["openblas_set_num_threads", "MKL_Set_Num_Threads", "bli_thread_set_num_threads"];

/**
 * Loads the system's BLAS library: the file that `CHAIN_BLAS` names, or the first of the usual ones.
 *
 * @returns the library, or a sentence that says why there is none
 */
export function loadBlas(): BlasLibrary | string {
  const { platform } = process;
  return findLibrary(
    { variable: "CHAIN_BLAS", files: candidates[platform] ?? [], advice: install[platform] ?? null },
    open,
  );
}

/** @throws Error if the file cannot be loaded, or multiplies wrongly */
function open(file: string): BlasLibrary {
  const lib = loadWith(settings(), file);
  const threads = threadCount();
  const setThreads = threadSetters
    .map((name) => optional(lib, `void ${name}(int threads)`))
    .find((found) => found !== null);
  setThreads?.(threads);
  const core = optional(lib, "const char *openblas_get_corename()")?.();
  const library = {
    file,
    core: typeof core === "string" ? core : null,
    threads,
    useThreads: threadSetter(setThreads, threads),
    sgemm: gemmOf(lib, "cblas_sgemm", "float"),
    dgemm: gemmOf(lib, "cblas_dgemm", "double"),
  };
  check(library);
  return library;
}

/** Calls `setThreads`, where there is such a function, when the number changes. */
function threadSetter(setThreads: ReturnType<typeof optional> | undefined, initial: number): (count: number) => void {
  let current = initial;
  return (count) => {
    if (count !== current) setThreads?.(count);
    current = count;
  };
}

/** OpenBLAS reads these when it is loaded. */
function settings(): Record<string, string> {
  const core = environmentVariable("CHAIN_OPENBLAS_CORETYPE") ?? openBlasCoreType();
  return {
    // Its threads look for work this many (2^n) cycles before they sleep; by default so long that they hold up ours.
    OPENBLAS_THREAD_TIMEOUT: "16",
    ...(core === null ? {} : { OPENBLAS_CORETYPE: core }),
  };
}

function gemmOf(lib: LibraryHandle, name: string, scalar: "float" | "double"): Gemm {
  const matrix = "uintptr_t, int";
  return lib.func(`void ${name}(int, int, int, int, int, int, ${scalar}, ${matrix}, ${matrix}, ${scalar}, ${matrix})`);
}

/** A library with integers of 64 bits, or another calling convention, would be noticed here. */
function check({ file, sgemm }: { readonly file: string; readonly sgemm: Gemm }): void {
  const [a, b, c] = [Float32Array.of(1, 2, 3, 4), Float32Array.of(5, 6, 7, 8), new Float32Array(4)];
  const [pa, pb, pc] = [a, b, c].map((x) => Number(koffi.address(x))) as [number, number, number];
  sgemm(ROW_MAJOR, NO_TRANSPOSE, TRANSPOSE, 2, 2, 2, 1, pa, 2, pb, 2, 0, pc, 2);
  if (c.join() !== "17,23,39,53") throw new Error(`${file} multiplies wrongly`);
}
