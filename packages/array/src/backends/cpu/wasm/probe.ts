import { ModuleBuilder } from "./module-builder.js";
import type { PlainOpcode } from "./opcodes.js";

function validates(operation: PlainOpcode, operands: number): boolean {
  const module = new ModuleBuilder();
  const f = module.function("probe", { params: ["v128", "v128", "v128"], results: ["v128"] });
  for (let i = 0; i < operands; i++) f.get(f.param(i));
  f.op(operation);
  return WebAssembly.validate(module.toBytes());
}

let simd: boolean | undefined;
let relaxedSimd: boolean | undefined;

/** Whether the engine runs WebAssembly SIMD128. */
export function probeSimd(): boolean {
  simd ??= validates("f32x4.add", 2);
  return simd;
}

/** Whether the engine runs relaxed SIMD, whose `f32x4.relaxed_madd` is a fused multiply-add where the CPU has one. */
export function probeRelaxedSimd(): boolean {
  relaxedSimd ??= validates("f32x4.relaxed_madd", 3);
  return relaxedSimd;
}
