import type { LibraryHandle } from "koffi";
import { NO_TRANSPOSE, type Gemm } from "../products/gemm.js";
import { OneDnnError } from "./functions.js";

const [N, T] = ["N", "T"].map((letter) => letter.charCodeAt(0)) as [number, number];

/** `dnnl_sgemm`, which versions 2 and 3 have alike, in the terms of CBLAS; matrices are row by row. */
export function gemmOf(lib: LibraryHandle): Gemm {
  const matrix = "uintptr_t, int64_t";
  const call: (...args: number[]) => number = lib.func(
    `int dnnl_sgemm(char, char, int64_t, int64_t, int64_t, float, ${matrix}, ${matrix}, float, ${matrix})`,
  );
  const letter = (transpose: number): number => (transpose === NO_TRANSPOSE ? N : T);
  return (_order, transA, transB, ...sizesAndMatrices) => {
    const status = call(letter(transA), letter(transB), ...sizesAndMatrices);
    if (status !== 0) throw new OneDnnError("dnnl_sgemm", status);
  };
}
