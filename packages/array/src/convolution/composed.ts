/** Convolutions of contiguous arrays made of copies, views and matrix products: for what a backend has no routine for. */
import { fillWith } from "../creation/filled.js";
import { elementwise } from "../kernel/elementwise.js";
import * as k from "../kernel/ops.js";
import { matmulInto } from "../linalg/matmul-into.js";
import { copyReshaped, copyto } from "../manipulation/copy.js";
import { NdArray } from "../ndarray.js";
import type { ConvolutionEpilogue, ConvolutionGeometry } from "../routines.js";
import { contiguousStrides, sizeOf, type Shape } from "../shape.js";
import { borrow, permuteAxes, sliceAxis, type View } from "../views.js";

/** What computes a convolution: a backend's routine, or the composition. */
type Convolve = typeof composedConvolution;

/** Elements of the buffer that windows are copied to, unless those of one image are more. */
const mostElements = 2 ** 22;

const biasKernel = elementwise("convolution_bias", (y, bias) => k.add(y, bias));
const reluKernel = elementwise("convolution_relu", (y) => k.where(k.lt(y, 0), 0, y));

/** The weights, as a matrix, times windows that were copied to columns; some images at a time. */
export function composedConvolution(
  x: NdArray,
  w: NdArray,
  out: NdArray,
  { stride, pad, dilate, groups }: ConvolutionGeometry,
  { bias, activation }: ConvolutionEpilogue,
): void {
  const [batch, outputs, ...positions] = out.shape as [number, number, ...number[]];
  const [, inner, ...kernel] = w.shape as [number, number, ...number[]];
  const reach = positions.map((count, i) => (count - 1) * at(stride, i) + (at(kernel, i) - 1) * at(dilate, i) + 1);
  const framed = spread(x, pad, pad.map(one), reach);
  const [image, channel, ...spatial] = framed.strides as [number, number, ...number[]];
  const windows: View = {
    shape: [batch, groups, inner, ...kernel, ...positions],
    strides: [
      image,
      inner * channel,
      channel,
      ...spatial.map((step, i) => step * at(dilate, i)),
      ...spatial.map((step, i) => step * at(stride, i)),
    ],
    offset: framed.offset,
  };
  const [rows, terms, columns] = [outputs / groups, inner * sizeOf(kernel), sizeOf(positions)];
  const weights = copyReshaped(w, [groups, rows, terms]);
  const results = contiguous(out, [batch, groups, rows, columns]);
  const images = Math.max(1, Math.floor(mostElements / Math.max(1, groups * terms * columns)));
  for (let first = 0; first < batch; first += images) {
    const count = Math.min(images, batch - first);
    const unfolded = copyReshaped(borrow(framed, sliceAxis(windows, 0, first, count)), [count, groups, terms, columns]);
    matmulInto(weights, unfolded, { out: borrow(out, sliceAxis(results, 0, first, count)) });
    unfolded.dispose();
  }
  weights.dispose();
  framed.dispose();
  if (bias !== null) {
    biasKernel.into(out, out, borrow(bias, contiguous(bias, [outputs, ...positions.map(one)])));
  }
  if (activation === "relu") reluKernel.into(out, out);
}

/** A convolution of `gy`, spread out by the stride, with the kernel flipped and its channels exchanged. */
export function composedGradInput(
  gy: NdArray,
  w: NdArray,
  gx: NdArray,
  { stride, pad, dilate, groups }: ConvolutionGeometry,
  convolve: Convolve,
): void {
  const [outputs, inner, ...kernel] = w.shape as [number, number, ...number[]];
  const border = kernel.map((length, i) => (length - 1) * at(dilate, i));
  const before = border.map((width, i) => width - at(pad, i));
  const stuffed = spread(
    gy,
    before,
    stride,
    gx.shape.slice(2).map((length, i) => length + at(border, i)),
  );
  const grouped = contiguous(w, [groups, outputs / groups, inner, ...kernel]);
  const axes = kernel.map((_, i) => 3 + i);
  const exchanged = permuteAxes(axes.reduce(flipAxis, grouped), [0, 2, 1, ...axes]);
  const weights = copyReshaped(borrow(w, exchanged), [groups * inner, outputs / groups, ...kernel]);
  const geometry = { stride: stride.map(one), pad: pad.map(zero), dilate, groups };
  convolve(stuffed, weights, gx, geometry, plain);
  stuffed.dispose();
  weights.dispose();
}

/** A convolution of `x` with `gy` in place of weights: images are its channels, and stride and dilation change places. */
export function composedGradWeight(
  x: NdArray,
  gy: NdArray,
  gw: NdArray,
  { stride, pad, dilate, groups }: ConvolutionGeometry,
  convolve: Convolve,
): void {
  const [batch, , ...input] = x.shape as [number, number, ...number[]];
  const [outputs, inner, ...kernel] = gw.shape as [number, number, ...number[]];
  const axes = input.map((_, i) => 3 + i);
  const grouped = contiguous(x, [batch, groups, inner, ...input]);
  const images = copyReshaped(borrow(x, permuteAxes(grouped, [2, 1, 0, ...axes])), [inner, groups * batch, ...input]);
  const filters = copyReshaped(borrow(gy, exchangeFirst(gy)), [outputs, batch, ...gy.shape.slice(2)]);
  const result = NdArray.allocate(gw.storage.backend, gw.dtype, [inner, outputs, ...kernel]);
  convolve(images, filters, result, { stride: dilate, pad, dilate: stride, groups }, plain);
  copyto(gw, borrow(result, exchangeFirst(result)));
  for (const made of [images, filters, result]) made.dispose();
}

const plain: ConvolutionEpilogue = { bias: null, activation: "none" };

/**
 * Zeros with spatial axes of `lengths`, and the elements of `x` in it: those along axis i at `before[i]` and from there
 * `step[i]` apart, as far as they fall inside.
 */
function spread(x: NdArray, before: readonly number[], step: readonly number[], lengths: Shape): NdArray {
  const result = NdArray.allocate(x.storage.backend, x.dtype, [...x.shape.slice(0, 2), ...lengths]);
  let [from, to]: [View, View] = [x, result];
  lengths.forEach((length, i) => {
    const [start, stride] = [at(before, i), at(step, i)];
    const first = Math.max(0, Math.ceil(-start / stride));
    const last = Math.min((x.shape[2 + i] as number) - 1, Math.floor((length - 1 - start) / stride));
    const count = Math.max(0, last - first + 1);
    from = sliceAxis(from, 2 + i, first, count);
    to = sliceAxis(to, 2 + i, start + first * stride, count, stride);
  });
  if (sizeOf(to.shape) < result.size) fillWith(result, 0);
  if (sizeOf(to.shape) > 0) copyto(borrow(result, to), borrow(x, from));
  return result;
}

/** Contiguous elements in another shape. */
function contiguous({ offset }: NdArray, shape: Shape): View {
  return { shape, strides: contiguousStrides(shape), offset };
}

function flipAxis({ shape, strides, offset }: View, axis: number): View {
  const [length, stride] = [shape[axis] as number, strides[axis] as number];
  return { shape, strides: strides.with(axis, -stride), offset: offset + (length - 1) * stride };
}

/** The first two axes exchanged. */
function exchangeFirst(x: NdArray): View {
  return permuteAxes(x, [1, 0, ...x.shape.slice(2).map((_, i) => 2 + i)]);
}

function at(list: readonly number[], i: number): number {
  return list[i] as number;
}

const one = (): 1 => 1;
const zero = (): 0 => 0;
