/** Convolutions and their gradients in plain loops and float64. */
import type { NdArray, ConvolutionGeometry } from "@chain/array";

/** Numbers that a product of three belongs to: positions in x, w and the output. */
type Visit = (x: number, w: number, y: number) => void;

/** Visits every product `x · w` that is added up in an element of the output; all arrays in C order. */
export function forEachProduct(
  x: readonly number[],
  w: readonly number[],
  y: readonly number[],
  { stride, pad, dilate, groups }: ConvolutionGeometry,
  visit: Visit,
): void {
  const [outputs, inner] = [w[0] as number, w[1] as number];
  for (const [yAt, [n, o, ...p]] of positions(y)) {
    const group = Math.floor((o as number) / (outputs / groups));
    for (const [kAt, [c, ...k]] of positions(w.slice(1))) {
      const at = p.map((start, i) => start * num(stride, i) + num(k, i) * num(dilate, i) - num(pad, i));
      if (at.some((position, i) => position < 0 || position >= num(x, i + 2))) continue;
      const index = [n as number, group * inner + (c as number), ...at];
      const xAt = index.reduce((flat, position, axis) => flat * num(x, axis) + position, 0);
      visit(xAt, (o as number) * sizeOf(w.slice(1)) + kAt, yAt);
    }
  }
}

/** Adds the products of two arrays up in a third, at the positions that `forEachProduct` gives. */
export function accumulate(
  shapes: { readonly x: readonly number[]; readonly w: readonly number[]; readonly y: readonly number[] },
  geometry: ConvolutionGeometry,
  operands: { readonly x?: NdArray; readonly w?: NdArray; readonly y?: NdArray },
): Float64Array {
  const [x, w, y] = [operands.x, operands.w, operands.y].map((array) => array?.dataSync());
  const missing = x === undefined ? "x" : w === undefined ? "w" : "y";
  const result = new Float64Array(sizeOf(shapes[missing]));
  const factor = (values: ArrayLike<number> | undefined, at: number): number => values?.[at] ?? 1;
  forEachProduct(shapes.x, shapes.w, shapes.y, geometry, (xAt, wAt, yAt) => {
    const at = { x: xAt, w: wAt, y: yAt }[missing];
    result[at] = num(result, at) + factor(x, xAt) * factor(w, wAt) * factor(y, yAt);
  });
  return result;
}

/** Flat and separate positions of all elements. */
function* positions(shape: readonly number[]): Generator<[number, number[]]> {
  const size = sizeOf(shape);
  for (let flat = 0; flat < size; flat++) {
    const index: number[] = [];
    let rest = flat;
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      index.unshift(rest % num(shape, axis));
      rest = Math.floor(rest / num(shape, axis));
    }
    yield [flat, index];
  }
}

function sizeOf(shape: readonly number[]): number {
  return shape.reduce((product, length) => product * length, 1);
}

function num(values: ArrayLike<number>, i: number): number {
  return values[i] as number;
}
