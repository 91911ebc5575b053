import { empty, sum, type NdArray } from "@chain/array";
import { add, cast, reduction, runTogether, square, type Expr } from "@chain/array/kernel";

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

/** The sum of all squared elements of several arrays, on their device: a sum for each, by one launch, then one over those. */
export function sumOfAllSquares(arrays: readonly NdArray[]): NdArray {
  const dtype = arrays.some((x) => x.dtype === "float64") ? "float64" : "float32";
  const sums = empty([arrays.length], arrays[0] === undefined ? { dtype } : { dtype, device: arrays[0].device });
  runTogether(arrays.map((x, i) => (x.dtype === "float16" ? widened : plain).prepare(sums.get(i), x)));
  return sum(sums);
}
