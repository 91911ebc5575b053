/** Matrix products and convolutions in every way that there is, whatever the adapter, against sums in float64. */
import { expect, test } from "@jest/globals";
import { createWebGpuBackend, type WebGpuOptions } from "../../../src/backends/webgpu/index.js";
import { partsOf, type chooseProduct } from "../../../src/backends/webgpu/product-method.js";
import { gpuRoutines } from "../../../src/backends/webgpu/routines.js";
import { lookupTable, quadTable, tileTables } from "../../../src/backends/webgpu/matmul-table.js";
import { expectElements } from "../../../src/conformance/compare.js";
import {
  array,
  convolution,
  convolutionGradInput,
  convolutionGradWeight,
  getItem,
  matmulInto,
  openDevice,
  registerBackend,
  slice,
  swapaxes,
  type DType,
  type NdArray,
} from "../../../src/index.js";
import { describeGpu } from "./gpu.js";

/** Every way to compute a product, by a name of its own. */
const ways = new Map<string, { readonly options: WebGpuOptions; readonly choose: typeof chooseProduct }>();

// Shaders take a software GPU up to seconds to compile, so what is independent of each other is varied together.
[...quadTable, ...lookupTable].forEach(({ tiles }, i) => {
  const [exchange, parts] = [i % 2 === 0, i % 3 === 2 ? 3 : 1];
  const size = `${tiles.rows}×${4 * tiles.fours}×${tiles.unroll}`;
  ways.set(`${size} by quads${exchange ? "" : ", alone"}, ${parts} parts`, {
    options: { kind: "software" },
    choose: (_, { depth }) => ({ method: { by: "quads", tiles, exchange }, ...partsOf(depth, parts, 4) }),
  });
});
tileTables.discrete.forEach(({ tiles }, i) => {
  const parts = i % 2 === 0 ? 3 : 1;
  ways.set(`${tiles.rows}×${tiles.columns}×${tiles.depth} by tiles, ${parts} parts`, {
    options: { kind: "discrete" },
    choose: (_, { depth }, { a, b }) => ({
      method: { by: "tiles", tiles, a, b },
      ...partsOf(depth, parts, tiles.depth),
    }),
  });
});

for (const [name, { options, choose }] of ways) {
  registerBackend(name, async () => {
    const backend = await createWebGpuBackend({ ...options, name });
    backend.routines = gpuRoutines(backend, choose);
    return backend;
  });
}

/** How a matrix (or a stack of them) lies in memory: as it comes, transposed, from an odd position on, or backwards. */
const layouts = ["plain", "transposed", "shifted", "transposed and shifted", "backwards"] as const;
type Layout = (typeof layouts)[number];

function lay(
  values: readonly number[],
  shape: readonly number[],
  layout: Layout,
  dtype: DType,
  device: string,
): NdArray {
  const [rows, columns] = shape.slice(-2) as [number, number];
  const lead = shape.slice(0, -2);
  const size = rows * columns;
  const from = (all: readonly number[], place: (within: number) => number): number[] =>
    all.map((_, i) => all[i - (i % size) + place(i % size)] as number);
  const make = (all: readonly number[], stored: readonly number[]): NdArray => {
    if (!layout.endsWith("shifted")) return array(all, { dtype, device }).reshape([...stored]);
    return getItem(array([9, ...all], { dtype, device }), [slice(1, null)]).reshape([...stored]);
  };
  if (layout.startsWith("transposed")) {
    const turned = from(values, (within) => (within % rows) * columns + Math.floor(within / rows));
    return swapaxes(make(turned, [...lead, columns, rows]), -1, -2);
  }
  if (layout !== "backwards") return make(values, shape);
  const reversed = make(
    from(values, (within) => size - 1 - within),
    shape,
  );
  const whole = lead.map(() => slice(null));
  return getItem(reversed, [...whole, slice(null, null, -1), slice(null, null, -1)]);
}

interface Size {
  readonly batch: number;
  readonly m: number;
  readonly n: number;
  readonly k: number;
}

/** Within one tile, beyond the edges of some, multiples of four and not, sums short and long. */
const sizes: readonly Size[] = [
  { batch: 1, m: 1, n: 1, k: 1 },
  { batch: 1, m: 5, n: 3, k: 37 },
  { batch: 1, m: 68, n: 140, k: 24 },
  { batch: 2, m: 131, n: 17, k: 52 },
  { batch: 3, m: 4, n: 8, k: 12 },
];

