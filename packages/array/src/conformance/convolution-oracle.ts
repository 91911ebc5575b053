/** Convolutions and their gradients in plain loops and float64. */
import type { ConvolutionGeometry } from "../routines.js";
import { sizeOf, type Shape } from "../shape.js";

/** Shapes of a convolution, and its geometry. */
export interface ConvolutionCase {
  readonly x: Shape;
  readonly w: Shape;
  readonly out: Shape;
  readonly geometry: ConvolutionGeometry;
}

/** Calls `visit` with the flat positions in x, w and out of every product that a convolution adds up. */
function forEachProduct(
  { x, w, out, geometry }: ConvolutionCase,
  visit: (x: number, w: number, out: number) => void,
): void {
  const [batch, channels, ...input] = x as [number, number, ...number[]];
  const [outputs, inner, ...kernel] = w as [number, number, ...number[]];
  const [inputSize, kernelSize, outSize] = [sizeOf(input), sizeOf(kernel), sizeOf(out.slice(2))];
  const perGroup = outputs / geometry.groups;
  const places = inputPositions(input, kernel, out.slice(2), geometry);
  for (let n = 0; n < batch; n++) {
    for (let o = 0; o < outputs; o++) {
      const group = (o - (o % perGroup)) / perGroup;
      for (let c = 0; c < inner; c++) {
        const image = (n * channels + group * inner + c) * inputSize;
        const weights = (o * inner + c) * kernelSize;
        const results = (n * outputs + o) * outSize;
        for (let p = 0; p < outSize; p++) {
          for (let k = 0; k < kernelSize; k++) {
            const place = places[p * kernelSize + k] as number;
            if (place >= 0) visit(image + place, weights + k, results + p);
          }
        }
      }
    }
  }
}

/** Where in the input the elements of the kernel lie, for each window; negative outside. */
function inputPositions(input: Shape, kernel: Shape, positions: Shape, geometry: ConvolutionGeometry): Int32Array {
  const { stride, pad, dilate } = geometry;
  const [kernelSize, outSize] = [sizeOf(kernel), sizeOf(positions)];
  const placeOf = (window: number, element: number): number => {
    let [p, k, at, unit] = [window, element, 0, 1];
    for (let axis = input.length - 1; axis >= 0; axis--) {
      const [length, size, count] = [input[axis], kernel[axis], positions[axis]] as [number, number, number];
      const along =
        (p % count) * (stride[axis] as number) + (k % size) * (dilate[axis] as number) - (pad[axis] as number);
      if (along < 0 || along >= length) return -1;
      at += along * unit;
      unit *= length;
      p = (p - (p % count)) / count;
      k = (k - (k % size)) / size;
    }
    return at;
  };
  return Int32Array.from({ length: outSize * kernelSize }, (_, i) =>
    placeOf((i - (i % kernelSize)) / kernelSize, i % kernelSize),
  );
}

/** `Routines.convolution` without an epilogue. */
export function convolutionOf(shapes: ConvolutionCase, x: ArrayLike<number>, w: ArrayLike<number>): Float64Array {
  const result = new Float64Array(sizeOf(shapes.out));
  forEachProduct(shapes, (i, k, p) => (result[p] = (result[p] as number) + (x[i] as number) * (w[k] as number)));
  return result;
}

/** `Routines.convolutionGradInput`. */
export function gradInputOf(shapes: ConvolutionCase, gy: ArrayLike<number>, w: ArrayLike<number>): Float64Array {
  const result = new Float64Array(sizeOf(shapes.x));
  forEachProduct(shapes, (i, k, p) => (result[i] = (result[i] as number) + (gy[p] as number) * (w[k] as number)));
  return result;
}

/** `Routines.convolutionGradWeight`. */
export function gradWeightOf(shapes: ConvolutionCase, x: ArrayLike<number>, gy: ArrayLike<number>): Float64Array {
  const result = new Float64Array(sizeOf(shapes.w));
  forEachProduct(shapes, (i, k, p) => (result[k] = (result[k] as number) + (x[i] as number) * (gy[p] as number)));
  return result;
}
