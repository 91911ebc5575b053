import type { Handle } from "./functions.js";

/** How an array lies in memory: a structure of ours, or the address of one of oneDNN's. */
export type Layout = Uint8Array | Handle;

/** Layouts of a convolution's operands; `bias` is null where there is none. */
export interface ConvolutionLayouts {
  readonly source: Layout;
  readonly weights: Layout;
  readonly bias: Layout | null;
  readonly destination: Layout;
}

/** How windows lie over an input, as oneDNN takes it: a number a spatial axis. */
export interface Windows {
  readonly stride: readonly number[];
  /** Elements that are left out between two of a window: 0 where they are neighbours. */
  readonly gap: readonly number[];
  readonly padBefore: readonly number[];
  readonly padAfter: readonly number[];
}

/**
 * What the versions of oneDNN do differently: layouts and operations are structures that programs fill and then hand over
 * (version 2), or objects of its own that one call makes (version 3). Here they are described in the same way.
 *
 * A further operation is a method here, and in each of the two classes: the function that it calls is declared there.
 */
export interface Descriptors {
  /** float32, with so many elements from a neighbour to the next along each axis. */
  strided(shape: readonly number[], strides: readonly number[]): Layout;
  /** float32, in the layout that suits the operation. */
  any(shape: readonly number[]): Layout;
  /** Gives back the layouts that were made here. Whatever was described or made with them has a copy. */
  releaseLayouts(): void;

  convolution(layouts: ConvolutionLayouts, windows: Windows): Handle;
  /** The gradient by the source of a convolution that `forward` describes. */
  convolutionBackwardData(layouts: ConvolutionLayouts, windows: Windows, forward: Handle): Handle;
  /** The gradient by the weights of a convolution that `forward` describes. */
  convolutionBackwardWeights(layouts: ConvolutionLayouts, windows: Windows, forward: Handle): Handle;
}

/** What every description of an operation is made with. */
export interface Context {
  readonly engine: Handle;
  readonly attributes: Handle;
}

/** Numbers of C's enumerations, the same in both versions. */
export const FLOAT32 = 3;
export const ANY_LAYOUT = 1;
export const FORWARD_TRAINING = 64;
export const DIRECT_CONVOLUTION = 1;

/** Twelve of C's `int64_t`, as oneDNN's arrays of sizes have. */
export function longs(values: readonly number[]): BigInt64Array {
  const result = new BigInt64Array(12);
  values.forEach((value, i) => (result[i] = BigInt(value)));
  return result;
}

/** In the order of C's parameters. */
export function sizesOf({ stride, gap, padBefore, padAfter }: Windows): BigInt64Array[] {
  return [stride, gap, padBefore, padAfter].map(longs);
}
