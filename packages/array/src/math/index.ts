export * from "./arithmetic.js";
export * from "./bitwise.js";
export * from "./closeness.js";
export * from "./comparison.js";
export * from "./differences.js";
export * from "./exponential.js";
export * from "./extrema.js";
export * from "./floating.js";
export * from "./logic.js";
export * from "./rounding.js";
export * from "./special.js";
export * from "./trigonometric.js";
export type {
  Binary,
  BinaryPredicate,
  Operand,
  PredicateOptions,
  UfuncOptions,
  Unary,
  UnaryPredicate,
} from "./ufunc.js";
