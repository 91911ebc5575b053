/** Differentiable functions out of kernels for gpu.js. */
export { kernelFunction, type KernelFunctionOptions, type UserKernel } from "./kernel-function.js";
