/**
 * Importing this package is all there is to do: from then on the device `cpu` takes its matrix products from the BLAS library of
 * the system. Where there is none it says so in one line, and everything works as before.
 */
import { provideRoutines } from "@chain/array";
import { loadLibrary, type BlasLibrary } from "./library.js";
import { blasMatmul } from "./matmul.js";

export type { BlasLibrary, Gemm } from "./library.js";

const library = loadLibrary();

/** The library that was found and is in use, or null. */
export const blas: BlasLibrary | null = typeof library === "string" ? null : library;

if (typeof library === "string") {
  console.warn(`@chain/native: no BLAS library, matrix products stay in WebAssembly: ${library}`);
} else {
  provideRoutines("cpu", ({ routines: { matmul } }) =>
    matmul === undefined ? {} : { matmul: blasMatmul(library, matmul) },
  );
}
