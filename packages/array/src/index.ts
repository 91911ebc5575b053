export type { Backend, BackendMemory, DeviceBuffer, Executable, Launch } from "./backend.js";
export * from "./device.js";
export * from "./dtype.js";
export * from "./errors.js";
export { keep, scope, type ArrayHolder } from "./memory/scope.js";
export { memoryInfo, setMemoryDebug, type MemoryInfo } from "./memory/storage.js";
export { NdArray, type NestedList } from "./ndarray.js";
export type { Activation, MatmulEpilogue, Routines } from "./routines.js";
export { broadcastShapes, type Axis, type Shape } from "./shape.js";
