import { all, ChainError, isfinite, scope } from "@chain/array";
import { Extension } from "../extension.js";
import type { Trainer } from "../trainer.js";

/** A parameter has become NaN or infinite. */
export class NonNumberError extends ChainError {
  override readonly name = "NonNumberError";
}

/** Stops the training with a {@link NonNumberError} as soon as a parameter is NaN or infinite. */
export class FailOnNonNumber extends Extension {
  override get defaultName(): string {
    return "FailOnNonNumber";
  }

  override async call(trainer: Trainer): Promise<void> {
    for (const [name, optimizer] of trainer.updater.getAllOptimizers()) {
      for (const [path, param] of optimizer.target.namedParams({ includeUninit: false })) {
        const finite = scope(() => all(isfinite(param.array)));
        const isFinite = (await finite.item()) !== 0;
        finite.dispose();
        if (!isFinite) {
          throw new NonNumberError(
            `parameter ${name}${path} has become NaN or infinite at iteration ${trainer.updater.iteration}; ` +
              `a smaller learning rate or gradient clipping may help`,
          );
        }
      }
    }
  }
}
