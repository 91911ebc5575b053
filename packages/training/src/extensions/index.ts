/** What trainers do besides updating. */
export { CosineShift } from "./cosine-shift.js";
export { DumpGraph, type DumpGraphOptions } from "./dump-graph.js";
export { Evaluator, type EvaluatorOptions } from "./evaluator.js";
export { ExponentialShift } from "./exponential-shift.js";
export { FailOnNonNumber, NonNumberError, type FailOnNonNumberOptions } from "./fail-on-non-number.js";
export {
  HyperparameterShift,
  ScalingShift,
  type InitialShiftOptions,
  type ShiftOptions,
} from "./hyperparameter-shift.js";
export { InverseShift } from "./inverse-shift.js";
export { LinearShift } from "./linear-shift.js";
export { LogReport, type LogEntry, type LogReportOptions } from "./log-report.js";
export { MicroAverage, type MicroAverageOptions } from "./micro-average.js";
export { MultistepShift } from "./multistep-shift.js";
export { ParameterStatistics, type ParameterStatisticsOptions, type Statistic } from "./parameter-statistics.js";
export { computePerplexity } from "./perplexity.js";
export { PlotReport, type PlotReportOptions } from "./plot-report.js";
export { PolynomialShift } from "./polynomial-shift.js";
export { PrintReport, type PrintReportOptions } from "./print-report.js";
export { ProgressBar, type ProgressBarOptions } from "./progress-bar.js";
export { snapshot, snapshotObject, type SnapshotObjectOptions, type SnapshotOptions } from "./snapshot.js";
export type { SaveFunction, SnapshotWriterKind } from "./snapshot-writer.js";
export { StepShift } from "./step-shift.js";
export { TensorBoard, type TensorBoardOptions } from "./tensor-board.js";
export { unchainVariables } from "./unchain-variables.js";
export { observeLr, observeValue, type ObserveLrOptions } from "./value-observation.js";
export { VariableStatisticsPlot, type VariableStatisticsPlotOptions } from "./variable-statistics-plot.js";
export { WarmupShift } from "./warmup-shift.js";
