export { cumprod, cumsum, type CumulativeOptions } from "./cumulative.js";
export * from "./extrema.js";
export * from "./logsumexp.js";
export * from "./nan.js";
export * from "./sum.js";
export * from "./truth.js";
export * from "./variance.js";
export type { Reduction, ReductionOptions, TypedReduction, TypedReductionOptions } from "./reduce.js";
