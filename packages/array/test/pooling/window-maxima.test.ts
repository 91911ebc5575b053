/** Maxima of windows by the CPU's routine, and the way back, against loops over windows. */
import { beforeAll, describe, expect, test } from "@jest/globals";
import { createCpuBackend } from "../../src/backends/cpu/index.js";
import { fromElements } from "../../src/creation/from-host.js";
import { array, putIntoWindows, windowMaxima, zeros, type NdArray, type WindowGeometry } from "../../src/index.js";
import { fc } from "../../../../testing/property.js";
import { double, startThreads } from "../backends/cpu/several-threads.js";

const single = createCpuBackend({ threads: 1 });
beforeAll(startThreads);

/** Numbers of which many are equal, and some are none. */
function numbers(length: number, seed: number): Float32Array {
  let state = seed;
  return Float32Array.from({ length }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state % 61 === 0 ? NaN : (state >>> 24) % 12;
  });
}

/** All positions in an array of a shape, in C order. */
function positions(shape: readonly number[]): number[][] {
  return shape.reduce<number[][]>(
    (found, length) => found.flatMap((at) => Array.from({ length }, (_, i) => [...at, i])),
    [[]],
  );
}

interface Found {
  readonly value: number;
  readonly place: number;
  /** Where it is in the flattened channel; null for the border. */
  readonly at: number | null;
}

/** For every window of a channel, its largest element: NaN before all others, the first of equals. */
function search(
  channel: ArrayLike<number>,
  input: readonly number[],
  out: readonly number[],
  geometry: WindowGeometry,
): Found[] {
  const { pad, size, stride } = geometry;
  return positions(out).map((window) => {
    let best: Found = { value: -Infinity, place: 0, at: null };
    positions(size).forEach((inside, place) => {
      const where = inside.map((k, i) => (window[i] as number) * (stride[i] as number) + k - (pad[i] as number));
      if (where.some((p, i) => p < 0 || p >= (input[i] as number))) return;
      const at = where.reduce((flat, p, i) => flat * (input[i] as number) + p, 0);
      const value = channel[at] as number;
      const wins = !Number.isNaN(best.value) && (Number.isNaN(value) || value > best.value);
      if (wins || (place === 0 && value === -Infinity)) best = { value, place, at };
    });
    return best;
  });
}

function outsizeOf(input: readonly number[], { size, stride, pad }: WindowGeometry, more: number): number[] {
  return input.map(
    (length, i) =>
      Math.floor((length + 2 * (pad[i] as number) - (size[i] as number)) / (stride[i] as number)) + 1 + more,
  );
}

function check(
  input: readonly number[],
  geometry: WindowGeometry,
  more = 0,
  lead: readonly [number, number] = [2, 3],
): void {
  const out = outsizeOf(input, geometry, more);
  const channels = lead[0] * lead[1];
  const elements = input.reduce((product, n) => product * n, 1);
  const windows = out.reduce((product, n) => product * n, 1);
  const values = numbers(channels * elements, elements + 7);
  const gradients = Float32Array.from({ length: channels * windows }, (_, i) => (i % 17) + 1);
  const found = Array.from({ length: channels }, (_, c) =>
    search(values.subarray(c * elements, (c + 1) * elements), input, out, geometry),
  );
  const summed = new Float32Array(channels * elements);
  found.forEach((list, c) =>
    list.forEach(({ at }, i) => {
      if (at !== null) (summed[c * elements + at] as number) += gradients[c * windows + i] as number;
    }),
  );
  for (const backend of [single, double]) {
    const x = fromElements(values, "float32", [...lead, ...input], backend);
    const maxima = windowMaxima(x, out, geometry);
    const last = input.length - 1;
    // Rows of four windows or more, no more than two elements apart.
    const suited = (out[last] as number) >= 4 && (geometry.stride[last] as number) <= 2;
    expect(maxima !== null).toBe(suited);
    if (maxima !== null) {
      expect([maxima.values.shape, maxima.places.shape]).toEqual([
        [...lead, ...out],
        [...lead, ...out],
      ]);
      expect(Array.from(maxima.values.dataSync())).toEqual(found.flat().map(({ value }) => value));
      expect(Array.from(maxima.places.dataSync())).toEqual(found.flat().map(({ place }) => place));
    }
    const places = fromElements(
      Int32Array.from(found.flat(), ({ place }) => place),
      "int32",
      [...lead, ...out],
      backend,
    );
    const gy = fromElements(gradients, "float32", [...lead, ...out], backend);
    const gx = putIntoWindows(gy, places, input, geometry) as NdArray;
    expect(gx.shape).toEqual([...lead, ...input]);
    expect(Array.from(gx.dataSync())).toEqual(Array.from(summed));
  }
}

