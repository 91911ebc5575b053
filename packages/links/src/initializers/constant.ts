import { copyto, empty, eye, full, toDevice, ValueError, type NdArray, type Shape } from "@chain/array";
import { mul, elementwise } from "@chain/array/kernel";
import { Initializer, type GenerateOptions, type InitializerOptions } from "./initializer.js";

const scale = elementwise("scale", { scalars: ["factor"] }, (x, { factor }) => mul(x, factor));

/** One value everywhere, or the values of an array, which broadcasts to the shape. */
export class Constant extends Initializer {
  constructor(
    readonly fillValue: number | NdArray,
    options: InitializerOptions = {},
  ) {
    super(options);
  }

  override generate(shape: Shape, options: GenerateOptions): NdArray {
    const { fillValue } = this;
    if (typeof fillValue === "number") return full(shape, fillValue, options);
    const array = empty(shape, options);
    copyto(array, toDevice(fillValue, array.device));
    return array;
  }
}

/** Zeros. */
export class Zero extends Constant {
  constructor(options: InitializerOptions = {}) {
    super(0, options);
  }
}

/** Ones. */
export class One extends Constant {
  constructor(options: InitializerOptions = {}) {
    super(1, options);
  }
}

/** NaN everywhere, which shows where a value has been forgotten. */
export class NaNInitializer extends Constant {
  constructor(options: InitializerOptions = {}) {
    super(NaN, options);
  }
}

/** A multiple of the identity matrix; for square matrices. */
export class Identity extends Initializer {
  readonly scale: number;

  constructor(options: InitializerOptions & { readonly scale?: number } = {}) {
    super(options);
    this.scale = options.scale ?? 1;
  }

  override generate(shape: Shape, options: GenerateOptions): NdArray {
    const [rows, columns] = shape;
    if (shape.length !== 2 || rows === undefined || rows !== columns) {
      throw new ValueError(`Identity makes square matrices, not an array of shape (${shape.join(", ")})`);
    }
    const identity = eye(rows, options);
    return this.scale === 1 ? identity : scale(identity, { factor: this.scale });
  }
}
