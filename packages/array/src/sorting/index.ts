export * from "./bincount.js";
export * from "./search.js";
export { argpartition, argsort, partition, sort, topk, type SortOptions, type TopkOptions } from "./sort.js";
export { unique, uniqueAsync, type UniqueOptions, type UniqueResult } from "./unique.js";
