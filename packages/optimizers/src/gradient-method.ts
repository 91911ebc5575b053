import { InvalidType, keep, retire, scope, TransientScope, ValueError, type NdArray } from "@chain/array";
import { runTogether, type KernelRun } from "@chain/array/kernel";
import { config, Variable, type Parameter } from "@chain/autograd";
import type { Link } from "@chain/links";
import type { AbstractSerializer } from "@chain/links/serializers";
import { completeGradient, separateGradients } from "./gradients.js";
import { HookList, type HookOptions, type HookTiming, type OptimizerHook, type ParameterHook } from "./hook.js";
import { createHyperparameter, type Hyperparameter, type Hyperparameters } from "./hyperparameter.js";
import { Optimizer, type LossFunction } from "./optimizer.js";
import { UpdateRule } from "./update-rule.js";

/** Base of the optimizers that follow one gradient (Chainer's `GradientMethod`). */
export abstract class GradientMethod<H extends Hyperparameters = Hyperparameters> extends Optimizer {
  /** Hyperparameters, on which those of every parameter's update rule fall back. */
  readonly hyperparam: Hyperparameter<H>;
  private readonly hooks = new HookList<OptimizerHook | ParameterHook>();
  private lossScale: number | null = null;
  private clearing = true;
  private fp32 = false;
  /** Arrays of the last step that the target and the caller may still hold: gradients, link state, the loss. */
  private leftovers: NdArray[] = [];
  /** Variables that fields of the target's links held after the last step; leaves of this one's graph. */
  private carried: readonly Variable[] = [];

  constructor(hyperparameters: H) {
    super();
    this.hyperparam = createHyperparameter(hyperparameters);
  }

  /** The update rule for one parameter. */
  abstract createUpdateRule(): UpdateRule<H>;

  override setup(link: Link): this {
    super.setup(link);
    for (const param of link.params()) {
      const rule = this.createUpdateRule();
      if (this.fp32) rule.useFp32Update();
      param.updateRule = rule;
    }
    return this;
  }

  /**
   * One step: with `lossfun` (a function, or a link such as a Classifier), computes `lossfun(...args)`, clears the
   * gradients, and computes them anew by backward; then runs hooks and updates every parameter by its update rule. A
   * parameter without a gradient counts as having zeros.
   *
   * Every array made on the way is freed at the end, except parameters, their gradients, state (of update rules, and in
   * fields of the target's links), reported values, and the loss. Gradients, replaced state and the loss live until the
   * next update (gradients until its backward): whoever wants to compute with them longer copies them before. (The value of a loss can be read later, too,
   * on devices that can be read at once.)
   *
   * @returns the loss, without its graph; null if there was no `lossfun`.
   */
  override update(): null;
  override update<A extends readonly unknown[]>(lossfun: LossFunction<A>, ...args: A): Variable;
  override update<A extends readonly unknown[]>(lossfun?: LossFunction<A>, ...args: A): Variable | null {
    const { target } = this;
    const step = new TransientScope();
    let loss: Variable | null = null;
    try {
      if (lossfun !== undefined) loss = this.computeGradients(lossfun, args);
      const params = target.params({ includeUninit: false });
      for (const param of params) completeGradient(param);
      this.runHooks("pre", params);
      this.t++;
      this.updateParams(params);
      this.runHooks("post", params);
      this.retain(step, loss);
    } finally {
      step.close();
    }
    return loss;
  }

  /** Gives every parameter of the target that has no gradient one of zeros. */
  reallocateClearedGrads(): void {
    for (const param of this.target.params({ includeUninit: false })) completeGradient(param);
  }

  /**
   * Adds a hook, which runs at every update: once, or for each parameter if it says `callForEachParam`. A plain function
   * needs a name: `addHook((optimizer) => …, { name: "mine" })`.
   */
  addHook(
    hook: OptimizerHook | ParameterHook | ((optimizer: GradientMethod) => void),
    options: HookOptions = {},
  ): void {
    this.hooks.add(typeof hook === "function" ? { name: hook.name, call: hook } : hook, options);
  }

  /** Removes a hook. */
  removeHook(name: string): void {
    this.hooks.remove(name);
  }

  /** Runs the hooks of one timing. Updating does this by itself. */
  callHooks(timing: HookTiming = "pre"): void {
    this.runHooks(timing, this.target.params({ includeUninit: false }));
  }

  /** Runs one hook. */
  callHook(hook: OptimizerHook | ParameterHook): void {
    this.runHook(hook, this.target.params({ includeUninit: false }));
  }

