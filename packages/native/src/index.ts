/**
 * Importing this package is all there is to do: from then on the device `cpu` takes its matrix products from the BLAS library of
 * the system, and its convolutions from oneDNN. Where there is none it says so in one line, and everything works as before.
 */
import { provideRoutines } from "@chain/array";
import { loadBlas, type BlasLibrary } from "./blas/library.js";
import { oneDnnConvolutions } from "./onednn/convolution.js";
import type { OneDnn } from "./onednn/library.js";
import { loadOneDnn } from "./onednn/load.js";
import { libraryMatmul } from "./products/matmul.js";

export type { BlasLibrary } from "./blas/library.js";
export type { OneDnn } from "./onednn/library.js";
export type { Gemm, GemmLibrary } from "./products/gemm.js";

const foundBlas = loadBlas();
const foundOneDnn = loadOneDnn();

/** The library that was found and is in use for matrix products, or null. */
export const blas: BlasLibrary | null = typeof foundBlas === "string" ? null : foundBlas;

/** The library that was found and is in use for convolutions and matrix products, or null. */
export const oneDnn: OneDnn | null = typeof foundOneDnn === "string" ? null : foundOneDnn;

/** On other processors oneDNN has only plain code for products, which is slower than WebAssembly. */
const multiplier = process.arch === "x64" ? oneDnn : null;

if (typeof foundBlas === "string") {
  const instead = multiplier === null ? "stay in WebAssembly" : "of float64 stay in WebAssembly";
  console.warn(`@chain/native: no BLAS library, matrix products ${instead}: ${foundBlas}`);
}
if (blas !== null || multiplier !== null) {
  provideRoutines("cpu", ({ routines: { matmul } }) =>
    matmul === undefined ? {} : { matmul: libraryMatmul({ blas, oneDnn: multiplier }, matmul) },
  );
}

if (typeof foundOneDnn === "string") {
  console.warn(`@chain/native: no oneDNN, convolutions stay in WebAssembly: ${foundOneDnn}`);
} else {
  provideRoutines("cpu", ({ routines }) => oneDnnConvolutions(foundOneDnn, routines));
}
