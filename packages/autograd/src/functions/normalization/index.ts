export {
  batchNormalization,
  type BatchNormalizationOptions,
  type FixedBatchNormalizationOptions,
} from "./batch-normalization.js";
export {
  batchRenormalization,
  fixedBatchRenormalization,
  type BatchRenormalizationOptions,
} from "./batch-renormalization.js";
export {
  decorrelatedBatchNormalization,
  fixedDecorrelatedBatchNormalization,
  type DecorrelatedBatchNormalizationOptions,
} from "./decorrelated-batch-normalization.js";
export { fixedBatchNormalization } from "./fixed-batch-normalization.js";
export { groupNormalization, type GroupNormalizationOptions } from "./group-normalization.js";
export { layerNormalization, type LayerNormalizationOptions } from "./layer-normalization.js";
export { localResponseNormalization, type LocalResponseNormalizationOptions } from "./local-response-normalization.js";
export { normalize, type NormalizeOptions } from "./normalize.js";
