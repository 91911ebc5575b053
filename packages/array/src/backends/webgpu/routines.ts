import type { NdArray } from "../../ndarray.js";
import type { Routines } from "../../routines.js";
import { bitonicArgsort } from "../../sorting/bitonic.js";
import { GpuConvolution } from "./convolution.js";
import { HandWritten } from "./hand-written.js";
import type { GpuContext } from "./launcher.js";
import { gpuMatmul } from "./matmul.js";
import { poolingRoutines } from "./pooling.js";
import type { chooseProduct } from "./product-method.js";
import { Products } from "./products.js";
import { scanShader } from "./wgsl/scan.js";
import { scatterAddShader } from "./wgsl/scatter-add.js";
import { workgroupSize } from "./wgsl/shader.js";

/** Invocations that keep a GPU busy when each reads all indices; a program that plays one has a few lanes. */
const scatterInvocations = { hardware: 1 << 14, software: 1 << 6 };
/** From here on a workgroup shares a row. */
const longRow = 512;

/** The hand-written operations, and sorting; gathering is composed from kernels as well as one could write it. */
export function gpuRoutines(context: GpuContext, choose?: typeof chooseProduct): Partial<Routines> {
  const products = new Products(context, choose);
  const convolution = new GpuConvolution(products, context.adapter.kind);
  const shaders = new HandWritten(context);
  return {
    matmul: (a, b, out, epilogue) => gpuMatmul(products, a, b, out, epilogue),
    ...poolingRoutines(context),
    scatterAdd: (x, indices, out) => scatterAdd(context, shaders, x, indices, out),
    argsort: bitonicArgsort,
    scan: (x, out, operation) => scan(context, shaders, x, out, operation),
    convolution: convolution.forward,
    convolutionGradInput: convolution.gradInput,
    convolutionGradWeight: convolution.gradWeight,
  };
}

function scatterAdd({ adapter }: GpuContext, shaders: HandWritten, x: NdArray, indices: NdArray, out: NdArray): void {
  const [rows, width] = out.shape as [number, number];
  if (indices.size === 0 || out.size === 0) return;
  const wanted = Math.ceil(scatterInvocations[adapter.kind === "software" ? "software" : "hardware"] / width);
  const band = Math.ceil(rows / Math.min(rows, wanted));
  const bands = Math.ceil(rows / band);
  const parameters = {
    width,
    band,
    bands,
    count: indices.size,
    outOffset: out.offset,
    xOffset: x.offset,
    indicesOffset: indices.offset,
  };
  const groups = Math.ceil((width * bands) / workgroupSize);
  shaders.run(`scatterAdd ${x.dtype}`, () => scatterAddShader(x.dtype), [out, x, indices], parameters, groups);
}

function scan(
  { adapter }: GpuContext,
  shaders: HandWritten,
  x: NdArray,
  out: NdArray,
  operation: "sum" | "prod",
): void {
  const [rows, length] = x.shape as [number, number];
  if (x.size === 0) return;
  const { dtype } = x;
  const shared = length >= longRow && !(adapter.kind === "software" && rows >= 64);
  const parameters = { rows, length, outOffset: out.offset, xOffset: x.offset };
  const groups = shared ? rows : Math.ceil(rows / workgroupSize);
  const key = `scan ${operation} ${dtype} ${shared}`;
  shaders.run(key, () => scanShader({ dtype, operation, shared }), [out, x], parameters, groups);
}
