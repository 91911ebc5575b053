import { array, type NdArray } from "@chain/array";

/** Numbers in [0, 1) that are the same in every run (the mulberry32 generator). */
function generator(seed: number): () => number {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

/**
 * One direction in the space of all `arrays` together, of length 1 and with no component near zero, so that no element's
 * gradient escapes a check along it.
 */
export function randomDirections(arrays: readonly NdArray[], seed: number): Float64Array[] {
  const random = generator(seed);
  const directions = arrays.map(({ size }) =>
    Float64Array.from({ length: size }, () => (random() < 0.5 ? -1 : 1) * (0.25 + 0.75 * random())),
  );
  let squares = 0;
  for (const direction of directions) for (const d of direction) squares += d * d;
  const length = Math.sqrt(squares) || 1;
  return directions.map((direction) => direction.map((d) => d / length));
}

/** `x + factor · direction`, as a new array. */
export async function moved(x: NdArray, direction: Float64Array, factor: number): Promise<NdArray> {
  const elements = await x.data();
  const values = direction.map((d, i) => (elements[i] as number) + factor * d);
  return array(values, { dtype: x.dtype, device: x.device }).reshape(x.shape);
}

/** `Σ a · b`, in float64. */
export async function innerProduct(a: NdArray, b: NdArray | Float64Array): Promise<number> {
  const left = await a.data();
  const right = b instanceof Float64Array ? b : await b.data();
  let sum = 0;
  for (let i = 0; i < left.length; i++) sum += (left[i] as number) * (right[i] as number);
  return sum;
}
