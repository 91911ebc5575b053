/** Iterators over data sets. */
export { DatasetIterator, StopIteration } from "./dataset-iterator.js";
export { datasetModule, type DatasetModule, type DatasetRecipe } from "./dataset-module.js";
export { MultithreadIterator, type MultithreadIteratorOptions } from "./multithread-iterator.js";
export { ShuffleOrderSampler, type OrderSampler, type ShuffleOrderSamplerOptions } from "./order-sampler.js";
export { ParallelSequentialIterator, type ParallelSequentialIteratorOptions } from "./parallel-sequential-iterator.js";
export { SerialIterator, type SerialIteratorOptions } from "./serial-iterator.js";
export { WorkerError, WorkerTimeout } from "./worker-error.js";
