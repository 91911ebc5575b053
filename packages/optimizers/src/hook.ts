import { ValueError } from "@chain/array";
import { runTogether, type KernelRun } from "@chain/array/kernel";
import type { Parameter } from "@chain/autograd";
import type { GradientMethod } from "./gradient-method.js";
import type { UpdateRule } from "./update-rule.js";

/** When a hook runs: before the parameters are updated, or after. */
export type HookTiming = "pre" | "post";

/** A hook that runs once an update, on the optimizer; as a class it is what Chainer calls an optimizer hook. */
export interface OptimizerHook {
  readonly name?: string;
  readonly timing?: HookTiming;
  readonly callForEachParam?: false;
  call(optimizer: GradientMethod): void;
}

/** A hook that runs for every parameter: added to an optimizer, for all of them; added to an update rule, for that one. */
export interface ParameterHook {
  readonly name?: string;
  readonly timing?: HookTiming;
  readonly callForEachParam: true;
  call(rule: UpdateRule, param: Parameter): void;
  /** What {@link call} does, where that is the run of a kernel, to be started together with those of other parameters. */
  prepare?(rule: UpdateRule, param: Parameter): KernelRun;
}

/** A hook that changes gradients by a kernel: those of all parameters by one launch. */
export abstract class KernelHook implements ParameterHook {
  abstract readonly name: string;
  readonly timing: HookTiming = "pre";
  readonly callForEachParam = true;

  abstract prepare(rule: UpdateRule, param: Parameter): KernelRun;

  call(rule: UpdateRule, param: Parameter): void {
    runTogether([this.prepare(rule, param)]);
  }
}

/** How a hook is added. */
export interface HookOptions {
  /** By which it is removed; by default the hook's own. */
  readonly name?: string;
  /** `"auto"` (the default) is the hook's own timing, or `"pre"`. */
  readonly timing?: HookTiming | "auto";
}

/** Hooks by name, in the order in which they were added. */
export class HookList<T extends { readonly name?: string; readonly timing?: HookTiming }> {
  private readonly hooks = new Map<string, { readonly hook: T; readonly timing: HookTiming }>();

  get size(): number {
    return this.hooks.size;
  }

  add(hook: T, options: HookOptions): void {
    const name = options.name ?? hook.name ?? "";
    if (name === "") throw new ValueError("the hook has no name; give one: addHook(hook, { name })");
    if (this.hooks.has(name)) throw new ValueError(`a hook named "${name}" has been added already`);
    const { timing = "auto" } = options;
    this.hooks.set(name, { hook, timing: timing === "auto" ? (hook.timing ?? "pre") : timing });
  }

  remove(name: string): void {
    if (!this.hooks.delete(name)) {
      throw new ValueError(
        `there is no hook named "${name}"; there are: ${[...this.hooks.keys()].join(", ") || "none"}`,
      );
    }
  }

  *at(timing: HookTiming): Generator<T> {
    for (const entry of this.hooks.values()) if (entry.timing === timing) yield entry.hook;
  }
}
