import { ValueError } from "@chain/array";
import type { Parameter, Variable, VariableLike } from "@chain/autograd";
import { groupNormalization } from "@chain/autograd/functions";
import { Link } from "../link.js";
import { betaOf, gammaOf, sizeAndOptions, type ScaleAndShiftOptions } from "./scale-and-shift.js";

/** Options of {@link GroupNormalization} and {@link InstanceNormalization}. */
export interface GroupNormalizationOptions extends ScaleAndShiftOptions {
  /** Added to variances, 1e-5 by default. */
  readonly eps?: number;
}

/**
 * Normalizes groups of channels of every sample, then multiplies channels by `gamma` and adds `beta` (Chainer's
 * `GroupNormalization`). Without a number of channels, `size`, it is taken from the first input.
 */
export class GroupNormalization extends Link {
  readonly groups: number;
  readonly eps: number;
  readonly gamma: Parameter;
  readonly beta: Parameter;

  constructor(groups: number, options?: GroupNormalizationOptions);
  constructor(groups: number, size: number | null, options?: GroupNormalizationOptions);
  constructor(groups: number, second: number | null | GroupNormalizationOptions = null, third = {}) {
    super();
    if (!Number.isInteger(groups) || groups < 1) {
      throw new ValueError(`GroupNormalization: groups is a whole number from 1 up, got ${groups}`);
    }
    const [size, options] = sizeAndOptions<number, GroupNormalizationOptions>(second, third);
    this.groups = groups;
    this.eps = options.eps ?? 1e-5;
    const shape = size === null ? null : [size];
    this.gamma = gammaOf(options, shape, null);
    this.beta = betaOf(options, shape, null);
  }

  /** `x` has shape (batch, channels, …), the result too. */
  override forward(x: VariableLike): Variable {
    for (const param of [this.gamma, this.beta]) {
      if (!param.isInitialized) param.initialize(x.shape.slice(1, 2));
    }
    return groupNormalization(x, this.groups, this.gamma, this.beta, { eps: this.eps });
  }
}

/**
 * Normalizes every channel of every sample by itself, then multiplies channels by `gamma` and adds `beta`: group normalization
 * with groups of one channel. Chain's own; Ulyanov et al., "Instance Normalization", 2016.
 */
export class InstanceNormalization extends Link {
  readonly eps: number;
  readonly gamma: Parameter;
  readonly beta: Parameter;

  constructor(options?: GroupNormalizationOptions);
  constructor(size: number | null, options?: GroupNormalizationOptions);
  constructor(first: number | null | GroupNormalizationOptions = null, second: GroupNormalizationOptions = {}) {
    super();
    const [size, options] = sizeAndOptions<number, GroupNormalizationOptions>(first, second);
    this.eps = options.eps ?? 1e-5;
    const shape = size === null ? null : [size];
    this.gamma = gammaOf(options, shape, null);
    this.beta = betaOf(options, shape, null);
  }

  /** `x` has shape (batch, channels, …), the result too. */
  override forward(x: VariableLike): Variable {
    for (const param of [this.gamma, this.beta]) {
      if (!param.isInitialized) param.initialize(x.shape.slice(1, 2));
    }
    return groupNormalization(x, x.shape[1] ?? 0, this.gamma, this.beta, { eps: this.eps });
  }
}
