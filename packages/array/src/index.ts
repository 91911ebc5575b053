export type {
  Backend,
  BackendFactory,
  BackendMemory,
  DeviceBuffer,
  DeviceProfile,
  Executable,
  KernelTime,
  Launch,
} from "./backend.js";
export type { RoutineProvider } from "./backend-registry.js";
export * from "./convolution/index.js";
export * from "./creation/index.js";
export * from "./device.js";
export * from "./dtype.js";
export { environmentVariable } from "./environment.js";
export * from "./errors.js";
export { halfToNumber, numberToHalf } from "./half.js";
export * from "./indexing/index.js";
export * from "./linalg/index.js";
export {
  currentScope,
  discard,
  free,
  keep,
  retire,
  scope,
  setLifetime,
  type ArrayHolder,
  type Lifetime,
} from "./memory/scope.js";
export { TransientScope } from "./memory/transient.js";
export { memoryInfo, setMemoryDebug, type MemoryInfo } from "./memory/storage.js";
export * from "./manipulation/index.js";
export * from "./math/index.js";
export { NdArray } from "./methods.js";
export type { NestedList } from "./ndarray.js";
export * from "./pooling/index.js";
export { formatKernelTimes, profileKernels, type ProfileOptions } from "./profile.js";
export * as random from "./random/index.js";
export { Generator, type ChoiceOptions, type GeneratorState } from "./random/generator.js";
export * from "./reductions/index.js";
export { provideRoutines, registerBackend } from "./register-backend.js";
export type {
  Activation,
  ConvolutionEpilogue,
  ConvolutionGeometry,
  MatmulEpilogue,
  Routines,
  WindowGeometry,
} from "./routines.js";
export { broadcastShapes, type Axis, type Shape } from "./shape.js";
export * from "./sorting/index.js";
export * from "./statistics/index.js";
