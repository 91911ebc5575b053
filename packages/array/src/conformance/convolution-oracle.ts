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
  const positions = out.slice(2);
  const [inputSize, kernelSize, outSize] = [sizeOf(input), sizeOf(kernel), sizeOf(positions)];
  for (let n = 0; n < batch; n++) {
    for (let o = 0; o < outputs; o++) {
      const group = Math.floor(o / (outputs / geometry.groups));
      for (let c = 0; c < inner; c++) {
        for (let p = 0; p < outSize; p++) {
          for (let k = 0; k < kernelSize; k++) {
            const at = inputPosition(input, kernel, positions, p, k, geometry);
            if (at === null) continue;
            const channel = group * inner + c;
            visit(
              (n * channels + channel) * inputSize + at,
              (o * inner + c) * kernelSize + k,
              (n * outputs + o) * outSize + p,
            );
          }
        }
      }
    }
  }
}

/** Where in the input element `k` of the kernel lies for window `p`; null outside. */
function inputPosition(
  input: Shape,
  kernel: Shape,
  positions: Shape,
  p: number,
  k: number,
  { stride, pad, dilate }: ConvolutionGeometry,
): number | null {
  let at = 0;
  let unit = 1;
  for (let axis = input.length - 1; axis >= 0; axis--) {
    const [length, size, count] = [input[axis], kernel[axis], positions[axis]] as [number, number, number];
    const along =
      (p % count) * (stride[axis] as number) + (k % size) * (dilate[axis] as number) - (pad[axis] as number);
    if (along < 0 || along >= length) return null;
    at += along * unit;
    unit *= length;
    p = Math.floor(p / count);
    k = Math.floor(k / size);
  }
  return at;
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
