import { NdArray, type Shape } from "@chain/array";
import type { Initializer as InitializerInterface } from "@chain/autograd";
import { Constant } from "./constant.js";
import { Initializer, type GenerateOptions, type InitializerLike } from "./initializer.js";
import { LeCunNormal } from "./normal.js";

/** A function as an initializer. */
class FromFunction extends Initializer {
  constructor(private readonly make: (shape: Shape, options: GenerateOptions) => NdArray) {
    super();
  }

  override generate(shape: Shape, options: GenerateOptions): NdArray {
    return this.make(shape, options);
  }
}

/** An initializer from whatever can be given as one; LeCunNormal for null (Chainer's `_get_initializer`). */
export function getInitializer(initializer: InitializerLike | null | undefined): InitializerInterface {
  if (initializer === null || initializer === undefined) return new LeCunNormal();
  if (typeof initializer === "number" || initializer instanceof NdArray) return new Constant(initializer);
  return typeof initializer === "function" ? new FromFunction(initializer) : initializer;
}
