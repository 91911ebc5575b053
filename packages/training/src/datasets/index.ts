/** Data sets. */
export { getCifar10, getCifar100, type GetCifarOptions } from "./cifar.js";
export { ConcatenatedDataset } from "./concatenated-dataset.js";
export { DictDataset } from "./dict-dataset.js";
export { getFashionMnist, getFashionMnistLabels } from "./fashion-mnist.js";
export type { GreyImageOptions } from "./idx-images.js";
export { ImageDataset, LabeledImageDataset, type ImageDatasetOptions } from "./image-dataset.js";
export { getKuzushijiMnist, getKuzushijiMnistLabels } from "./kuzushiji-mnist.js";
export type { ImageArrayOptions, LabeledImages } from "./labeled-images.js";
export { getMnist, type GetMnistOptions } from "./mnist.js";
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
export { getSvhn, type GetSvhnOptions } from "./svhn.js";
export { TextDataset, type TextDatasetOptions } from "./text-dataset.js";
export { TransformBatchDataset, type BatchExample, type BatchSource } from "./transform-batch-dataset.js";
export { TransformDataset } from "./transform-dataset.js";
export { TupleDataset } from "./tuple-dataset.js";
export {
  LabeledZippedImageDataset,
  MultiZippedImageDataset,
  ZippedImageDataset,
  type ZippedImageDatasetOptions,
} from "./zipped-image-dataset.js";
