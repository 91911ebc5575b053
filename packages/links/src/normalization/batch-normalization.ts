import { keep, ones, zeros, type Activation, type DType, type NdArray, type Shape } from "@chain/array";
import { config, type Parameter, type Variable, type VariableLike } from "@chain/autograd";
import { batchNormalization, fixedBatchNormalization } from "@chain/autograd/functions";
import type { InitializerLike } from "../initializers/initializer.js";
import { Link } from "../link.js";
import { betaOf, gammaOf, initializerOf, sizeAndOptions, type ScaleAndShiftOptions } from "./scale-and-shift.js";

/** Options of {@link BatchNormalization}. */
export interface BatchNormalizationOptions extends ScaleAndShiftOptions {
  /** How much of the running statistics stays at a run in training, 0.9 by default. */
  readonly decay?: number;
  /** Added to variances, 2e-5 by default. */
  readonly eps?: number;
  /** dtype of parameters and statistics; `config.dtype` by default. float32 ones go with inputs of float16 too. */
  readonly dtype?: DType | null;
  /** Whether there is a factor `gamma`. Default true. */
  readonly useGamma?: boolean;
  /** Whether there is a summand `beta`. Default true. */
  readonly useBeta?: boolean;
  /** The axes that are averaged over; all but the second by default. */
  readonly axis?: number | readonly number[] | null;
  /** First running mean, 0 by default. */
  readonly initialAvgMean?: InitializerLike | null;
  /** First running variance, 1 by default. */
  readonly initialAvgVar?: InitializerLike | null;
  /** What is applied to the result, in the same kernel: "none" (the default) or "relu". Not in Chainer. */
  readonly activation?: Activation;
}

/** Options of one run. */
export interface BatchNormalizationRun {
  /**
   * Whether running statistics are the plain averages over all runs since {@link BatchNormalization.startFinetuning}.
   * Default false.
   */
  readonly finetune?: boolean;
}

/**
 * Batch normalization (Chainer's `BatchNormalization`): in training by the statistics of the batch, else by the running ones,
 * `avg_mean` and `avg_var`, which every run in training updates. A link that is not run is not touched.
 *
 * Without a size, it is taken from the first input.
 */
export class BatchNormalization extends Link {
  readonly decay: number;
  readonly eps: number;
  readonly axis: number | readonly number[] | null;
  readonly activation: Activation;
  readonly gamma: Parameter | null;
  readonly beta: Parameter | null;
  /** Running mean of each channel; null before the size is known. Saved. */
  avg_mean: NdArray | null = null;
  /** Running (unbiased) variance of each channel; null before the size is known. Saved. */
  avg_var: NdArray | null = null;
  /** Number of runs with `finetune`. Saved. */
  N = 0;
  private readonly dtype: DType | null;
  private readonly initialAvgMean: InitializerLike | null;
  private readonly initialAvgVar: InitializerLike | null;

  constructor(options?: BatchNormalizationOptions);
  constructor(size: number | Shape | null, options?: BatchNormalizationOptions);
  constructor(first: number | Shape | null | BatchNormalizationOptions = null, second: BatchNormalizationOptions = {}) {
    super();
    const [size, options] = sizeAndOptions<number | Shape, BatchNormalizationOptions>(first, second);
    const { decay = 0.9, eps = 2e-5, axis = null, activation = "none", dtype = null } = options;
    this.decay = decay;
    this.eps = eps;
    this.axis = axis;
    this.activation = activation;
    this.dtype = dtype;
    this.initialAvgMean = options.initialAvgMean ?? null;
    this.initialAvgVar = options.initialAvgVar ?? null;
    const shape = typeof size === "number" ? [size] : size;
    this.gamma = options.useGamma === false ? null : gammaOf(options, shape, dtype);
    this.beta = options.useBeta === false ? null : betaOf(options, shape, dtype);
    if (shape !== null) this.makeStatistics(shape);
    for (const name of ["avg_mean", "avg_var", "N"]) this.registerPersistent(name);
  }

  /** `x` has shape (batch, channels, …), or another with `axis`; the result too. */
  override forward(x: VariableLike, { finetune = false }: BatchNormalizationRun = {}): Variable {
    if (this.avg_mean === null || this.avg_var === null) this.initializeParams(x);
    const [runningMean, runningVar] = [this.avg_mean as NdArray, this.avg_var as NdArray];
    const { shape, dtype, device } = runningMean;
    const gamma = this.gamma ?? ones(shape, { dtype, device });
    const beta = this.beta ?? zeros(shape, { dtype, device });
    if (!config.train) {
      const { eps, axis, activation } = this;
      return fixedBatchNormalization(x, gamma, beta, runningMean, runningVar, { eps, axis, activation });
    }
    if (finetune) this.N++;
    const decay = finetune ? 1 - 1 / this.N : this.decay;
    return this.normalize(x, gamma, beta, runningMean, runningVar, decay);
  }

  /** The next runs with `finetune` start new averages. */
  startFinetuning(): void {
    this.N = 0;
  }

  /** Makes parameters and statistics for inputs like `x`; running the link does it by itself. */
  initializeParams(x: VariableLike): void {
    const axes = this.axis === null ? null : [this.axis].flat().map((axis) => (axis < 0 ? axis + x.ndim : axis));
    const shape = axes === null ? x.shape.slice(1, 2) : x.shape.filter((_, i) => !axes.includes(i));
    for (const param of [this.gamma, this.beta]) {
      if (param !== null && !param.isInitialized) param.initialize(shape);
    }
    this.makeStatistics(shape, x.device);
  }

  /** A run in training; it updates the running statistics. */
  protected normalize(
    x: VariableLike,
    gamma: VariableLike,
    beta: VariableLike,
    runningMean: NdArray,
    runningVar: NdArray,
    decay: number,
  ): Variable {
    const { eps, axis, activation } = this;
    return batchNormalization(x, gamma, beta, runningMean, runningVar, { eps, axis, activation, decay });
  }

  private makeStatistics(shape: Shape, device?: string): void {
    const make = (given: InitializerLike | null, value: number): NdArray => {
      const options = { dtype: this.dtype ?? config.dtype, ...(device === undefined ? {} : { device }) };
      return keep(initializerOf(given, value, this.dtype).generate(shape, options));
    };
    this.avg_mean ??= make(this.initialAvgMean, 0);
    this.avg_var ??= make(this.initialAvgVar, 1);
  }
}
