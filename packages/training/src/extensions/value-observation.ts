import { report, type Observed } from "@chain/links";
import { makeExtension, PRIORITY_WRITER, type Extension } from "../extension.js";
import { readHyperparameter } from "../hyperparameter.js";
import type { Trainer } from "../trainer.js";

/** An extension that reports what `targetFunc` returns as `observationKey`, every epoch by default. */
export function observeValue(observationKey: string, targetFunc: (trainer: Trainer) => Observed): Extension {
  return makeExtension((trainer) => report({ [observationKey]: targetFunc(trainer) }), {
    trigger: [1, "epoch"],
    priority: PRIORITY_WRITER,
    defaultName: "observe_value",
  });
}

/** Options of {@link observeLr}. */
export interface ObserveLrOptions {
  /** Name of the optimizer in the updater. Default: `"main"`. */
  readonly optimizerName?: string;
  /** Default: `"lr"`. */
  readonly observationKey?: string;
}

/** An extension that reports an optimizer's learning rate, every epoch by default. */
export function observeLr(options: ObserveLrOptions = {}): Extension {
  const { observationKey = "lr", optimizerName = "main" } = options;
  return observeValue(observationKey, ({ updater }) => {
    const optimizer = updater.getOptimizer(optimizerName);
    return readHyperparameter(optimizer, "lr");
  });
}
