import { all, ChainError, isfinite, scope } from "@chain/array";
import { readObserved } from "@chain/links";
import { Extension } from "../extension.js";
import type { Trainer } from "../trainer.js";
import type { Updater } from "../updaters/updater.js";

/** A parameter, or an observed value, has become NaN or infinite. */
export class NonNumberError extends ChainError {
  override readonly name = "NonNumberError";
}

/** Options of {@link FailOnNonNumber}. */
export interface FailOnNonNumberOptions {
  /** Observed values that have to stay finite as well: `["main/loss"]`. None by default. */
  readonly keys?: Iterable<string>;
}

/**
 * Stops the training with a {@link NonNumberError} as soon as a parameter, or one of the given observed values, is NaN or
 * infinite. It waits for the device: where that costs too much, give it a trigger.
 */
export class FailOnNonNumber extends Extension {
  private readonly keys: readonly string[];

  constructor(options: FailOnNonNumberOptions = {}) {
    super();
    this.keys = [...(options.keys ?? [])];
  }

  override get defaultName(): string {
    return "FailOnNonNumber";
  }

  override async call({ observation, updater }: Trainer): Promise<void> {
    for (const key of this.keys) {
      const value = observation[key];
      if (value !== undefined) checkNumber(await readObserved(value), `the observed value ${key}`, updater);
    }
    for (const [name, optimizer] of updater.getAllOptimizers()) {
      for (const [path, param] of optimizer.target.namedParams({ includeUninit: false })) {
        const finite = scope(() => all(isfinite(param.array)));
        checkNumber((await finite.item()) === 0 ? NaN : 0, `parameter ${name}${path}`, updater);
        finite.dispose();
      }
    }
  }
}

function checkNumber(value: number, what: string, { iteration }: Updater): void {
  if (Number.isFinite(value)) return;
  throw new NonNumberError(
    `${what} has become NaN or infinite at iteration ${iteration}; a smaller learning rate or gradient clipping may help`,
  );
}
