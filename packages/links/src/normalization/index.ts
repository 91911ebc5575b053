export {
  BatchNormalization,
  type BatchNormalizationOptions,
  type BatchNormalizationRun,
} from "./batch-normalization.js";
export { BatchRenormalization, type BatchRenormalizationOptions } from "./batch-renormalization.js";
export {
  DecorrelatedBatchNormalization,
  type DecorrelatedBatchNormalizationOptions,
} from "./decorrelated-batch-normalization.js";
export { GroupNormalization, InstanceNormalization, type GroupNormalizationOptions } from "./group-normalization.js";
export { LayerNormalization, type LayerNormalizationOptions } from "./layer-normalization.js";
