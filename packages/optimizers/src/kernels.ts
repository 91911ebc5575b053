import type { NdArray } from "@chain/array";
import { elementwise, mul } from "@chain/array/kernel";

const scale = elementwise("scale", { scalars: ["factor"] }, (x, { factor }) => mul(x, factor));

/** `x · factor`. */
export function scaled(x: NdArray, factor: number): NdArray {
  return scale(x, { factor });
}
