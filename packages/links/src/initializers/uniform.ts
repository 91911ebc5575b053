import type { Shape } from "@chain/array";
import { drawUniform } from "./draw.js";
import { getFans } from "./fans.js";
import { ScaledInitializer, type ScaledOptions } from "./scaled-initializer.js";

/** Uniform between `-scale` and `scale` (default 0.05). */
export class Uniform extends ScaledInitializer {
  constructor(options: ScaledOptions = {}) {
    super(drawUniform, options, 0.05);
  }

  protected override spread(): number {
    return this.scale;
  }
}

/** Bound `scale · √(3 / fanIn)` (LeCun et al. 1998). */
export class LeCunUniform extends ScaledInitializer {
  constructor(options: ScaledOptions = {}) {
    super(drawUniform, options, 1);
  }

  protected override spread(shape: Shape): number {
    return this.scale * Math.sqrt(3 / getFans(shape).fanIn);
  }
}

/** Bound `scale · √(6 / (fanIn + fanOut))` (Glorot and Bengio 2010). */
export class GlorotUniform extends ScaledInitializer {
  constructor(options: ScaledOptions = {}) {
    super(drawUniform, options, 1);
  }

  protected override spread(shape: Shape): number {
    const { fanIn, fanOut } = getFans(shape);
    return this.scale * Math.sqrt(6 / (fanIn + fanOut));
  }
}

/** Bound `scale · √(6 / fanIn)` (He et al. 2015). */
export class HeUniform extends ScaledInitializer {
  constructor(options: ScaledOptions = {}) {
    super(drawUniform, options, 1);
  }

  protected override spread(shape: Shape): number {
    return this.scale * Math.sqrt(6 / getFans(shape).fanIn);
  }
}
