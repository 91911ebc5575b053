import type { NdArray, Shape } from "@chain/array";
import { drawUniform, type RandomOptions } from "./draw.js";
import { getFans } from "./fans.js";
import { Initializer, type GenerateOptions } from "./initializer.js";
import type { ScaledOptions } from "./normal.js";

/** Numbers from a uniform distribution around 0. Base of those whose bound depends on the shape. */
abstract class UniformInitializer extends Initializer {
  readonly scale: number;
  private readonly random: RandomOptions;

  constructor(options: ScaledOptions, defaultScale: number) {
    super(options);
    this.scale = options.scale ?? defaultScale;
    this.random = options;
  }

  /** Numbers lie between minus this and this. */
  protected abstract bound(shape: Shape): number;

  override generate(shape: Shape, options: GenerateOptions): NdArray {
    return drawUniform(shape, this.bound(shape), options, this.random);
  }
}

/** Uniform between `-scale` and `scale` (default 0.05). */
export class Uniform extends UniformInitializer {
  constructor(options: ScaledOptions = {}) {
    super(options, 0.05);
  }

  protected override bound(): number {
    return this.scale;
  }
}

/** Bound `scale · √(3 / fanIn)` (LeCun et al. 1998). */
export class LeCunUniform extends UniformInitializer {
  constructor(options: ScaledOptions = {}) {
    super(options, 1);
  }

  protected override bound(shape: Shape): number {
    return this.scale * Math.sqrt(3 / getFans(shape).fanIn);
  }
}

/** Bound `scale · √(6 / (fanIn + fanOut))` (Glorot and Bengio 2010). */
export class GlorotUniform extends UniformInitializer {
  constructor(options: ScaledOptions = {}) {
    super(options, 1);
  }

  protected override bound(shape: Shape): number {
    const { fanIn, fanOut } = getFans(shape);
    return this.scale * Math.sqrt(6 / (fanIn + fanOut));
  }
}

/** Bound `scale · √(6 / fanIn)` (He et al. 2015). */
export class HeUniform extends UniformInitializer {
  constructor(options: ScaledOptions = {}) {
    super(options, 1);
  }

  protected override bound(shape: Shape): number {
    return this.scale * Math.sqrt(6 / getFans(shape).fanIn);
  }
}
