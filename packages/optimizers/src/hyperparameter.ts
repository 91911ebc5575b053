/**
 * Hyperparameters that fall back on those of a parent (Chainer's `Hyperparameter`): the optimizer's are the parent of
 * those of every update rule, so that setting `optimizer.lr` changes it for all parameters, and setting
 * `param.updateRule.hyperparam.lr` for one. `delete` takes such a setting back.
 *
 * It is a plain object with the hyperparameters as properties; the fallback is JavaScript's own, the prototype.
 */
export type Hyperparameter<H extends Hyperparameters> = H & HyperparameterMethods<H>;

/** Hyperparameters by name. */
export type Hyperparameters = Record<string, unknown>;

/** What hyperparameters have besides their values. */
export type HyperparameterMethods<H extends Hyperparameters> = {
  /** What they fall back on; null for the optimizer's own. */
  readonly parent: Hyperparameter<H> | null;
  /** All hyperparameters with the values in force. */
  getDict(): H;
};

const methods = {
  get parent(): object | null {
    const parent = Object.getPrototypeOf(this) as object;
    return parent === methods ? null : parent;
  },
  getDict(): Record<string, unknown> {
    const values: Record<string, unknown> = {};
    for (const name in this) if (!Object.hasOwn(methods, name)) values[name] = this[name as keyof typeof this];
    return values;
  },
};

/** Hyperparameters of their own. */
export function createHyperparameter<H extends Hyperparameters>(values: H): Hyperparameter<H> {
  return Object.assign(Object.create(methods) as Hyperparameter<H>, values);
}

/** Hyperparameters that fall back on `parent`, except for `values`. */
export function deriveHyperparameter<H extends Hyperparameters>(
  parent: Hyperparameter<H>,
  values: Partial<H> = {},
): Hyperparameter<H> {
  return Object.assign(Object.create(parent) as Hyperparameter<H>, values);
}

/**
 * Gives a class, whose instances have a `hyperparam`, a property for each hyperparameter: `optimizer.lr` reads and sets
 * `optimizer.hyperparam.lr`.
 */
export function exposeHyperparameters(
  target: abstract new (...args: never[]) => object,
  names: readonly string[],
): void {
  for (const name of names) {
    Object.defineProperty(target.prototype, name, {
      configurable: true,
      get(this: { hyperparam: Record<string, unknown> }): unknown {
        return this.hyperparam[name];
      },
      set(this: { hyperparam: Record<string, unknown> }, value: unknown): void {
        this.hyperparam[name] = value;
      },
    });
  }
}
