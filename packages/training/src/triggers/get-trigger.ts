import { ValueError } from "@chain/array";
import type { Trainer } from "../trainer.js";
import { IntervalTrigger } from "./interval-trigger.js";
import type { Trigger, TriggerLike } from "./trigger.js";

const never: Trigger = { call: () => false };

/**
 * Makes a trigger of whatever stands for one: `[n, "epoch"]` or `[n, "iteration"]` become an {@link IntervalTrigger},
 * a function is asked each time, null never fires, triggers are returned as they are.
 *
 * @throws ValueError for anything else.
 */
export function getTrigger(trigger: TriggerLike): Trigger {
  if (trigger === null) return never;
  if (typeof trigger === "function") return new FunctionTrigger(trigger);
  if (isTrigger(trigger)) return trigger;
  if (Array.isArray(trigger) && trigger.length === 2) return new IntervalTrigger(trigger[0], trigger[1]);
  throw new ValueError(
    `a trigger is [n, "epoch"], [n, "iteration"], a function, null, or an object with a method call(trainer); ` +
      `got ${JSON.stringify(trigger)}`,
  );
}

function isTrigger(value: unknown): value is Trigger {
  return typeof value === "object" && value !== null && "call" in value && typeof value.call === "function";
}

class FunctionTrigger implements Trigger {
  constructor(private readonly decide: (trainer: Trainer) => boolean | Promise<boolean>) {}

  call(trainer: Trainer): boolean | Promise<boolean> {
    return this.decide(trainer);
  }
}
