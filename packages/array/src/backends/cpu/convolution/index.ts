import type { Backend } from "../../../backend.js";
import type { NdArray } from "../../../ndarray.js";
import type { Routines } from "../../../routines.js";
import type { CpuRuntime } from "../runtime.js";
import { runtimeOf } from "../runtime-of.js";
import { ConvolutionEngine } from "./engine.js";

/** The routines of convolutions. */
export type ConvolutionRoutines = Pick<Routines, "convolution" | "convolutionGradInput" | "convolutionGradWeight">;

const made = new WeakMap<CpuRuntime, ConvolutionRoutines>();

/**
 * The CPU's convolutions of float32 arrays, in any number of dimensions; none for another backend. They are not among the
 * backend's routines, but fetched by the functions that need them: a bundle without convolutions does not carry them.
 */
export function cpuConvolutions(backend: Backend): Partial<ConvolutionRoutines> {
  const runtime = runtimeOf.get(backend);
  if (runtime === undefined) return {};
  let routines = made.get(runtime);
  if (routines === undefined) {
    routines = convolutionRoutines(runtime);
    made.set(runtime, routines);
  }
  return routines;
}

/** What they need is compiled at the first one. */
function convolutionRoutines(runtime: CpuRuntime): ConvolutionRoutines {
  let engine: ConvolutionEngine | undefined;
  const done = (out: NdArray, work: (engine: ConvolutionEngine) => void): boolean => {
    if (out.dtype !== "float32") return false;
    work((engine ??= new ConvolutionEngine(runtime)));
    return true;
  };
  return {
    convolution: (x, w, out, geometry, epilogue) => done(out, (by) => by.convolution(x, w, out, geometry, epilogue)),
    convolutionGradInput: (gy, w, gx, geometry) => done(gx, (by) => by.convolutionGradInput(gy, w, gx, geometry)),
    convolutionGradWeight: (x, gy, gw, geometry) => done(gw, (by) => by.convolutionGradWeight(x, gy, gw, geometry)),
  };
}
