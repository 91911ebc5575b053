import { full, getDefaultDevice, InvalidType, keep, NdArray, ValueError, type DType, type Shape } from "@chain/array";
import { config } from "./config.js";
import { formatShape, sameShape } from "./shape.js";
import { Variable } from "./variable-methods.js";

/** Makes the first values of a parameter; `@chain/links` has Chainer's initializers. */
export interface Initializer {
  /** The dtype of what it makes; null for `config.dtype`. */
  readonly dtype: DType | null;
  /** A new array. */
  generate(shape: Shape, options: { readonly dtype: DType; readonly device?: string }): NdArray;
}

/** How a parameter is updated; `@chain/optimizers` has the update rules. */
export interface ParameterUpdater {
  /** Whether the parameter is updated at all. */
  enabled: boolean;
  /** Settings for this parameter alone; what is not set comes from the optimizer. */
  readonly hyperparam: Record<string, unknown>;
  update(parameter: Parameter): void;
}

/** How a {@link Parameter} is made. */
export interface ParameterOptions {
  /** Shape of its array; left out if `initializer` is an array, or to be decided later by `initialize`. */
  readonly shape?: Shape | number | null;
  readonly name?: string | null;
}

/**
 * A Variable that an optimizer updates (Chainer's `Parameter`). It may be made before its shape is known and get its
 * array when a link first runs.
 */
export class Parameter extends Variable {
  /** Makes the first values: a number fills the array with it; null fills it with NaN, which shows where one is missing. */
  readonly initializer: number | Initializer | null;
  /** Set by an optimizer. */
  updateRule: ParameterUpdater | null = null;
  private futureDevice: string | undefined;

  /** `initializer` may be the array itself. */
  constructor(initializer: number | NdArray | Initializer | null = null, options: ParameterOptions = {}) {
    const { shape = null, name = null } = options;
    super(initializer instanceof NdArray ? initializer : null, { name });
    this.initializer = initializer instanceof NdArray ? null : initializer;
    if (initializer instanceof NdArray) {
      if (shape !== null && !sameShape(listOf(shape), initializer.shape)) {
        throw InvalidType.of(
          "Parameter",
          `an array of shape ${formatShape(listOf(shape))}`,
          formatShape(initializer.shape),
        );
      }
    } else if (shape !== null) {
      this.initialize(shape);
    }
  }

  /** Name of the device that holds the elements, or will. */
  override get device(): string {
    return this.isInitialized ? super.device : (this.futureDevice ?? getDefaultDevice());
  }

  /** Makes the array, with what the initializer gives. It outlives the scopes that are open. */
  initialize(shape: Shape | number): void {
    if (this.isInitialized) throw new ValueError(`parameter ${this.name ?? ""} has an array already`);
    const size = listOf(shape);
    const { initializer, futureDevice: device } = this;
    const place = device === undefined ? {} : { device };
    if (initializer === null || typeof initializer === "number") {
      this.array = keep(full(size, initializer ?? NaN, { dtype: config.dtype, ...place }));
    } else {
      this.array = keep(initializer.generate(size, { dtype: initializer.dtype ?? config.dtype, ...place }));
    }
  }

  /** Has the optimizer's rule update the array. Without a rule nothing happens. */
  update(): void {
    this.updateRule?.update(this);
  }

  /** Moves the array and its gradient to a device; an uninitialized parameter will be made there. */
  override toDevice(device: string): this {
    this.futureDevice = device;
    return this.isInitialized ? super.toDevice(device) : this;
  }
}

function listOf(shape: Shape | number): Shape {
  return typeof shape === "number" ? [shape] : [...shape];
}
