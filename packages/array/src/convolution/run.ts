/**
 * Convolutions by routines that were provided, or by the backend's own, or composed where it has none. Arguments have been checked.
 */
import { cpuConvolutions, type ConvolutionRoutines } from "../backends/cpu/convolution/index.js";
import type { DType } from "../dtype.js";
import { astype } from "../manipulation/astype.js";
import { ascontiguousarray, copyto } from "../manipulation/copy.js";
import type { NdArray } from "../ndarray.js";
import type { ConvolutionEpilogue, ConvolutionGeometry } from "../routines.js";
import { composedConvolution, composedGradInput, composedGradWeight } from "./composed.js";

/** `Routines.convolution`, for arrays of any layout and dtype. */
export function runConvolution(
  x: NdArray,
  w: NdArray,
  out: NdArray,
  geometry: ConvolutionGeometry,
  epilogue: ConvolutionEpilogue,
): void {
  const routines = routinesOf(out);
  run([x, w, out], epilogue.bias, {
    routine: (a, b, y, bias) =>
      routines.some(({ convolution }) => convolution?.(a, b, y, geometry, { ...epilogue, bias }) ?? false),
    composed: (a, b, y, bias) => composedConvolution(a, b, y, geometry, { ...epilogue, bias }),
  });
}

/** `Routines.convolutionGradInput`, for arrays of any layout and dtype. */
export function runGradInput(gy: NdArray, w: NdArray, gx: NdArray, geometry: ConvolutionGeometry): void {
  const routines = routinesOf(gx);
  run([gy, w, gx], null, {
    routine: (a, b, out) =>
      routines.some(({ convolutionGradInput }) => convolutionGradInput?.(a, b, out, geometry) ?? false),
    composed: (a, b, out) => composedGradInput(a, b, out, geometry, runConvolution),
  });
}

/** `Routines.convolutionGradWeight`, for arrays of any layout and dtype. */
export function runGradWeight(x: NdArray, gy: NdArray, gw: NdArray, geometry: ConvolutionGeometry): void {
  const routines = routinesOf(gw);
  run([x, gy, gw], null, {
    routine: (a, b, out) =>
      routines.some(({ convolutionGradWeight }) => convolutionGradWeight?.(a, b, out, geometry) ?? false),
    composed: (a, b, out) => composedGradWeight(a, b, out, geometry, runConvolution),
  });
}

/** Those that were provided, then those that the device came with. */
function routinesOf({ storage: { backend } }: NdArray): readonly Partial<ConvolutionRoutines>[] {
  return [backend.routines, cpuConvolutions(backend)];
}

/** The two ways to compute `out` from contiguous `a`, `b` and perhaps a bias. */
interface Ways {
  /** By a routine; any may decline. */
  readonly routine: (a: NdArray, b: NdArray, out: NdArray, bias: NdArray | null) => boolean;
  readonly composed: (a: NdArray, b: NdArray, out: NdArray, bias: NdArray | null) => void;
}

const routineTypes: readonly DType[] = ["float16", "float32", "float64"];

function run([a, b, out]: readonly [NdArray, NdArray, NdArray], bias: NdArray | null, ways: Ways): void {
  if (out.size === 0) return;
  const [left, right] = [ascontiguousarray(a), ascontiguousarray(b)];
  const added = bias === null ? null : ascontiguousarray(bias);
  const suited = routineTypes.includes(out.dtype) && a.size > 0 && b.size > 0;
  if (!suited || !ways.routine(left, right, out, added)) {
    if (out.dtype === "float16") throughFloat32(left, right, out, added, ways);
    else ways.composed(left, right, out, added);
  }
  if (left !== a) left.dispose();
  if (right !== b) right.dispose();
  if (added !== bias) added?.dispose();
}

/** Sums of many half-precision numbers want more digits than those have. */
function throughFloat32(a: NdArray, b: NdArray, out: NdArray, bias: NdArray | null, ways: Ways): void {
  const [left, right, result] = [a, b, out].map((x) => astype(x, "float32")) as [NdArray, NdArray, NdArray];
  const added = bias === null ? null : astype(bias, "float32");
  run([left, right, result], added, ways);
  copyto(out, result);
  for (const x of [left, right, result, added]) x?.dispose();
}
