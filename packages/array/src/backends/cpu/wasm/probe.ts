import type { FunctionBuilder } from "./function-builder.js";
import { ModuleBuilder } from "./module-builder.js";

let simd: boolean | undefined;
let relaxedSimd: boolean | undefined;

/** Whether the engine runs WebAssembly SIMD128. */
export function probeSimd(): boolean {
  simd ??= WebAssembly.validate(probe((f) => f.f32x4(1).f32x4(2).op("f32x4.add").lane("f32x4.extract_lane", 0)));
  return simd;
}

/** Whether the engine runs relaxed SIMD, whose `f32x4.relaxed_madd` is a fused multiply-add where the CPU has one. */
export function probeRelaxedSimd(): boolean {
  relaxedSimd ??= computesMultiplyAdd();
  return relaxedSimd;
}

/** Engines had relaxed SIMD in earlier forms: what counts is the result. */
function computesMultiplyAdd(): boolean {
  const bytes = probe((f) => f.f32x4(2).f32x4(3).f32x4(10).op("f32x4.relaxed_madd").lane("f32x4.extract_lane", 3));
  if (!WebAssembly.validate(bytes)) return false;
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(bytes));
  const run = exports["probe"] as () => number;
  return run() === 16;
}

/** A module with a function `probe` that returns an f32. */
function probe(body: (f: FunctionBuilder) => void): Uint8Array<ArrayBuffer> {
  const module = new ModuleBuilder();
  body(module.function("probe", { params: [], results: ["f32"] }));
  return module.toBytes();
}
