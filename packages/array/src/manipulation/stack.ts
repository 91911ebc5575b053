import type { DType } from "../dtype.js";
import { ValueError } from "../errors.js";
import { NdArray } from "../ndarray.js";
import { axisFrom, type AxisOption } from "../options.js";
import { formatShape, normalizeAxis, sameShape } from "../shape.js";
import { borrow, sliceAxis, type View } from "../views.js";
import { asColumns, asRows, withThreeAxes } from "./atleast.js";
import { checkArrays, commonDType, concatenate } from "./concatenate.js";
import { copyto } from "./copy.js";

/**
 * Arrays of one shape joined along a new axis, 0 by default (NumPy's `stack`).
 *
 * @throws ValueError if there are no arrays or shapes differ.
 */
export function stack(
  arrays: readonly NdArray[],
  options?: AxisOption | { readonly axis?: number; readonly dtype?: DType },
): NdArray {
  const first = arrays[0];
  if (first === undefined) throw new ValueError("stack: at least one array is needed");
  checkArrays("stack", arrays);
  for (const x of arrays) {
    if (!sameShape(x.shape, first.shape)) {
      const shapes = arrays.map((a) => formatShape(a.shape)).join(" ");
      throw new ValueError(`stack: all arrays must have one shape, got ${shapes}`);
    }
  }
  const axis = normalizeAxis(axisFrom(options, 0), first.ndim + 1);
  const dtype = typeof options === "object" && "dtype" in options ? options.dtype : undefined;
  const shape = first.shape.toSpliced(axis, 0, arrays.length);
  const result = NdArray.allocate(first.storage.backend, dtype ?? commonDType(arrays), shape);
  arrays.forEach((x, i) => copyto(borrow(result, without(sliceAxis(result, axis, i, 1), axis)), x));
  return result;
}

/** Arrays joined row-wise: along axis 0, 1-d arrays as rows (NumPy's `vstack`). */
export function vstack(arrays: readonly NdArray[]): NdArray {
  return joined("vstack", arrays, asRows, 0);
}

/** Arrays joined column-wise: along axis 1, 1-d arrays along axis 0 (NumPy's `hstack`). */
export function hstack(arrays: readonly NdArray[]): NdArray {
  const oneAxis = (x: NdArray): View => (x.ndim === 0 ? { shape: [1], strides: [1], offset: x.offset } : x);
  return joined("hstack", arrays, oneAxis, (arrays[0]?.ndim ?? 0) <= 1 ? 0 : 1);
}

/** Arrays joined along a third axis (NumPy's `dstack`). */
export function dstack(arrays: readonly NdArray[]): NdArray {
  return joined("dstack", arrays, withThreeAxes, 2);
}

/** Arrays joined along axis 1, 1-d arrays as columns (NumPy's `column_stack`). */
export function columnStack(arrays: readonly NdArray[]): NdArray {
  return joined("columnStack", arrays, asColumns, 1);
}

function joined(name: string, arrays: readonly NdArray[], arrange: (x: NdArray) => View, axis: number): NdArray {
  checkArrays(name, arrays);
  return concatenate(
    arrays.map((x) => borrow(x, arrange(x))),
    { axis },
  );
}

function without(view: View, axis: number): View {
  return { ...view, shape: view.shape.toSpliced(axis, 1), strides: view.strides.toSpliced(axis, 1) };
}