  /**
   * Multiplies losses by a constant before backward and divides gradients by it before the update, so that small
   * gradients do not vanish in float16.
   */
  setLossScale(scale: number): void {
    if (!(scale > 0 && Number.isFinite(scale))) throw new ValueError(`a loss scale is a positive number, got ${scale}`);
    this.lossScale = scale;
  }

  /** As {@link setLossScale}, Chainer's spelling. A scale that adapts itself would have to read gradients back. */
  lossScaling(options: { readonly scale: number }): void {
    this.setLossScale(options.scale);
  }

  /** Whether gradients are forgotten before backward (the default), or set to zero. */
  useCleargrads(use = true): void {
    this.clearing = use;
  }

  /** Whether float16 parameters are updated in float32; see `UpdateRule.useFp32Update`. */
  useFp32Update(flag = true): void {
    this.fp32 = flag;
    for (const param of this.isSetUp ? this.target.params() : []) ruleOf(param)?.useFp32Update(flag);
  }

  /** Saves or loads counts and, under the parameters' paths, the state of their update rules. */
  override serialize(serializer: AbstractSerializer): void {
    super.serialize(serializer);
    for (const [path, param] of this.target.namedParams()) {
      ruleOf(param)?.serialize(serializer.child(path), param);
    }
  }

  private computeGradients<A extends readonly unknown[]>(lossfun: LossFunction<A>, args: A): Variable {
    const { target } = this;
    const loss: unknown = typeof lossfun === "function" ? lossfun(...args) : lossfun.forward(...args);
    if (!(loss instanceof Variable)) {
      throw InvalidType.of(`${this.constructor.name}.update`, "a loss function that returns a Variable", typeof loss);
    }
    // The old gradients are freed by then: the new ones take as much memory.
    if (this.clearing) scope(() => target.cleargrads());
    else target.zerograds();
    loss.backward(this.lossScale === null ? {} : { lossScale: this.lossScale });
    return loss;
  }

  /** Updates parameters, by one launch where their rules prepare runs of one kernel. */
  private updateParams(params: readonly Parameter[]): void {
    const runs: KernelRun[] = [];
    const written = new Set<object>();
    for (const param of params) {
      const { storage } = param.array;
      if (written.has(storage)) {
        // Two parameters in the same memory are updated one after the other.
        runTogether(runs.splice(0));
        written.clear();
      }
      written.add(storage);
      const rule = ruleOf(param);
      if (rule === null) param.update();
      else rule.update(param, runs);
    }
    runTogether(runs);
  }

  private runHooks(timing: HookTiming, params: readonly Parameter[]): void {
    if (this.hooks.size === 0 && !params.some((param) => ruleOf(param)?.hasHooks)) return;
    separateGradients(params);
    for (const hook of this.hooks.at(timing)) this.runHook(hook, params);
  }

  private runHook(hook: OptimizerHook | ParameterHook, params: readonly Parameter[]): void {
    if (hook.callForEachParam !== true) {
      hook.call(this);
      return;
    }
    const runs: KernelRun[] = [];
    for (const param of params) {
      const rule = ruleOf(param);
      if (rule === null) continue;
      if (hook.prepare === undefined) hook.call(rule, param);
      else runs.push(hook.prepare(rule, param));
    }
    runTogether(runs);
  }

  /** Keeps what outlives the step, and frees what was kept of earlier ones and has been replaced. */
  private retain(step: TransientScope, loss: Variable | null): void {
    const { target } = this;
    const fresh: NdArray[] = [];
    const held = new Set<unknown>();
    const hold = (array: NdArray): void => {
      held.add(array.storage);
      if (step.owns(array)) fresh.push(keep(array));
    };
    for (const array of target.collectArrays()) hold(array);
    for (const array of loss?.collectArrays() ?? []) hold(array);
    if (!config.keepGraphOnReport) {
      for (const variable of this.carried) variable.cleargrad();
      this.carried = target.heldVariables();
      for (const variable of this.carried) variable.unchain();
      loss?.unchain();
    }
    for (const array of this.leftovers) {
      if (held.has(array.storage)) fresh.push(array);
      else retire(array);
    }
    this.leftovers = fresh;
  }
}

/** The update rule that an optimizer gave a parameter. */
function ruleOf(param: Parameter): UpdateRule | null {
  return param.updateRule instanceof UpdateRule ? param.updateRule : null;
}
