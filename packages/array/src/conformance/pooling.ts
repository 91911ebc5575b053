/** The routines of pooling, where a backend has them, against what windows are by definition. */
import type { DType } from "../dtype.js";
import type { NdArray } from "../ndarray.js";
import { putIntoWindows, windowMaxima } from "../pooling/window-maxima.js";
import { spreadOverWindows, windowSums } from "../pooling/window-sums.js";
import { sizeOf, type Shape } from "../shape.js";
import { expectArray } from "./compare.js";
import { define, type CaseDefinition, type Context } from "./context.js";
import { randomNumbers } from "./samples.js";

/** How windows lie along one axis. */
interface Along {
  readonly size: number;
  readonly stride: number;
  readonly pad: number;
  readonly length: number;
  readonly count: number;
}

const along = (size: number, stride: number, pad: number, length: number, count: number): Along => ({
  size,
  stride,
  pad,
  length,
  count,
});

/** What lies before the axes of the windows, and those: apart, overlapping, with gaps, reaching over both ends, long. */
const geometries: readonly (readonly [lead: readonly number[], windows: readonly Along[]])[] = [
  [[2, 3], [along(2, 2, 0, 8, 4)]],
  [
    [2, 2],
    [along(2, 2, 0, 6, 3), along(2, 2, 0, 4, 2)],
  ],
  [
    [1, 3],
    [along(3, 2, 1, 7, 4), along(3, 1, 1, 5, 5)],
  ],
  [
    [2, 1],
    [along(2, 3, 0, 8, 3), along(1, 2, 0, 5, 3)],
  ],
  [
    [1, 2],
    [along(3, 2, 0, 6, 3), along(5, 5, 2, 9, 3)],
  ],
  [
    [1, 2],
    [along(2, 1, 1, 3, 4), along(3, 2, 0, 5, 2), along(2, 2, 0, 4, 2)],
  ],
  [
    [2, 2],
    [along(9, 9, 0, 18, 2), along(10, 3, 2, 12, 3)],
  ],
];

/** For every window, the elements inside the axes: where they are, and their positions in the flattened window. */
function elementsOf(windows: readonly Along[]): { at: number; place: number }[][] {
  return windows.reduce<{ at: number; place: number }[][]>(
    (outer, { size, stride, pad, length, count }) =>
      outer.flatMap((found) =>
        Array.from({ length: count }, (_, o) =>
          found.flatMap(({ at, place }) =>
            Array.from({ length: size }, (__, q) => ({ position: o * stride - pad + q, q }))
              .filter(({ position }) => position >= 0 && position < length)
              .map(({ position, q }) => ({ at: at * length + position, place: place * size + q })),
          ),
        ),
      ),
    [[{ at: 0, place: 0 }]],
  );
}

async function check({ array }: Context, dtype: "float32" | "float64" | "float16"): Promise<void> {
  for (const [lead, windows] of geometries) {
    const elements = elementsOf(windows);
    const [images, inSize] = [sizeOf(lead), sizeOf(windows.map(({ length }) => length))];
    const inShape = [...lead, ...windows.map(({ length }) => length)];
    const outShape = [...lead, ...windows.map(({ count }) => count)];
    // Halves of small whole numbers, many of them equal; some are NaN.
    const values = randomNumbers(images * inSize, -4, 4, 5).map((v, i) => (i % 29 === 7 ? NaN : Math.round(2 * v) / 2));
    const gradients = randomNumbers(images * elements.length, -4, 4, 6).map((v) => Math.round(2 * v) / 2);
    const plain = values.map((v) => (Number.isNaN(v) ? 1 : v));
    const maxima: number[] = [];
    const places: number[] = [];
    const sums: number[] = [];
    const [put, spread] = [new Float64Array(values.length), new Float64Array(values.length)];
    for (let image = 0; image < images; image++) {
      elements.forEach((inWindow, o) => {
        let best = inWindow[0];
        for (const element of inWindow) {
          const [x, y] = [values[image * inSize + element.at], values[image * inSize + (best?.at ?? 0)]] as [
            number,
            number,
          ];
          if (x > y || (Number.isNaN(x) && !Number.isNaN(y))) best = element;
        }
        const gradient = gradients[image * elements.length + o] as number;
        maxima.push(best === undefined ? -Infinity : (values[image * inSize + best.at] as number));
        places.push(best?.place ?? 0);
        if (best !== undefined) (put[image * inSize + best.at] as number) += gradient;
        sums.push(inWindow.reduce((sum, { at }) => sum + (plain[image * inSize + at] as number), 0) / 4);
        for (const { at } of inWindow) (spread[image * inSize + at] as number) += gradient / 4;
      });
    }
    const [x, gy] = [array(values, dtype, inShape), array(gradients, dtype, outShape)];
    const at = array(places, "int32", outShape);
    const geometry = {
      size: windows.map(({ size }) => size),
      stride: windows.map(({ stride }) => stride),
      pad: windows.map(({ pad }) => pad),
    };
    const [insize, outsize] = [inShape.slice(2), outShape.slice(2)];
    const found = windowMaxima(x, outsize, geometry);
    await expectIfThere(found?.values, maxima, dtype, outShape);
    await expectIfThere(found?.places, places, "int32", outShape);
    await expectIfThere(putIntoWindows(gy, at, insize, geometry), put, dtype, inShape);
    // Sums of so few such numbers are exact, whatever their order.
    await expectIfThere(windowSums(array(plain, dtype, inShape), outsize, geometry, 1 / 4), sums, dtype, outShape);
    await expectIfThere(spreadOverWindows(gy, insize, geometry, 1 / 4), spread, dtype, inShape);
  }
}

/** As {@link expectArray}, unless the backend leaves it to others. */
async function expectIfThere(x: NdArray | null | undefined, ...expected: Rest): Promise<void> {
  if (x !== null && x !== undefined) await expectArray(x, ...expected);
}

type Rest = readonly [values: ArrayLike<number>, dtype: DType, shape: Shape];

export const poolingCases: readonly CaseDefinition[] = (["float32", "float64", "float16"] as const).map((dtype) =>
  define(`pooling: ${dtype}, and its gradients`, [dtype], (context) => check(context, dtype)),
);