const combinations: readonly (readonly [Layout, Layout])[] = [
  ...layouts.map((layout): [Layout, Layout] => [layout, "plain"]),
  ["plain", "transposed"],
  ["transposed", "transposed"],
  ["shifted", "transposed and shifted"],
  ["backwards", "shifted"],
];

/** Small numbers of few digits: sums are exact, whatever their order, in float32 and, rounded once, in float16. */
function numbers(length: number, seed: number): number[] {
  return Array.from({ length }, (_, i) => (((i * seed + 3) % 13) - 6) / 4);
}

describeGpu("matrix products in every way", () => {
  test.each([...ways.keys()].map((device, at) => ({ device, at })))("$device", async ({ device, at: way }) => {
    await openDevice(device);
    // Some layouts for each way, of other sizes, dtypes and extras each.
    for (let i = way; i < way + 5; i++) {
      const [first, second] = combinations[(2 * i) % combinations.length] as (typeof combinations)[number];
      const { batch, m, n, k } = sizes[i % sizes.length] as Size;
      const dtype: DType = i % 2 === 0 ? "float32" : "float16";
      const [biased, relu, accumulate] = [i % 3 !== 0, i % 4 === 1, i % 5 === 2];
      const [x, y] = [numbers(batch * m * k, 5), numbers(batch * k * n, 11)];
      const [bias, before] = [numbers(n, 3), numbers(batch * m * n, 7)];
      const expected = Array.from({ length: batch * m * n }, (_, at) => {
        const [matrix, row, column] = [Math.floor(at / (m * n)), Math.floor(at / n) % m, at % n];
        let sum = (biased ? (bias[column] as number) : 0) + (accumulate ? (before[at] as number) : 0);
        for (let q = 0; q < k; q++) {
          sum += (x[(matrix * m + row) * k + q] as number) * (y[(matrix * k + q) * n + column] as number);
        }
        return relu ? Math.max(0, sum) : sum;
      });
      const lead = batch === 1 ? [] : [batch];
      const a = lay(x, [...lead, m, k], first, dtype, device);
      const b = lay(y, [...lead, k, n], second, dtype, device);
      const product = matmulInto(a, b, {
        bias: biased ? array(bias, { dtype, device }) : null,
        activation: relu ? "relu" : "none",
        ...(accumulate ? { accumulate, out: array(before, { dtype, device }).reshape([...lead, m, n]) } : {}),
      });
      const label = `${dtype}, ${batch} of ${m}×${k} (${first}) by ${k}×${n} (${second})`;
      expectElements(await product.data(), expected, dtype, {}, (at) => `${label}, at ${at}`);
    }
  });

  test("all tiles of the tables are among them", () => {
    const all = [...quadTable, ...lookupTable, ...tileTables.discrete];
    expect(ways.size).toBe(new Set(all.map(({ tiles }) => JSON.stringify(tiles))).size);
    const tiles = tileTables.discrete.map((line) => line.tiles);
    expect(tiles).toEqual(expect.arrayContaining(tileTables.integrated.map((line) => line.tiles)));
  });
});

describeGpu("convolutions whose sums fall into parts", () => {
  const device = [...ways.keys()].find((name) => name.endsWith("by tiles, 3 parts")) as string;
  const geometries = [
    { x: [2, 4, 9, 7], w: [6, 2, 3, 2], options: { stride: [2, 1], pad: [1, 0], groups: 2 } },
    { x: [3, 3, 20], w: [5, 3, 4], options: { dilate: 2, pad: 2 } },
  ] as const;

  test.each(["float32", "float16"] as const)("%s", async (dtype) => {
    await openDevice(device);
    for (const { x, w, options } of geometries) {
      const volume = (shape: readonly number[]): number => shape.reduce((product, length) => product * length, 1);
      const results = [device, "cpu"].map((on) => {
        const make = (shape: readonly number[], seed: number): NdArray =>
          array(numbers(volume(shape), seed), { dtype, device: on }).reshape([...shape]);
        const [images, weights] = [make(x, 5), make(w, 11)];
        const y = convolution(images, weights, { ...options, bias: make([w[0]], 3), activation: "relu" });
        const gy = make(y.shape, 7);
        const gx = convolutionGradInput(gy, weights, x.slice(2), options);
        return [y, gx, convolutionGradWeight(images, gy, w.slice(2), options)];
      });
      const [found, wanted] = await Promise.all(results.map((all) => Promise.all(all.map((result) => result.data()))));
      // Sums are exact, so there is one rounding in both.
      wanted?.forEach((elements, i) => expectElements(found?.[i] ?? [], [...elements], dtype));
    }
  });
});
