import type { NdArray } from "@chain/array";
import { add, cast, reduction, square, type Expr } from "@chain/array/kernel";

const plain = reduction("sum_of_squares", { map: (x: Expr) => square(x), combine: add, identity: 0 });
const widened = reduction("sum_of_squares", {
  map: (x: Expr) => square(cast(x, "float32")),
  combine: add,
  identity: 0,
});

/** The sum of all squared elements, on the device; float16 is summed in float32, where it cannot overflow. */
export function sumOfSquares(x: NdArray): NdArray {
  return x.dtype === "float16" ? widened(x) : plain(x);
}
