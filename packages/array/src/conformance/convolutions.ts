/** Convolutions and their gradients, by the backend's routines and composed from kernels and products. */
import type { DType } from "../dtype.js";
import { composedConvolution, composedGradInput, composedGradWeight } from "../convolution/composed.js";
import { runConvolution, runGradInput, runGradWeight } from "../convolution/run.js";
import type { NdArray } from "../ndarray.js";
import { formatShape, sizeOf, type Shape } from "../shape.js";
import { expectArray } from "./compare.js";
import { define, type CaseDefinition, type Context } from "./context.js";
import { convolutionOf, gradInputOf, gradWeightOf, type ConvolutionCase } from "./convolution-oracle.js";
import { randomNumbers } from "./samples.js";

/** Batch, input channels, output channels; then lengths along the spatial axes. */
interface Sizes {
  readonly counts: readonly [batch: number, channels: number, outputs: number];
  readonly input: Shape;
  readonly kernel: Shape;
  readonly stride?: readonly number[];
  readonly pad?: readonly number[];
  readonly dilate?: readonly number[];
  readonly groups?: number;
  /** Windows more than fit. */
  readonly more?: number;
}

const small: readonly Sizes[] = [
  { counts: [1, 1, 1], input: [1], kernel: [1] },
  { counts: [2, 3, 4], input: [7], kernel: [3], pad: [1] },
  { counts: [2, 3, 2], input: [9], kernel: [2], stride: [2], dilate: [3], pad: [2] },
  { counts: [1, 1, 1], input: [1, 1], kernel: [3, 3], pad: [1, 1] },
  { counts: [2, 2, 3], input: [4, 5], kernel: [1, 1] },
  { counts: [2, 3, 5], input: [5, 7], kernel: [3, 3], pad: [1, 1] },
  { counts: [1, 3, 2], input: [6, 5], kernel: [3, 2], stride: [2, 1], pad: [0, 2] },
  { counts: [3, 4, 6], input: [7, 8], kernel: [3, 3], stride: [2, 2], pad: [1, 1], groups: 2 },
  { counts: [2, 4, 8], input: [6, 6], kernel: [3, 3], pad: [1, 1], groups: 4 },
  { counts: [2, 2, 2], input: [9, 8], kernel: [3, 2], dilate: [2, 3], pad: [3, 1] },
  { counts: [1, 2, 2], input: [5, 5], kernel: [2, 2], stride: [3, 3], more: 1 },
  { counts: [1, 2, 3], input: [4, 4], kernel: [1, 1], pad: [2, 1], stride: [2, 3] },
  { counts: [2, 2, 3], input: [3, 4, 5], kernel: [2, 3, 1], pad: [1, 0, 1], stride: [1, 2, 2] },
  { counts: [2, 4, 8], input: [6, 11], kernel: [3, 3], stride: [2, 2], pad: [1, 1], groups: 4 },
  { counts: [2, 3, 3], input: [9, 13], kernel: [3, 2], dilate: [2, 3], pad: [2, 1], groups: 3 },
  { counts: [3, 2, 4], input: [18], kernel: [5], stride: [2], pad: [3], groups: 2 },
  { counts: [1, 6, 4], input: [3, 4, 10], kernel: [2, 3, 3], pad: [1, 0, 1], groups: 2 },
  { counts: [2, 4, 4], input: [8, 9], kernel: [1, 1], stride: [2, 2], pad: [-1, -2], groups: 4 },
  { counts: [1, 2, 2], input: [4, 3, 2, 3], kernel: [2, 2, 1, 2], pad: [0, 1, 0, 1] },
];

/** Beyond the tiles and blocks of tuned routines. */
const large: readonly Sizes[] = [
  { counts: [2, 11, 19], input: [9, 37], kernel: [3, 3], pad: [1, 1] },
  { counts: [1, 34, 5], input: [7, 40], kernel: [5, 3], stride: [2, 2], pad: [2, 1] },
];

function caseOf(sizes: Sizes): ConvolutionCase {
  const { counts, input, kernel, groups = 1, more = 0 } = sizes;
  const [batch, channels, outputs] = counts;
  const same = (value: number): number[] => input.map(() => value);
  const { stride = same(1), pad = same(0), dilate = same(1) } = sizes;
  const out = input.map((length, i) => {
    const [k, s, p, d] = [kernel[i], stride[i], pad[i], dilate[i]] as [number, number, number, number];
    return Math.floor((length + 2 * p - (k - 1) * d - 1) / s) + 1 + more;
  });
  return {
    x: [batch, channels, ...input],
    w: [outputs, channels / groups, ...kernel],
    out: [batch, outputs, ...out],
    geometry: { stride, pad, dilate, groups },
  };
}

