import { fillWith } from "../creation/filled.js";
import { NdArray } from "../ndarray.js";
import { checkShape, type Shape } from "../shape.js";
import { borrow } from "../views.js";
import { copyto } from "./copy.js";
import { ravel } from "./ravel.js";

/** A new array of any shape with `x`'s elements in C order, repeated or cut off as needed (NumPy's `resize`). */
export function resize(x: NdArray, shape: number | Shape): NdArray {
  const target = typeof shape === "number" ? [shape] : [...shape];
  checkShape(target);
  const result = NdArray.allocate(x.storage.backend, x.dtype, target);
  if (x.size === 0) {
    fillWith(result, 0);
    return result;
  }
  const flat = ravel(x);
  const times = Math.floor(result.size / x.size);
  const rest = result.size - times * x.size;
  const [stride = 1] = flat.strides;
  copyto(borrow(result, { shape: [times, x.size], strides: [x.size, 1], offset: 0 }), flat);
  copyto(
    borrow(result, { shape: [rest], strides: [1], offset: times * x.size }),
    borrow(flat, { shape: [rest], strides: [stride], offset: flat.offset }),
  );
  flat.dispose();
  return result;
}
