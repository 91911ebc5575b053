/**
 * Importing this package is all there is to do: from then on the device `cpu` takes its matrix products from the BLAS library of
 * the system, and its convolutions from oneDNN. Where there is none it says so in one line, and everything works as before.
 */
import { provideRoutines } from "@chain/array";
import { loadBlas, type BlasLibrary } from "./blas/library.js";
import { blasMatmul } from "./blas/matmul.js";
import { oneDnnConvolutions } from "./onednn/convolution.js";
import type { OneDnn } from "./onednn/library.js";
import { loadOneDnn } from "./onednn/load.js";

export type { BlasLibrary, Gemm } from "./blas/library.js";
export type { OneDnn } from "./onednn/library.js";

const foundBlas = loadBlas();
const foundOneDnn = loadOneDnn();

/** The library that was found and is in use for matrix products, or null. */
export const blas: BlasLibrary | null = typeof foundBlas === "string" ? null : foundBlas;

/** The library that was found and is in use for convolutions, or null. */
export const oneDnn: OneDnn | null = typeof foundOneDnn === "string" ? null : foundOneDnn;

if (typeof foundBlas === "string") {
  console.warn(`@chain/native: no BLAS library, matrix products stay in WebAssembly: ${foundBlas}`);
} else {
  provideRoutines("cpu", ({ routines: { matmul } }) =>
    matmul === undefined ? {} : { matmul: blasMatmul(foundBlas, matmul) },
  );
}

if (typeof foundOneDnn === "string") {
  console.warn(`@chain/native: no oneDNN, convolutions stay in WebAssembly: ${foundOneDnn}`);
} else {
  provideRoutines("cpu", ({ routines }) => oneDnnConvolutions(foundOneDnn, routines));
}
