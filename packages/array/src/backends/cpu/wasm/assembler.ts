/** A small WebAssembly assembler: build a module function by function, get bytes, read them as text. */
export type { Callable, Label, Local, MemoryAccess } from "./function-builder.js";
export { FunctionBuilder } from "./function-builder.js";
export { ModuleBuilder, type ModuleOptions } from "./module-builder.js";
export type { LaneOpcode, LoadOpcode, MemoryLaneOpcode, MemoryOpcode, PlainOpcode, StoreOpcode } from "./opcodes.js";
export { probeRelaxedSimd, probeSimd } from "./probe.js";
export type { MemoryType, Signature, ValueType } from "./types.js";
