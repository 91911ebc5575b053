import type { Shape } from "@chain/array";
import { drawNormal } from "./draw.js";
import { fanOf, getFans, type FanOption } from "./fans.js";
import { ScaledInitializer, type ScaledOptions } from "./scaled-initializer.js";

/** Normal distribution with standard deviation `scale` (default 0.05). */
export class Normal extends ScaledInitializer {
  constructor(options: ScaledOptions = {}) {
    super(drawNormal, options, 0.05);
  }

  protected override spread(): number {
    return this.scale;
  }
}

/** Deviation `scale · √(1 / fanIn)`, Chainer's default for weights (LeCun et al. 1998, "Efficient BackProp"). */
export class LeCunNormal extends ScaledInitializer {
  constructor(options: ScaledOptions = {}) {
    super(drawNormal, options, 1);
  }

  protected override spread(shape: Shape): number {
    return this.scale * Math.sqrt(1 / getFans(shape).fanIn);
  }
}

/** Deviation `scale · √(2 / (fanIn + fanOut))` (Glorot and Bengio 2010). */
export class GlorotNormal extends ScaledInitializer {
  constructor(options: ScaledOptions = {}) {
    super(drawNormal, options, 1);
  }

  protected override spread(shape: Shape): number {
    const { fanIn, fanOut } = getFans(shape);
    return this.scale * Math.sqrt(2 / (fanIn + fanOut));
  }
}

/** Deviation `scale · √(2 / fan)`, for layers before a ReLU (He et al. 2015). */
export class HeNormal extends ScaledInitializer {
  readonly fanOption: FanOption;

  constructor(options: ScaledOptions & { readonly fanOption?: FanOption } = {}) {
    super(drawNormal, options, 1);
    this.fanOption = options.fanOption ?? "fan_in";
  }

  protected override spread(shape: Shape): number {
    return this.scale * Math.sqrt(2 / fanOf(shape, this.fanOption));
  }
}
