import type { AbstractSerializer } from "@chain/links/serializers";
import type { Optimizer } from "@chain/optimizers";
import { Extension } from "../extension.js";
import { readHyperparameter, writeHyperparameter } from "../hyperparameter.js";
import { serializeOptional } from "../serialize-optional.js";
import type { Trainer } from "../trainer.js";

/** Options of all extensions that change a hyperparameter. */
export interface ShiftOptions {
  /** The optimizer; the trainer's main one by default. */
  readonly optimizer?: Optimizer;
}

/** Options of those that start from a value. */
export interface InitialShiftOptions extends ShiftOptions {
  /** The value before the first change; the optimizer's own by default. */
  readonly init?: number;
  /** The value at which changing stops. */
  readonly target?: number;
}

/**
 * Base of extensions that change a hyperparameter of an optimizer each time they are called: the value after `t` calls
 * is a function of `t`, so that a resumed training goes on with exactly the value that an uninterrupted one has.
 */
export abstract class HyperparameterShift extends Extension {
  /** Number of calls so far. */
  protected t = 0;
  private lastValue: number | null = null;
  private readonly optimizer: Optimizer | undefined;

  /** @param attr name of the hyperparameter: `"lr"`, `"alpha"` */
  constructor(
    readonly attr: string,
    options: ShiftOptions,
  ) {
    super();
    this.optimizer = options.optimizer;
  }

  /** The value after `t` calls; null leaves it as it is. */
  protected abstract valueAt(t: number): number | null;

  override initialize(trainer: Trainer): void {
    this.write(trainer, this.valueAt(this.t) ?? this.lastValue);
  }

  override call(trainer: Trainer): void {
    this.t++;
    this.write(trainer, this.valueAt(this.t));
  }

  override serialize(serializer: AbstractSerializer): void {
    this.t = serializer.value("_t", this.t);
    this.lastValue = serializeOptional<number | null>(serializer, "_last_value", this.lastValue, null);
  }

  /** The value that the optimizer has now. */
  protected read(trainer: Trainer): number {
    return readHyperparameter(this.optimizerOf(trainer), this.attr);
  }

  private write(trainer: Trainer, value: number | null): void {
    if (value === null) return;
    writeHyperparameter(this.optimizerOf(trainer), this.attr, value);
    this.lastValue = value;
  }

  private optimizerOf(trainer: Trainer): Optimizer {
    return this.optimizer ?? trainer.updater.getOptimizer("main");
  }
}

/** Base of those whose values are an initial one times a factor, up to a target. */
export abstract class ScalingShift extends HyperparameterShift {
  private init: number | null;
  private readonly givenInit: boolean;
  private readonly target: number | null;

  constructor(attr: string, options: InitialShiftOptions) {
    super(attr, options);
    this.init = options.init ?? null;
    this.givenInit = options.init !== undefined;
    this.target = options.target ?? null;
  }

  /** The value after `t` calls, were there no target. */
  protected abstract scaled(init: number, t: number): number;

  /** Whether the value moves away from zero. */
  protected abstract readonly growing: boolean;

  override initialize(trainer: Trainer): void {
    this.init ??= this.read(trainer);
    super.initialize(trainer);
  }

  override serialize(serializer: AbstractSerializer): void {
    super.serialize(serializer);
    // So that a resumed training does not start from the value that the optimizer happens to have.
    const init = serializeOptional<number | null>(serializer, "_init", this.init, this.init);
    if (!this.givenInit) this.init = init;
  }

  protected override valueAt(t: number): number | null {
    const { init, target } = this;
    if (init === null) return null;
    const value = t === 0 ? init : this.scaled(init, t);
    if (t === 0 || target === null || Math.sign(target) !== Math.sign(init)) return value;
    const passed = this.growing ? Math.abs(value) > Math.abs(target) : Math.abs(value) < Math.abs(target);
    return passed ? target : value;
  }
}
