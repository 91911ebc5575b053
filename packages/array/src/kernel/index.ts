/** The kernel language: define elementwise, reduction and row-wise kernels that run on every backend. */
export type { KernelOutput, KernelResult, KernelTarget } from "./callable.js";
export { differentiate, elementwiseOf, parametersIn, renumberParameters } from "./differentiate.js";
export { elementwise, type ElementwiseKernel } from "./elementwise.js";
export type { BufferExpr, Expr, ExprLike, Monoid } from "./expr.js";
export { Interner } from "./interner.js";
export type { KernelParameters, NamedExprs, NamedValues, Operand } from "./launch.js";
export * from "./ops.js";
export type * from "./program.js";
export {
  reduction,
  type CompoundReduction,
  type ReduceOptions,
  type ReductionKernel,
  type SimpleReduction,
} from "./reduction.js";
export { runTogether, type KernelRun } from "./run-together.js";
export { hurwitzZeta, trigamma } from "./series.js";
export { Row, rowwise, type RowOptions, type RowwiseKernel } from "./rowwise.js";
