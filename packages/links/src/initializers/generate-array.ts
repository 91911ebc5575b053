import { ValueError, type DType, type NdArray, type Shape } from "@chain/array";
import { config } from "@chain/autograd";
import { getInitializer } from "./get-initializer.js";
import type { InitializerLike } from "./initializer.js";

/**
 * A new array with values from an initializer (Chainer's `generate_array`), of `dtype`, or else the initializer's, or
 * else `config.dtype`.
 *
 * @throws ValueError if the initializer has another dtype than the one asked for.
 */
export function generateArray(
  initializer: InitializerLike,
  shape: Shape,
  options: { readonly dtype?: DType; readonly device?: string } = {},
): NdArray {
  const made = getInitializer(initializer);
  const { dtype, device } = options;
  if (made.dtype !== null && dtype !== undefined && made.dtype !== dtype) {
    throw new ValueError(`the initializer makes ${made.dtype}, but ${dtype} was asked for`);
  }
  return made.generate(shape, { dtype: dtype ?? made.dtype ?? config.dtype, device });
}
