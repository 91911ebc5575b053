import type { Routines } from "../../../routines.js";
import type { NdArray } from "../../../ndarray.js";
import type { CpuRuntime } from "../runtime.js";
import { ConvolutionEngine } from "./engine.js";

/** Convolutions of float32 arrays, in any number of dimensions. What they need is compiled at the first one. */
export function convolutionRoutines(
  runtime: CpuRuntime,
): Pick<Routines, "convolution" | "convolutionGradInput" | "convolutionGradWeight"> {
  let made: ConvolutionEngine | undefined;
  const engine = (): ConvolutionEngine => (made ??= new ConvolutionEngine(runtime));
  const done = (out: NdArray, work: () => void): boolean => {
    if (out.dtype !== "float32") return false;
    work();
    return true;
  };
  return {
    convolution: (x, w, out, geometry, epilogue) =>
      done(out, () => engine().convolution(x, w, out, geometry, epilogue)),
    convolutionGradInput: (gy, w, gx, geometry) => done(gx, () => engine().convolutionGradInput(gy, w, gx, geometry)),
    convolutionGradWeight: (x, gy, gw, geometry) => done(gw, () => engine().convolutionGradWeight(x, gy, gw, geometry)),
  };
}
