export { backward, grad, type BackwardOptions, type GradOptions } from "./backward.js";
export { CooMatrix, toCoo, type CooMatrixOptions, type ToCooOptions } from "./coo-matrix.js";
export { config, forceBackpropMode, noBackpropMode, testMode, trainMode, usingConfig, type Config } from "./config.js";
export type { GradientSum } from "./gradient-sum.js";
export { NaNError } from "./debug.js";
export { FunctionHook, type HookArrays } from "./function-hook.js";
export { FunctionNode, type Gradients } from "./function-node.js";
export {
  elementwiseFunction,
  type ElementwiseFunctionOptions,
  type FunctionOperand,
  type GradientContext,
} from "./functions/elementwise-function.js";
export {
  blocks,
  cellFunction,
  interleaved,
  whole,
  type CellInput,
  type CellOperands,
  type CellOutputs,
  type CellParts,
  type Packing,
} from "./functions/cell-function.js";
export { gate } from "./functions/rnn/gate.js";
export { Parameter, type Initializer, type ParameterOptions, type ParameterUpdater } from "./parameter.js";
export * from "./type-check.js";
export { asArray, asVariable, type VariableLike, type VariableOptions } from "./variable.js";
export { Variable } from "./variable-methods.js";
export { VariableNode } from "./variable-node.js";
export { checkBackward, checkDoubleBackward, type GradientCheckOptions } from "./gradient-check/check-backward.js";
export { checkForward } from "./gradient-check/check-forward.js";
export { GradientCheckError, type CheckedFunction, type CheckedGradients } from "./gradient-check/checked-function.js";
export { numericalGrad } from "./gradient-check/numerical-grad.js";
export {
  buildComputationalGraph,
  ComputationalGraph,
  type ComputationalGraphOptions,
  type GraphNode,
  type GraphStyle,
} from "./graph/computational-graph.js";
export { renderSvg } from "./graph/render-svg.js";
export { CallLogHook, type FunctionCall } from "./hooks/call-log-hook.js";
export { PrintHook, type PrintHookOptions } from "./hooks/print-hook.js";
export { TimerHook, type TimerReportOptions, type TimerSummary, type TimeUnit } from "./hooks/timer-hook.js";
