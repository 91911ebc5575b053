import { environmentVariable, type DType } from "@chain/array";

/** What can be configured; other packages add their keys by declaration merging. */
export interface Config {
  /** Training mode: dropout drops, batch normalization uses the batch's statistics. Default true. */
  train: boolean;
  /** Whether functions record the graph that backward walks. Default true. */
  enableBackprop: boolean;
  /** Debug mode: NaN checks in forward and backward, and where a variable was made. Default: `CHAIN_DEBUG` is set. */
  debug: boolean;
  /** Whether reported variables keep their graph. Default false. */
  keepGraphOnReport: boolean;
  /** Dtype of parameters and data that name none. Default float32. */
  dtype: DType;
  /** Whether functions check shapes and dtypes of their inputs. Default true. */
  typeCheck: boolean;
}

/** The configuration in force (Chainer's `chainer.config`). Assign to change it for good, or see {@link usingConfig}. */
export const config: Config = {
  train: true,
  enableBackprop: true,
  debug: environmentVariable("CHAIN_DEBUG") !== undefined,
  keepGraphOnReport: false,
  dtype: "float32",
  typeCheck: true,
};

/**
 * Runs `body` with one configuration value changed (Chainer's `using_config`). If `body` returns a promise, the value
 * is restored when it settles; whatever else runs until then sees the changed value too.
 */
export function usingConfig<K extends keyof Config, T>(name: K, value: Config[K], body: () => T): T {
  const before = config[name];
  config[name] = value;
  const restore = (): void => {
    config[name] = before;
  };
  let result: T;
  try {
    result = body();
  } catch (error) {
    restore();
    throw error;
  }
  if (result instanceof Promise) return result.finally(restore) as T;
  restore();
  return result;
}

/** Runs `body` without recording a graph (Chainer's `no_backprop_mode`). */
export function noBackpropMode<T>(body: () => T): T {
  return usingConfig("enableBackprop", false, body);
}

/** Runs `body` with the graph recorded, inside a {@link noBackpropMode} too. */
export function forceBackpropMode<T>(body: () => T): T {
  return usingConfig("enableBackprop", true, body);
}

/** Runs `body` in training mode. */
export function trainMode<T>(body: () => T): T {
  return usingConfig("train", true, body);
}

/** Runs `body` in test mode: dropout passes everything, batch normalization uses its running statistics. */
export function testMode<T>(body: () => T): T {
  return usingConfig("train", false, body);
}
