/** What authors of backends use; docs/backends.md is the guide. */
export {
  interfaceVersion,
  type Backend,
  type BackendFactory,
  type BackendMemory,
  type DeviceBuffer,
  type DeviceProfile,
  type Executable,
  type KernelTime,
  type Launch,
} from "../backend.js";
export type { RoutineProvider } from "../backend-registry.js";
export { closeDevice, openDevice } from "../device.js";
export { dtypes, isFloating, itemsize, type DType, type TypedArray } from "../dtype.js";
export { DeviceError, KernelError, OutOfMemoryError } from "../errors.js";
export { halfToNumber, numberToHalf } from "../half.js";
export { bytesOf, storedView } from "../host.js";
export { expandedOperation } from "../kernel/expanded.js";
export { arityOf, opNames, type OpName } from "../kernel/ops-table.js";
export { mightCancel } from "../kernel/might-cancel.js";
export * from "../kernel/program.js";
export type { Storage } from "../memory/storage.js";
export { provideRoutines, registerBackend } from "../register-backend.js";
export type { NdArray } from "../ndarray.js";
export type { Activation, ConvolutionEpilogue, ConvolutionGeometry, MatmulEpilogue, Routines } from "../routines.js";
export type { Shape } from "../shape.js";
export { hostExecutable, hostKernels } from "./host-executable.js";
export { evaluator, type Leaf, type LeafValue } from "./js/evaluate.js";
export { inputSlots, type InputSlot } from "./js/generate.js";
