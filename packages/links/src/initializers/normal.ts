import type { NdArray, Shape } from "@chain/array";
import { drawNormal, type RandomOptions } from "./draw.js";
import { fanOf, getFans, type FanOption } from "./fans.js";
import { Initializer, type GenerateOptions } from "./initializer.js";

/** Options of initializers that draw numbers and scale them. */
export interface ScaledOptions extends RandomOptions {
  readonly scale?: number;
}

/** Numbers from a normal distribution with mean 0. Base of those whose deviation depends on the shape. */
abstract class NormalInitializer extends Initializer {
  readonly scale: number;
  private readonly random: RandomOptions;

  constructor(options: ScaledOptions, defaultScale: number) {
    super(options);
    this.scale = options.scale ?? defaultScale;
    this.random = options;
  }

  /** The standard deviation. */
  protected abstract deviation(shape: Shape): number;

  override generate(shape: Shape, options: GenerateOptions): NdArray {
    return drawNormal(shape, this.deviation(shape), options, this.random);
  }
}

/** Normal distribution with standard deviation `scale` (default 0.05). */
export class Normal extends NormalInitializer {
  constructor(options: ScaledOptions = {}) {
    super(options, 0.05);
  }

  protected override deviation(): number {
    return this.scale;
  }
}

/** Deviation `scale · √(1 / fanIn)`, Chainer's default for weights (LeCun et al. 1998, "Efficient BackProp"). */
export class LeCunNormal extends NormalInitializer {
  constructor(options: ScaledOptions = {}) {
    super(options, 1);
  }

  protected override deviation(shape: Shape): number {
    return this.scale * Math.sqrt(1 / getFans(shape).fanIn);
  }
}

/** Deviation `scale · √(2 / (fanIn + fanOut))` (Glorot and Bengio 2010). */
export class GlorotNormal extends NormalInitializer {
  constructor(options: ScaledOptions = {}) {
    super(options, 1);
  }

  protected override deviation(shape: Shape): number {
    const { fanIn, fanOut } = getFans(shape);
    return this.scale * Math.sqrt(2 / (fanIn + fanOut));
  }
}

/** Deviation `scale · √(2 / fan)`, for layers before a ReLU (He et al. 2015). */
export class HeNormal extends NormalInitializer {
  readonly fanOption: FanOption;

  constructor(options: ScaledOptions & { readonly fanOption?: FanOption } = {}) {
    super(options, 1);
    this.fanOption = options.fanOption ?? "fan_in";
  }

  protected override deviation(shape: Shape): number {
    return this.scale * Math.sqrt(2 / fanOf(shape, this.fanOption));
  }
}
