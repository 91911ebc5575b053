import { isFloating, ValueError, type DType, type Shape } from "@chain/array";
import { Parameter, type Initializer } from "@chain/autograd";
import { getInitializer } from "../initializers/get-initializer.js";
import type { InitializerLike } from "../initializers/initializer.js";

/** Options of links with a factor `gamma` and a summand `beta`. */
export interface ScaleAndShiftOptions {
  /** First factors, 1 by default. */
  readonly initialGamma?: InitializerLike | null;
  /** First summands, 0 by default. */
  readonly initialBeta?: InitializerLike | null;
}

/** An initializer of arrays of a dtype, where one is given. */
export function initializerOf(
  given: InitializerLike | null | undefined,
  value: number,
  dtype: DType | null,
): Initializer {
  if (dtype !== null && !isFloating(dtype))
    throw new ValueError(`a normalization needs a floating dtype, got ${dtype}`);
  const initializer = getInitializer(given ?? value);
  if (dtype === null) return initializer;
  return { dtype, generate: (shape, options) => initializer.generate(shape, { ...options, dtype }) };
}

/** The parameter `gamma`; without a shape, its array is made later. */
export function gammaOf({ initialGamma }: ScaleAndShiftOptions, shape: Shape | null, dtype: DType | null): Parameter {
  return new Parameter(initializerOf(initialGamma, 1, dtype), { shape, name: "gamma" });
}

/** The parameter `beta`; without a shape, its array is made later. */
export function betaOf({ initialBeta }: ScaleAndShiftOptions, shape: Shape | null, dtype: DType | null): Parameter {
  return new Parameter(initializerOf(initialBeta, 0, dtype), { shape, name: "beta" });
}

/** Tells a size from the options that may stand in its place. */
export function sizeAndOptions<S extends number | Shape, O extends object>(
  first: S | null | O,
  second: O,
): [size: S | null, options: O] {
  if (typeof first === "number" || first === null || Array.isArray(first)) return [first as S | null, second];
  return [null, first as O];
}
