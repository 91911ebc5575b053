import { fromElements } from "../creation/from-host.js";
import type { DType, TypedArray } from "../dtype.js";
import { readNow } from "../indexing/read-now.js";
import type { NdArray } from "../ndarray.js";
import type { Shape } from "../shape.js";
import { rowSorter } from "./host-order.js";

/** What {@link unique} returns besides the elements. */
export interface UniqueOptions {
  /** Also where each first occurs in the flattened array, int32. */
  readonly returnIndex?: boolean;
  /** Also which of them every element of the flattened array is, int32. */
  readonly returnInverse?: boolean;
  /** Also how often each occurs, int32. */
  readonly returnCounts?: boolean;
}

/** Options that ask for a list. */
export type UniqueListOptions = UniqueOptions &
  ({ readonly returnIndex: true } | { readonly returnInverse: true } | { readonly returnCounts: true });

/**
 * The different elements of an array, in ascending order, NaN once and last (NumPy's `unique`). With options, a list:
 * the elements, then first positions, inverse and counts, as far as they were asked for.
 *
 * @throws DeviceError on devices that cannot be read synchronously: use `await uniqueAsync(x)`.
 */
export function unique(x: NdArray): NdArray;
export function unique(x: NdArray, options: UniqueListOptions): NdArray[];
export function unique(x: NdArray, options?: UniqueOptions): NdArray | NdArray[];
export function unique(x: NdArray, options: UniqueOptions = {}): NdArray | NdArray[] {
  return uniqueOf(x, readNow(x, "unique", "use await uniqueAsync(x)"), options);
}

/** {@link unique} on devices of every kind. */
export async function uniqueAsync(x: NdArray): Promise<NdArray>;
export async function uniqueAsync(x: NdArray, options: UniqueListOptions): Promise<NdArray[]>;
export async function uniqueAsync(x: NdArray, options?: UniqueOptions): Promise<NdArray | NdArray[]>;
export async function uniqueAsync(x: NdArray, options: UniqueOptions = {}): Promise<NdArray | NdArray[]> {
  return uniqueOf(x, await x.data(), options);
}

function uniqueOf(x: NdArray, values: TypedArray, options: UniqueOptions): NdArray | NdArray[] {
  const order = new Int32Array(values.length);
  rowSorter(values, x.dtype, values.length)(0, order);
  const first: number[] = [];
  const counts: number[] = [];
  const inverse = new Int32Array(values.length);
  for (const position of order) {
    const value = values[position] as number;
    const known = values[first.at(-1) ?? -1];
    if (known === undefined || (value !== known && !(Number.isNaN(value) && Number.isNaN(known)))) {
      first.push(position);
      counts.push(0);
    }
    const current = counts.length - 1;
    counts[current] = (counts[current] as number) + 1;
    inverse[position] = current;
  }
  const made = (list: ArrayLike<number>, dtype: DType, shape: Shape = [list.length]): NdArray =>
    fromElements(list, dtype, shape, x.storage.backend);
  const elements = made(
    first.map((position) => values[position] as number),
    x.dtype,
  );
  const { returnIndex = false, returnInverse = false, returnCounts = false } = options;
  if (!returnIndex && !returnInverse && !returnCounts) return elements;
  return [
    elements,
    ...(returnIndex ? [made(first, "int32")] : []),
    ...(returnInverse ? [made(inverse, "int32")] : []),
    ...(returnCounts ? [made(counts, "int32")] : []),
  ];
}
