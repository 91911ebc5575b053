import type { NdArray, Shape } from "@chain/array";
import type { RandomOptions } from "./draw.js";
import { Initializer, type GenerateOptions } from "./initializer.js";

/** Options of initializers that draw numbers and scale them. */
export interface ScaledOptions extends RandomOptions {
  readonly scale?: number;
}

/** Draws numbers around 0 that spread as far as a number says. */
type Draw = (shape: Shape, spread: number, options: GenerateOptions, random: RandomOptions) => NdArray;

/** Random numbers around 0, which spread as far as the shape of the weights says. */
export abstract class ScaledInitializer extends Initializer {
  readonly scale: number;

  constructor(
    private readonly draw: Draw,
    private readonly random: ScaledOptions,
    defaultScale: number,
  ) {
    super(random);
    this.scale = random.scale ?? defaultScale;
  }

  /** How far: a standard deviation, or a bound. */
  protected abstract spread(shape: Shape): number;

  override generate(shape: Shape, options: GenerateOptions): NdArray {
    return this.draw(shape, this.spread(shape), options, this.random);
  }
}
