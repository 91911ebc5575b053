import { promoteTypes, type DType } from "../dtype.js";
import { InvalidType, ValueError } from "../errors.js";
import { backendOf } from "../kernel/launch.js";
import { NdArray } from "../ndarray.js";
import { axisFrom, type OptionalAxis } from "../options.js";
import { formatShape, normalizeAxis } from "../shape.js";
import { borrow, sliceAxis } from "../views.js";
import { copyto } from "./copy.js";
import { ravel } from "./ravel.js";

/**
 * Arrays joined along an existing axis, 0 by default (NumPy's `concatenate`). With `axis: null` they are flattened first.
 * The dtype is the one that all promote to, or `dtype`.
 *
 * @throws ValueError if there are no arrays, or other axes than the joined one differ.
 */
export function concatenate(
  arrays: readonly NdArray[],
  options?: OptionalAxis | { readonly axis?: number | null; readonly dtype?: DType },
): NdArray {
  const first = arrays[0];
  if (first === undefined) throw new ValueError("concatenate: at least one array is needed");
  checkArrays("concatenate", arrays);
  const chosen = axisFrom(options, 0);
  if (chosen === null) {
    const flat = arrays.map((x) => ravel(x));
    const result = concatenate(flat, { axis: 0, dtype: dtypeOf(options) ?? commonDType(arrays) });
    for (const x of flat) x.dispose();
    return result;
  }
  if (first.ndim === 0) throw new ValueError("concatenate: 0-d arrays cannot be joined; use stack()");
  const axis = normalizeAxis(chosen, first.ndim);
  let length = 0;
  for (const x of arrays) {
    const fits = x.ndim === first.ndim && x.shape.every((n, i) => i === axis || n === first.shape[i]);
    if (!fits) {
      throw new ValueError(
        `concatenate: shapes must agree on all axes but axis ${axis}, got ${arrays.map((a) => formatShape(a.shape)).join(" ")}`,
      );
    }
    length += x.shape[axis] as number;
  }
  const dtype = dtypeOf(options) ?? commonDType(arrays);
  const result = NdArray.allocate(first.storage.backend, dtype, first.shape.with(axis, length));
  if (axis === 0 && arrays.every((x) => x.contiguous && x.dtype === dtype)) {
    const backend = backendOf("concatenate", arrays);
    if (backend.routines.join?.(arrays, result) === true) return result;
  }
  let start = 0;
  for (const x of arrays) {
    const part = x.shape[axis] as number;
    if (x.size > 0) copyto(borrow(result, sliceAxis(result, axis, start, part)), x);
    start += part;
  }
  return result;
}

/** The dtype that all arrays promote to. */
export function commonDType(arrays: readonly NdArray[]): DType {
  let dtype = (arrays[0] as NdArray).dtype;
  for (const x of arrays) dtype = promoteTypes(dtype, x.dtype);
  return dtype;
}

/** Throws for lists that hold something else than arrays. */
export function checkArrays(name: string, arrays: readonly unknown[]): void {
  for (const x of arrays) {
    if (!(x instanceof NdArray)) throw InvalidType.of(name, "a list of arrays", `${typeof x} in it`);
  }
}

function dtypeOf(options: OptionalAxis | { readonly dtype?: DType } | undefined): DType | undefined {
  return typeof options === "object" && options !== null && "dtype" in options ? options.dtype : undefined;
}
