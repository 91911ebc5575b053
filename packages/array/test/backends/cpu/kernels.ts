import { type FunctionBuilder, type Local, ModuleBuilder } from "../../../src/backends/cpu/wasm/assembler.js";
import type { CpuRuntime } from "../../../src/backends/cpu/runtime.js";

/** The module of a kernel whose `body` runs for each index of its range; the arguments are two 32-bit words. */
export function indexKernel(
  runtime: CpuRuntime,
  body: (f: FunctionBuilder, index: Local, word: (at: number) => FunctionBuilder) => void,
): ModuleBuilder {
  const module = new ModuleBuilder({ memory: runtime.memory.type });
  const log = module.importFunction("Math", "log", { params: ["f64"], results: ["f64"] });
  const f = module.function("run", { params: ["i32", "i32", "i32"], results: [] });
  const [args, index, end] = [f.param(0), f.param(1), f.param(2)];
  f.f64(1).call(log).op("drop");
  f.block((done) => {
    f.loop((next) => {
      f.get(index).get(end).op("i32.ge_u").brIf(done);
      body(f, index, (at) => f.get(args).load("i32.load", { offset: 4 * at }));
      f.get(index).i32(1).op("i32.add").set(index).br(next);
    });
  });
  return module;
}

/** A kernel that adds `7 * i + word 1` to the i-th i32 of the array at word 0. */
export function addingKernel(runtime: CpuRuntime): ModuleBuilder {
  return indexKernel(runtime, (f, index, word) => {
    const address = f.local("i32");
    word(0).get(index).i32(2).op("i32.shl").op("i32.add").tee(address);
    f.get(address).load("i32.load");
    f.get(index).i32(7).op("i32.mul").op("i32.add");
    word(1).op("i32.add").store("i32.store");
  });
}

/** A kernel that traps at the index in word 0. */
export function trappingKernel(runtime: CpuRuntime): ModuleBuilder {
  return indexKernel(runtime, (f, index, word) => {
    word(0)
      .get(index)
      .op("i32.eq")
      .if(() => f.op("unreachable"));
  });
}
