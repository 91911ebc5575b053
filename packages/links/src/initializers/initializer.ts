import { copyto, type DType, type NdArray, type Shape } from "@chain/array";
import type { Initializer as InitializerInterface } from "@chain/autograd";

/** Where and of which dtype an initializer makes an array. */
export interface GenerateOptions {
  readonly dtype: DType;
  /** The default device when not given. */
  readonly device?: string;
}

/** Options that every initializer has. */
export interface InitializerOptions {
  /** Dtype of what it makes; by default `config.dtype`. */
  readonly dtype?: DType | null;
}

/** Makes the first values of a parameter (Chainer's `Initializer`). */
export abstract class Initializer implements InitializerInterface {
  readonly dtype: DType | null;

  constructor(options: InitializerOptions = {}) {
    this.dtype = options.dtype ?? null;
  }

  /** A new array. */
  abstract generate(shape: Shape, options: GenerateOptions): NdArray;

  /** Writes over an existing array. */
  fill(array: NdArray): void {
    const { shape, dtype, device } = array;
    const made = this.generate(shape, { dtype, device });
    copyto(array, made);
    made.dispose();
  }
}

/** What can be given as an initializer: a constant, the values themselves, an initializer, or a function that makes an array. */
export type InitializerLike =
  | number
  | NdArray
  | InitializerInterface
  | ((shape: Shape, options: GenerateOptions) => NdArray);
