import { ValueError, type NdArray } from "@chain/array";
import type { FunctionNode } from "./function-node.js";

/** Arrays that a hook sees; null where the graph did not keep one, or there is no gradient. */
export type HookArrays = readonly (NdArray | null)[];

/**
 * Something that is told of every function run (Chainer's `FunctionHook`). Override what is of interest, then turn it
 * on for a stretch of code or add it to one function with {@link FunctionNode.addHook}:
 *
 * ```ts
 * const timer = new TimerHook();
 * timer.withHook(() => model.forward(x).backward());
 * {
 *   using calls = new CallLogHook().enable(); // until the end of the block
 * }
 * ```
 */
export abstract class FunctionHook {
  /** Hooks that are on together have different names. */
  readonly name: string = this.constructor.name;

  /** Called when the hook is turned on, or added to the function `fn`. */
  added(_fn: FunctionNode | null): void {}
  /** Called when the hook is turned off, or removed from the function `fn`. */
  deleted(_fn: FunctionNode | null): void {}
  forwardPreprocess(_fn: FunctionNode, _inputs: readonly NdArray[]): void {}
  forwardPostprocess(_fn: FunctionNode, _inputs: readonly NdArray[]): void {}
  /** `inputs` are those that the function retained. */
  backwardPreprocess(_fn: FunctionNode, _inputs: HookArrays, _gradOutputs: HookArrays): void {}
  backwardPostprocess(_fn: FunctionNode, _inputs: HookArrays, _gradOutputs: HookArrays): void {}

  /** Turns the hook on for every function, until {@link disable}. */
  enable(): this {
    if (active.some((hook) => hook.name === this.name)) {
      throw new ValueError(`a function hook named "${this.name}" is on already`);
    }
    active.push(this);
    this.added(null);
    return this;
  }

  /** Turns the hook off. */
  disable(): void {
    const at = active.indexOf(this);
    if (at < 0) return;
    active.splice(at, 1);
    this.deleted(null);
  }

  /** Runs `body` with the hook on; if it returns a promise, until that settles. */
  withHook<T>(body: () => T): T {
    this.enable();
    let result: T;
    try {
      result = body();
    } catch (error) {
      this.disable();
      throw error;
    }
    if (result instanceof Promise) return result.finally(() => this.disable()) as T;
    this.disable();
    return result;
  }

  [Symbol.dispose](): void {
    this.disable();
  }
}

const active: FunctionHook[] = [];

/** Hooks that are on, in the order in which they were turned on. */
export const activeHooks: readonly FunctionHook[] = active;
