/** When things happen in a training. */
export {
  BestValueTrigger,
  MaxValueTrigger,
  MinValueTrigger,
  type BestValueTriggerOptions,
} from "./best-value-trigger.js";
export { EarlyStoppingTrigger, type EarlyStoppingTriggerOptions } from "./early-stopping-trigger.js";
export { getTrigger } from "./get-trigger.js";
export { IntervalTrigger } from "./interval-trigger.js";
export { ManualScheduleTrigger } from "./manual-schedule-trigger.js";
export { OnceTrigger, type OnceTriggerOptions } from "./once-trigger.js";
export { TimeTrigger } from "./time-trigger.js";
export type { ProgressUnit, TrainingLength, Trigger, TriggerContext, TriggerLike } from "./trigger.js";
