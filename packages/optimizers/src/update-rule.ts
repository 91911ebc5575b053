import { copyto, full, keep, toDevice, zerosLike, type NdArray } from "@chain/array";
import { runTogether, type KernelRun } from "@chain/array/kernel";
import type { Parameter, ParameterUpdater } from "@chain/autograd";
import type { AbstractSerializer, Serializable } from "@chain/links/serializers";
import { deriveHyperparameter, type Hyperparameter, type Hyperparameters } from "./hyperparameter.js";
import { HookList, type HookOptions, type ParameterHook } from "./hook.js";
import { completeGradient } from "./gradients.js";

/** Arrays that an update rule carries from one update to the next, by name. */
export type RuleState<S extends string> = Record<S, NdArray>;

/**
 * How one parameter is updated (Chainer's `UpdateRule`): the hyperparameters, the state, and {@link updateCore}. Every
 * parameter of an optimizer's target has one, `param.updateRule`.
 *
 * Implementers give {@link stateNames} and {@link updateCore}, which writes the new values over the old, in one kernel:
 *
 * ```ts
 * const momentum = elementwise("momentum", { scalars: ["lr", "mu"] }, (p, g, v, { lr, mu }) => {
 *   const next = sub(mul(mu, v), mul(lr, g));
 *   return [add(p, next), next];
 * });
 * // in updateCore(param, grad, { v }):
 * return momentum.prepare([param, v], param, grad, v, { lr, mu });
 * ```
 */
export abstract class UpdateRule<H extends Hyperparameters = Hyperparameters, S extends string = string>
  implements ParameterUpdater, Serializable
{
  /** This parameter's hyperparameters, which fall back on the optimizer's. */
  readonly hyperparam: Hyperparameter<H>;
  /** Whether the parameter is updated. */
  enabled = true;
  /** Number of updates so far. */
  t = 0;
  /** State arrays by name; null before the first update. */
  state: RuleState<S> | null = null;
  private readonly hooks = new HookList<ParameterHook>();
  private fp32 = false;
  private fp32Param: NdArray | null = null;

  constructor(parent: Hyperparameter<H>) {
    this.hyperparam = deriveHyperparameter(parent);
  }

  /** Names of the state arrays, as they are called in saved files. */
  protected abstract readonly stateNames: readonly S[];

  /**
   * Computes the new parameter, and the new state, in place; or prepares the run of a kernel that does, which may then be started
   * together with those of other parameters. `grad` has the shape and dtype of `param`.
   */
  protected abstract updateCore(param: NdArray, grad: NdArray, state: RuleState<S>): KernelRun | void;

  /** What a state array is before the first update: zeros. */
  protected initialState(_name: S, param: NdArray): NdArray {
    return zerosLike(param);
  }

  /**
   * Updates a parameter from its gradient, which counts as zero where there is none; runs hooks around it. Does nothing
   * if not {@link enabled}, or the parameter has no array yet.
   *
   * @param together - where to put a run that can be started later, with others; it is started at once if there is none
   */
  update(param: Parameter, together: KernelRun[] | null = null): void {
    if (!this.enabled || !param.isInitialized) return;
    this.t++;
    const { array } = param;
    let grad = completeGradient(param);
    const working = this.workingCopy(param);
    const state = this.prepare(working);
    if (this.hooks.size > 0) {
      for (const hook of this.hooks.at("pre")) hook.call(this, param);
      grad = param.grad ?? grad;
    }
    const run = this.updateCore(working, working === array ? grad : grad.astype("float32"), state);
    if (run !== undefined) {
      if (together !== null && working === array && this.hooks.size === 0) together.push(run);
      else runTogether([run]);
    }
    if (working !== array) copyto(array, working);
    if (this.hooks.size > 0) for (const hook of this.hooks.at("post")) hook.call(this, param);
  }

  /** Adds a hook that runs at every update of this parameter. */
  addHook(hook: ParameterHook, options: HookOptions = {}): void {
    this.hooks.add(hook, options);
  }

  /** Removes a hook. */
  removeHook(name: string): void {
    this.hooks.remove(name);
  }

  /** Whether any hook has been added. */
  get hasHooks(): boolean {
    return this.hooks.size > 0;
  }

  /** Keeps a float32 copy of a float16 parameter, and updates that. */
  useFp32Update(flag = true): void {
    this.fp32 = flag;
    if (!flag) this.fp32Param = null;
  }

  /**
   * Saves or loads `t` and the state. Given the parameter, a state that is loaded before the first update has made one is
   * checked against it.
   */
  serialize(serializer: AbstractSerializer, param: Parameter | null = null): void {
    this.t = serializer.value("t", this.t);
    if (this.state !== null) {
      for (const name of this.stateNames) this.state[name] = serializer.value(name, this.state[name]);
    } else if (serializer.reading) {
      this.loadState(serializer, param);
    }
    if (this.fp32 && param !== null && param.isInitialized) this.serializeFp32(serializer, param);
  }

  private loadState(serializer: AbstractSerializer, param: Parameter | null): void {
    // What was saved before the first update has no state; it is made at the first one.
    if (!this.stateNames.every((name) => serializer.has(name))) return;
    const state: Partial<RuleState<S>> = {};
    for (const name of this.stateNames) {
      const array = param?.isInitialized === true ? this.initialState(name, param.array) : null;
      const stored = serializer.value<NdArray | number | null>(name, array);
      if (stored === null) return;
      state[name] = keep(typeof stored === "number" ? full([], stored) : stored);
    }
    if (!serializer.checking) this.state = state as RuleState<S>;
  }

  private serializeFp32(serializer: AbstractSerializer, param: Parameter): void {
    if (param.dtype !== "float16" || !serializer.has("fp32Param")) return;
    serializer.value("fp32Param", this.workingCopy(param));
  }

  /** The array that is updated: the parameter's own, or the float32 copy of it. */
  private workingCopy(param: Parameter): NdArray {
    if (!this.fp32 || param.dtype !== "float16") return param.array;
    this.fp32Param ??= keep(param.array.astype("float32"));
    return this.fp32Param;
  }

  /** The state, made if there is none, and moved to where the parameter is. */
  private prepare(param: NdArray): RuleState<S> {
    const state: Partial<RuleState<S>> = this.state ?? {};
    for (const name of this.stateNames) {
      const array = state[name] ?? this.initialState(name, param);
      if (array !== state[name] || array.device !== param.device) state[name] = keep(toDevice(array, param.device));
    }
    return (this.state = state as RuleState<S>);
  }
}
