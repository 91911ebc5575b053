import { ValueError, type NdArray, type Shape } from "@chain/array";
import type { Variable, VariableLike } from "@chain/autograd";
import { batchRenormalization } from "@chain/autograd/functions";
import { BatchNormalization, type BatchNormalizationOptions } from "./batch-normalization.js";

/** Options of {@link BatchRenormalization}. */
export interface BatchRenormalizationOptions extends Omit<BatchNormalizationOptions, "axis" | "activation"> {
  /** Standard deviations are corrected by a factor of at most this, from 1 up; 1 by default. */
  readonly rmax?: number;
  /** Means are corrected by at most this many standard deviations, from 0 up; 0 by default. */
  readonly dmax?: number;
}

/**
 * {@link BatchNormalization} whose statistics in training are corrected towards the running ones, within bounds (Chainer's
 * `BatchRenormalization`).
 */
export class BatchRenormalization extends BatchNormalization {
  rmax: number;
  dmax: number;

  constructor(size: number | Shape | null = null, options: BatchRenormalizationOptions = {}) {
    super(size, options);
    const { rmax = 1, dmax = 0 } = options;
    if (!(rmax >= 1) || !(dmax >= 0)) {
      throw new ValueError(`BatchRenormalization: expected rmax >= 1 and dmax >= 0, got ${rmax} and ${dmax}`);
    }
    this.rmax = rmax;
    this.dmax = dmax;
  }

  protected override normalize(
    x: VariableLike,
    gamma: VariableLike,
    beta: VariableLike,
    runningMean: NdArray,
    runningVar: NdArray,
    decay: number,
  ): Variable {
    const options = { eps: this.eps, decay, updateStatistics: true };
    return batchRenormalization(x, gamma, beta, this.rmax, this.dmax, runningMean, runningVar, options);
  }
}
