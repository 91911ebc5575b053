/** Training loops: Trainer, updaters, triggers, extensions, iterators and data sets. */
export { cacheOrLoadFile } from "./dataset/cache-or-load-file.js";
export { cachedDownload, DownloadError, type CachedDownloadOptions } from "./dataset/cached-download.js";
export { concatExamples, type ConcatExamplesOptions } from "./dataset/concat-examples.js";
export type { ConvertedBatch, Converter, ConvertOptions } from "./dataset/converter.js";
export {
  getDatasetDirectory,
  getDatasetRoot,
  setDatasetRoot,
  type DatasetDirectoryOptions,
} from "./dataset/dataset-root.js";
export { DatasetMixin, type Dataset, type DatasetLike } from "./dataset/dataset.js";
export * as tabular from "./dataset/tabular/index.js";
export { TabularDataset } from "./dataset/tabular/index.js";
export type { ColumnSource, GatheringDataset, NumericArray } from "./dataset/gather.js";
export * from "./datasets/index.js";
export * as datasets from "./datasets/index.js";
export {
  Extension,
  makeExtension,
  PRIORITY_EDITOR,
  PRIORITY_READER,
  PRIORITY_SNAPSHOT,
  PRIORITY_WRITER,
  type ExtensionFunction,
  type ExtensionLike,
  type MakeExtensionOptions,
} from "./extension.js";
export * from "./extensions/index.js";
export * as extensions from "./extensions/index.js";
export { FileError } from "@chain/links/serializers";
export { TrainingInterrupted, type StopSignal } from "./interruption.js";
export * from "./iterators/index.js";
export * as iterators from "./iterators/index.js";
export type { NamedOrMain } from "./named-or-main.js";
export type { OutputStream } from "./output-stream.js";
export { Trainer, type ExtendOptions, type RunOptions, type TrainerOptions } from "./trainer.js";
export * as transforms from "./transforms/index.js";
export type { ImageTransform } from "./transforms/index.js";
export * from "./triggers/index.js";
export * as triggers from "./triggers/index.js";
export * from "./updaters/index.js";
export * as updaters from "./updaters/index.js";
export {
  DictSummary,
  getCurrentReporter,
  report,
  Reporter,
  reportScope,
  Summary,
  type Observation,
  type Observed,
} from "@chain/links";
