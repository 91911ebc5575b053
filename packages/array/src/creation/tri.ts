import { tril } from "../manipulation/tril.js";
import type { NdArray } from "../methods.js";
import type { EyeOptions } from "./eye.js";
import { ones } from "./zeros.js";

/**
 * A matrix of `N` rows with ones at and below diagonal `k`, zeros above, float32 unless said otherwise (NumPy's `tri`).
 */
export function tri(N: number, options?: EyeOptions): NdArray;
export function tri(N: number, M: number | null, options?: EyeOptions): NdArray;
export function tri(N: number, second: number | null | EyeOptions = {}, third: EyeOptions = {}): NdArray {
  const options = typeof second === "object" && second !== null ? second : { M: second, ...third };
  const { M, k = 0, ...place } = options;
  const full = ones([N, M ?? N], place);
  const result = tril(full, k);
  full.dispose();
  return result;
}
