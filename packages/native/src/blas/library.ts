import { environmentVariable } from "@chain/array";
import koffi, { type LibraryHandle } from "koffi";
import { findLibrary, loadLibrary, optional, threadCount } from "../shared-library.js";
import { NO_TRANSPOSE, ROW_MAJOR, TRANSPOSE, type Gemm, type GemmLibrary } from "../products/gemm.js";
import { openBlasCoreType } from "./core-type.js";
import { threadSetterOf } from "./threads.js";

/** A BLAS library that has been loaded. */
export interface BlasLibrary extends GemmLibrary {
  /** Its file, as it was found. */
  readonly file: string;
  /** The kernels it uses, where it tells. */
  readonly core: string | null;
  readonly dgemm: Gemm;
}

/** Where BLAS libraries with CBLAS's functions are looked for, the fastest first. */
const candidates: Partial<Record<NodeJS.Platform, readonly string[]>> = {
  linux: [
    // Fedora's with threads: there, the next one is the one without.
    "libopenblasp.so.0",
    "libopenblas.so.0",
    "libopenblas.so",
    "libopenblas64.so.0",
    "libmkl_rt.so.3",
    "libmkl_rt.so.2",
    "libmkl_rt.so",
    "libblis.so.4",
    "libblis64.so.4",
    // Any of them, or one that is none of them.
    "libblas.so.3",
  ],
  darwin: ["/System/Library/Frameworks/Accelerate.framework/Accelerate", "libopenblas.dylib"],
  win32: ["libopenblas.dll", "openblas.dll", "mkl_rt.3.dll", "mkl_rt.2.dll", "libblis.4.dll"],
};

const install: Partial<Record<NodeJS.Platform, string>> = {
  linux: "install OpenBLAS (Debian, Ubuntu: apt-get install libopenblas0-pthread)",
  win32: "put libopenblas.dll on the PATH",
};

/**
 * Loads the system's BLAS library: the file that `CHAIN_BLAS` names, or the first of the usual ones.
 *
 * @returns the library, or a sentence that says why there is none
 */
export function loadBlas(): BlasLibrary | string {
  const { platform } = process;
  return findLibrary(
    {
      variable: "CHAIN_BLAS",
      files: candidates[platform] ?? [],
      advice: install[platform] ?? null,
      environment: openBlasSettings(),
    },
    openBlas,
  );
}

/**
 * @param asked - Whether the user wants that file: then it may be slower than WebAssembly.
 * @throws Error if the file cannot be loaded, multiplies wrongly, or is slow and nobody asked for it
 */
export function openBlas(file: string, asked: boolean): BlasLibrary {
  const lib = loadLibrary(file);
  const [sgemm, dgemm] = [gemmOf(lib, "cblas_sgemm", "float"), gemmOf(lib, "cblas_dgemm", "double")];
  const setThreads = threadSetterOf(lib);
  if (!asked && setThreads === null && process.platform !== "darwin") {
    throw new Error(`${file} is none of OpenBLAS, MKL and BLIS, but slower than WebAssembly`);
  }
  const threads = threadCount();
  const useThreads = setThreads ?? (() => undefined);
  useThreads(threads);
  check(file, sgemm);
  // BLIS can only be asked after its first product.
  const core = coreOf(lib);
  if (!asked && core === "generic") {
    throw new Error(`${file} knows no code for this processor and is slower than WebAssembly (BLIS_ARCH_TYPE chooses)`);
  }
  return { file, core, threads, useThreads, sgemm, dgemm };
}

/** The kernels that a library has chosen, where it tells. */
function coreOf(lib: LibraryHandle): string | null {
  const id = optional(lib, "int bli_arch_query_id()")?.();
  const core =
    typeof id === "number"
      ? optional(lib, "const char *bli_arch_string(int id)")?.(id)
      : optional(lib, "const char *openblas_get_corename()")?.();
  return typeof core === "string" ? core : null;
}

/** What OpenBLAS reads. */
function openBlasSettings(): Record<string, string> {
  const core = environmentVariable("CHAIN_OPENBLAS_CORETYPE") ?? openBlasCoreType();
  return {
    // Its threads look for work this many (2^n) cycles before they sleep; by default so long that they hold up ours.
    OPENBLAS_THREAD_TIMEOUT: "16",
    ...(core === null ? {} : { OPENBLAS_CORETYPE: core }),
  };
}

/**
 * Integers are passed with 64 bits: a function that takes 32 reads the lower half of a register, or of a place on the stack, and
 * libraries for larger matrices (libopenblas64) take them all. Only Apple packs arguments on the stack.
 */
const integer = process.platform === "darwin" ? "int" : "int64_t";

function gemmOf(lib: LibraryHandle, name: string, scalar: "float" | "double"): Gemm {
  const sizes = Array<string>(3).fill(integer).join(", ");
  const matrix = `uintptr_t, ${integer}`;
  return lib.func(`void ${name}(int, int, int, ${sizes}, ${scalar}, ${matrix}, ${matrix}, ${scalar}, ${matrix})`);
}

/** A library with another calling convention would be noticed here. */
function check(file: string, sgemm: Gemm): void {
  const [a, b, c] = [Float32Array.of(1, 2, 3, 4), Float32Array.of(5, 6, 7, 8), new Float32Array(4)];
  const [pa, pb, pc] = [a, b, c].map((x) => Number(koffi.address(x))) as [number, number, number];
  sgemm(ROW_MAJOR, NO_TRANSPOSE, TRANSPOSE, 2, 2, 2, 1, pa, 2, pb, 2, 0, pc, 2);
  if (c.join() !== "17,23,39,53") throw new Error(`${file} multiplies wrongly`);
}
