import { broadcastTo, eye, keep, ValueError, zeros, type DType, type NdArray } from "@chain/array";
import { config, type Variable, type VariableLike } from "@chain/autograd";
import { decorrelatedBatchNormalization, fixedDecorrelatedBatchNormalization } from "@chain/autograd/functions";
import { Link } from "../link.js";
import type { BatchNormalizationRun } from "./batch-normalization.js";

/** Options of {@link DecorrelatedBatchNormalization}. */
export interface DecorrelatedBatchNormalizationOptions {
  /** Into how many groups channels are divided, 16 by default. */
  readonly groups?: number;
  /** How much of the running statistics stays at a run in training, 0.9 by default. */
  readonly decay?: number;
  /** Added to variances, 2e-5 by default. */
  readonly eps?: number;
  /** dtype of the statistics, float32 by default. */
  readonly dtype?: DType;
}

/**
 * Decorrelated batch normalization (Chainer's `DecorrelatedBatchNormalization`): in training by the statistics of the batch,
 * else by the running ones, `avg_mean` and `avg_projection`, which every run in training updates. It has no parameters.
 */
export class DecorrelatedBatchNormalization extends Link {
  readonly groups: number;
  readonly decay: number;
  readonly eps: number;
  /** Running mean, shape `(groups, channels of a group)`. Saved. */
  avg_mean: NdArray;
  /** Running (unbiased) projection, shape `(groups, channels of a group, channels of a group)`. Saved. */
  avg_projection: NdArray;
  /** Number of runs with `finetune`. Saved. */
  N = 0;

  /**
   * @param size - Number of channels.
   * @throws ValueError if `groups` does not divide it.
   */
  constructor(size: number, options: DecorrelatedBatchNormalizationOptions = {}) {
    super();
    const { groups = 16, decay = 0.9, eps = 2e-5, dtype = "float32" } = options;
    if (!Number.isInteger(groups) || groups < 1 || !Number.isInteger(size) || size < 1 || size % groups !== 0) {
      throw new ValueError(
        `DecorrelatedBatchNormalization: expected a number of channels that groups divide, got ${size} and ${groups} groups`,
      );
    }
    this.groups = groups;
    this.decay = decay;
    this.eps = eps;
    const inGroup = size / groups;
    this.avg_mean = keep(zeros([groups, inGroup], { dtype }));
    this.avg_projection = keep(broadcastTo(eye(inGroup, { dtype }), [groups, inGroup, inGroup]).copy());
    for (const name of ["avg_mean", "avg_projection", "N"]) this.registerPersistent(name);
  }

  /** `x` has shape (batch, channels, …), the result too. */
  override forward(x: VariableLike, { finetune = false }: BatchNormalizationRun = {}): Variable {
    const { groups, eps, avg_mean: runningMean, avg_projection: runningProjection } = this;
    if (!config.train) return fixedDecorrelatedBatchNormalization(x, runningMean, runningProjection, { groups });
    if (finetune) this.N++;
    const decay = finetune ? 1 - 1 / this.N : this.decay;
    return decorrelatedBatchNormalization(x, { groups, eps, runningMean, runningProjection, decay });
  }

  /** The next runs with `finetune` start new averages. */
  startFinetuning(): void {
    this.N = 0;
  }
}
