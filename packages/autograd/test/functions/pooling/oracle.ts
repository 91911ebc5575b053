/** Pooling window by window in plain TypeScript. */

/** How windows lie along one axis. */
export interface Axis {
  readonly length: number;
  readonly size: number;
  readonly stride: number;
  readonly pad: number;
}

/** Number of windows on an axis, found by laying them down one by one. */
export function countOf({ length, size, stride, pad }: Axis, coverAll: boolean): number {
  let count = 0;
  if (!coverAll) while (count * stride + size <= length + 2 * pad) count++;
  else while (count === 0 || (count - 1) * stride + size < length + 2 * pad) count++;
  return count;
}

/** One window: its elements by their place in the flattened window; undefined where the border is. */
export type Window = (number | undefined)[];

/** Positions in `(rows, …lengths)` of the elements of every window, in order. */
export function windowsOf(rows: number, axes: readonly Axis[], coverAll: boolean): Window[] {
  const counts = axes.map((axis) => countOf(axis, coverAll));
  const windows: Window[] = [];
  for (let row = 0; row < rows; row++) {
    for (const at of places(counts)) {
      windows.push(
        places(axes.map(({ size }) => size)).map((inside) => {
          let position = row;
          for (const [i, { length, stride, pad }] of axes.entries()) {
            const place = (at[i] as number) * stride - pad + (inside[i] as number);
            if (place < 0 || place >= length) return undefined;
            position = position * length + place;
          }
          return position;
        }),
      );
    }
  }
  return windows;
}

/** All indices of an array of a shape, in C order. */
export function places(shape: readonly number[]): number[][] {
  return shape.reduce<number[][]>(
    (found, length) => found.flatMap((place) => Array.from({ length }, (_, i) => [...place, i])),
    [[]],
  );
}

/** The largest value and its place as NumPy finds them: NaN is the largest, the first of equals counts. */
export function maximum(window: Window, values: readonly number[]): { value: number; place: number } {
  let [value, place] = [-Infinity, 0];
  window.forEach((position, i) => {
    const v = position === undefined ? -Infinity : (values[position] as number);
    if (!Number.isNaN(value) && (Number.isNaN(v) || v > value)) [value, place] = [v, i];
  });
  return { value, place };
}
