import { getHostDevice, random, type Generator, type NdArray, type Shape } from "@chain/array";
import type { GenerateOptions, InitializerOptions } from "./initializer.js";

/** Options of initializers that draw random numbers. */
export interface RandomOptions extends InitializerOptions {
  /** Where they come from; the default generator if not given. */
  readonly rng?: Generator;
}

/** Normal numbers with mean 0. */
export function drawNormal(shape: Shape, deviation: number, options: GenerateOptions, { rng }: RandomOptions): NdArray {
  return (rng ?? random.defaultGenerator()).normal(0, deviation, shape, options);
}

/** Numbers between `-bound` and `bound`. */
export function drawUniform(shape: Shape, bound: number, options: GenerateOptions, { rng }: RandomOptions): NdArray {
  return (rng ?? random.defaultGenerator()).uniform(-bound, bound, shape, options);
}

/** Standard normal numbers for computing on the host. */
export function drawOnHost(count: number, { rng }: RandomOptions): Float64Array {
  const numbers = (rng ?? random.defaultGenerator()).normal(0, 1, [count], {
    dtype: "float64",
    device: getHostDevice(),
  });
  const data = Float64Array.from(numbers.dataSync());
  numbers.dispose();
  return data;
}