test.each<[number[], number[], number[], number[], number]>([
  [[9], [3], [2], [0], 0],
  [[16], [4], [1], [2], 0],
  [[8, 8], [2, 2], [2, 2], [0, 0], 0],
  [[9, 11], [3, 3], [2, 2], [0, 0], 0],
  [[12, 13], [3, 3], [2, 2], [1, 1], 0],
  [[12, 13], [3, 3], [1, 1], [1, 1], 0],
  [[7, 10], [2, 3], [3, 1], [0, 2], 0],
  [[10, 10], [3, 3], [2, 2], [0, 0], 1],
  [[5, 9], [1, 1], [2, 2], [0, 0], 0],
  [[14, 14], [5, 4], [3, 3], [1, 1], 0],
  [[3, 3], [2, 2], [1, 1], [0, 0], 0],
  [[4, 6, 9], [2, 3, 2], [1, 2, 2], [1, 0, 1], 0],
  [[40, 33], [3, 3], [2, 2], [1, 1], 0],
])("windows on %j of %j, stride %j, pad %j, and %p more", (input, size, stride, pad, more) => {
  check(input, { size, stride, pad }, more);
});

test("many channels, which threads share", () =>
  check([20, 20], { size: [3, 3], stride: [2, 2], pad: [1, 1] }, 0, [16, 24]));

test("sizes of all kinds", () => {
  const along = fc.record({
    length: fc.integer({ min: 1, max: 14 }),
    size: fc.integer({ min: 1, max: 5 }),
    stride: fc.integer({ min: 1, max: 3 }),
    pad: fc.integer({ min: 0, max: 3 }),
  });
  fc.assert(
    fc.property(along, along, (rows, columns) => {
      const axes = [rows, columns];
      fc.pre(axes.every(({ length, pad, size }) => length + 2 * pad >= size && pad < size));
      const geometry = {
        size: axes.map(({ size }) => size),
        stride: axes.map(({ stride }) => stride),
        pad: axes.map(({ pad }) => pad),
      };
      check(
        axes.map(({ length }) => length),
        geometry,
        0,
        [1, 2],
      );
    }),
    { numRuns: 60 },
  );
});

describe("what the routine is not for", () => {
  const geometry = { size: [2, 2], stride: [2, 2], pad: [0, 0] };
  test("large windows", () => {
    const large = { size: [6, 6], stride: [1, 1], pad: [0, 0] };
    expect(windowMaxima(zeros([1, 1, 12, 12]), [7, 7], large)).toBeNull();
  });

  test("other dtypes and devices, and nothing at all", () => {
    for (const options of [{ dtype: "float64" }, { dtype: "float16" }, { device: "js" }] as const) {
      const x = zeros([1, 1, 8, 8], { dtype: "float32", ...options });
      expect(windowMaxima(x, [4, 4], geometry)).toBeNull();
      expect(
        putIntoWindows(
          zeros([1, 1, 4, 4], { dtype: "float32", ...options }),
          zeros([1, 1, 4, 4], { dtype: "int32" }),
          [8, 8],
          geometry,
        ),
      ).toBeNull();
    }
    expect(windowMaxima(zeros([0, 1, 8, 8]), [4, 4], geometry)).toBeNull();
    expect(putIntoWindows(zeros([1, 1, 4, 4]), zeros([1, 1, 4, 4], { dtype: "uint8" }), [8, 8], geometry)).toBeNull();
  });

  test("places that are none", () => {
    const gy = array([[[[1, 2, 3, 4]]]]);
    const places = array([[[[0, -1, 4, 3]]]], { dtype: "int32" });
    const gx = putIntoWindows(gy, places, [2, 8], geometry) as NdArray;
    expect(gx.tolistSync()).toEqual([[[[1, 0, 0, 0, 0, 0, 0, 0], [0, 0, 0, 0, 0, 0, 0, 4]]]]); // prettier-ignore
  });

  test("arrays in another layout are copied", () => {
    const x = array(numbers(2 * 9 * 8, 3))
      .reshape(1, 9, 8, 2)
      .transpose([0, 3, 1, 2]);
    const own = windowMaxima(x, [4, 4], geometry);
    const copied = windowMaxima(x.copy(), [4, 4], geometry);
    expect(own?.values.tolistSync()).toEqual(copied?.values.tolistSync());
    expect(own?.places.tolistSync()).toEqual(copied?.places.tolistSync());
  });
});
