import { ValueError } from "../errors.js";
import { diagonalView } from "../manipulation/diagonal.js";
import type { NdArray } from "../methods.js";
import { checkShape } from "../shape.js";
import { borrow } from "../views.js";
import { fillWith } from "./filled.js";
import type { ArrayOptions } from "./from-host.js";
import { zeros } from "./zeros.js";

/** Options of {@link eye}. */
export interface EyeOptions extends ArrayOptions {
  /** Number of columns; as many as rows by default. */
  readonly M?: number | null;
  /** Which diagonal holds ones: 0 the main one, positive above it. */
  readonly k?: number;
}

/** A matrix of `N` rows with ones on a diagonal and zeros elsewhere, float32 unless said otherwise (NumPy's `eye`). */
export function eye(N: number, options?: EyeOptions): NdArray;
export function eye(N: number, M: number | null, options?: EyeOptions): NdArray;
export function eye(N: number, second: number | null | EyeOptions = {}, third: EyeOptions = {}): NdArray {
  const options = typeof second === "object" && second !== null ? second : { M: second, ...third };
  const { M, k = 0, ...place } = options;
  const shape = [N, M ?? N];
  checkShape(shape);
  if (!Number.isInteger(k)) throw new ValueError(`eye: k is a whole number, got ${k}`);
  const result = zeros(shape, place);
  fillWith(borrow(result, diagonalView(result, k, 0, 1)), 1);
  return result;
}

/** The identity matrix of `n` rows, float32 unless said otherwise (NumPy's `identity`). */
export function identity(n: number, options: ArrayOptions = {}): NdArray {
  return eye(n, options);
}