function describe({ x, w, geometry }: ConvolutionCase): string {
  const { stride, pad, dilate, groups } = geometry;
  return (
    `x ${formatShape(x)}, w ${formatShape(w)}, stride ${formatShape(stride)}, pad ${formatShape(pad)}, ` +
    `dilate ${formatShape(dilate)}, groups ${groups}`
  );
}

function numbersOf(shape: Shape, dtype: DType, seed: number): Float64Array {
  const floating = dtype.startsWith("float");
  const values = randomNumbers(sizeOf(shape), floating ? -2 : 0, floating ? 2 : 4, seed);
  return Float64Array.from(values, floating ? (value) => Math.round(value * 64) / 64 : Math.floor);
}

/** All three, for one geometry. */
async function check(
  { array }: Context,
  dtype: DType,
  shapes: ConvolutionCase,
  [forward, gradInput, gradWeight]: readonly [typeof runConvolution, typeof runGradInput, typeof runGradWeight],
): Promise<void> {
  const { x, w, out, geometry } = shapes;
  const [xs, ws, gys] = [x, w, out].map((shape, i) => numbersOf(shape, dtype, 3 + i)) as [
    Float64Array,
    Float64Array,
    Float64Array,
  ];
  const [ax, aw, agy] = [array(xs, dtype, x), array(ws, dtype, w), array(gys, dtype, out)];
  const bias = numbersOf([w[0] as number], dtype, 7);
  const what = (name: string) => (): string => `${name} of ${describe(shapes)}`;
  const expect = (actual: NdArray, expected: Float64Array, shape: Shape, name: string): Promise<void> => {
    const most = expected.reduce((largest, value) => Math.max(largest, Math.abs(value)), 1);
    const absolute = dtype === "float64" ? 1e-12 * most : dtype === "float32" ? 2e-6 * most : 0;
    return expectArray(actual, expected, dtype, shape, { absolute, ulps: dtype === "float16" ? 1 : 0 }, what(name));
  };
  const empty = (shape: Shape): NdArray => array(new Float64Array(sizeOf(shape)).fill(99), dtype, shape);

  const y = empty(out);
  const plain = convolutionOf(shapes, xs, ws);
  forward(ax, aw, y, geometry, { bias: null, activation: "none" });
  await expect(y, plain, out, "convolution");
  forward(ax, aw, y, geometry, { bias: array(bias, dtype), activation: "relu" });
  const each = sizeOf(out.slice(2));
  const biased = plain.map((value, i) => Math.max(0, value + (bias[Math.floor(i / each) % bias.length] as number)));
  await expect(y, biased, out, "convolution with bias and relu");

  const gx = empty(x);
  gradInput(agy, aw, gx, geometry);
  await expect(gx, gradInputOf(shapes, gys, ws), x, "gradient by the input");

  const gw = empty(w);
  gradWeight(ax, agy, gw, geometry);
  await expect(gw, gradWeightOf(shapes, xs, gys), w, "gradient by the weights");
}

const composed = [
  composedConvolution,
  (gy: NdArray, w: NdArray, gx: NdArray, geometry: ConvolutionCase["geometry"]) =>
    composedGradInput(gy, w, gx, geometry, composedConvolution),
  (x: NdArray, gy: NdArray, gw: NdArray, geometry: ConvolutionCase["geometry"]) =>
    composedGradWeight(x, gy, gw, geometry, composedConvolution),
] as const;

const chosen = [runConvolution, runGradInput, runGradWeight] as const;

export const convolutionCases: readonly CaseDefinition[] = [
  ...(["float32", "float64", "float16", "int32"] as const).map((dtype) =>
    define(`convolution: ${dtype}, and its gradients`, [dtype], async (context) => {
      for (const sizes of small) await check(context, dtype, caseOf(sizes), chosen);
    }),
  ),
  define("convolution: sizes beyond tiles and blocks", ["float32"], async (context) => {
    for (const sizes of large) await check(context, "float32", caseOf(sizes), chosen);
  }),
  define("convolution: composed from products", ["float32"], async (context) => {
    for (const sizes of small) await check(context, "float32", caseOf(sizes), composed);
  }),
  define("convolution: nothing to add up, and nothing to compute", ["float32"], async (context) => {
    const none = caseOf({ counts: [2, 0, 3], input: [4, 4], kernel: [3, 3] });
    await check(context, "float32", none, chosen);
    await check(context, "float32", caseOf({ counts: [0, 2, 3], input: [4, 4], kernel: [3, 3] }), chosen);
  }),
];
