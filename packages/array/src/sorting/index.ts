export * from "./bincount.js";
export * from "./search.js";
export * from "./sets.js";
export { argpartition, argsort, partition, sort, topk, type SortOptions, type TopkOptions } from "./sort.js";
export { unique, uniqueAsync, type UniqueListOptions, type UniqueOptions } from "./unique.js";
