export * from "./extrema.js";
export * from "./sum.js";
export * from "./truth.js";
export type { Reduction, ReductionOptions, TypedReduction, TypedReductionOptions } from "./reduce.js";
