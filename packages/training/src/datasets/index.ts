/** Data sets. */
export { ConcatenatedDataset } from "./concatenated-dataset.js";
export { DictDataset } from "./dict-dataset.js";
export { getMnist, type GetMnistOptions, type LabeledImages } from "./mnist.js";
export { getPtbWords, getPtbWordsVocabulary, type WordSequences } from "./ptb.js";
export {
  getCrossValidationDatasets,
  getCrossValidationDatasetsRandom,
  splitDataset,
  splitDatasetN,
  splitDatasetNRandom,
  splitDatasetRandom,
  type RandomSplitOptions,
  type TrainAndTest,
} from "./split.js";
export { SubDataset, type ExampleOrder, type SubDatasetOptions } from "./sub-dataset.js";
export { SuccessorDataset } from "./successor-dataset.js";
export { TextDataset, type TextDatasetOptions } from "./text-dataset.js";
export { TransformDataset } from "./transform-dataset.js";
export { TupleDataset } from "./tuple-dataset.js";
