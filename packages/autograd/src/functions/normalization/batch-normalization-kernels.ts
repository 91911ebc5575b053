/**
 * Kernels of batch normalization. Each goes once over what it reads; per channel stand axes of length 1. Statistics and sums of
 * float16 are float32.
 */
import { astype, getItem, mean as meanOf, slice, type DType, type NdArray } from "@chain/array";
import {
  add,
  castLike,
  div,
  elementwise,
  gt,
  max,
  mul,
  reduction,
  sqrt,
  square,
  sub,
  where,
  type Expr,
} from "@chain/array/kernel";

/** The dtype in which statistics of `dtype` are computed and kept: half precision has too few digits, and ends at 65,504. */
export function statisticsDtype(dtype: DType): DType {
  return dtype === "float16" ? "float32" : dtype;
}

/**
 * A number near the mean of each channel, from a sixteenth of the elements or more. The mean of a part `p` of some numbers is
 * at most `√(1/p - 1)` standard deviations from the mean of all, so that no more than a digit of the variance cancels.
 */
export function nearMean(x: NdArray, axes: readonly number[]): NdArray {
  const longest = axes.reduce((best, axis) => ((x.shape[axis] as number) > (x.shape[best] as number) ? axis : best));
  const part = x.shape.map((length, axis) => slice(0, axis === longest ? Math.ceil(length / 16) : length));
  const elements = astype(getItem(x, part), statisticsDtype(x.dtype), { copy: false });
  return meanOf(elements, { axis: axes, keepdims: true });
}

/**
 * Mean and variance in one pass, by sums of distances from a number near the mean. What cancels in the variance is the
 * squared distance of that number from the mean.
 */
export const momentsAround = reduction("batchNormalization-moments", {
  map: (x: Expr, near: Expr) => [sub(x, near), square(sub(x, near))],
  combine: ([a, b], [c, d]) => [add(a as Expr, c as Expr), add(b as Expr, d as Expr)],
  identity: [0, 0],
  finish: ([distances, squared], count) => {
    const distance = div(distances as Expr, count);
    return [distance, max(sub(div(squared as Expr, count), square(distance)), 0)] as const;
  },
});

/** Per channel: the mean, one over the standard deviation, and by what a distance from the mean is multiplied. */
export const scales = elementwise(
  "batchNormalization-scales",
  { scalars: ["eps"] },
  (near, distance, variance, gamma, { eps }) => {
    const scale = div(1, sqrt(add(variance, eps)));
    return [add(near, distance), scale, mul(scale, gamma)];
  },
);

export const affineOf = (x: Expr, mean: Expr, factor: Expr, beta: Expr): Expr => add(mul(sub(x, mean), factor), beta);
export const normalized = elementwise("batchNormalization", (x, mean, factor, beta) =>
  castLike(affineOf(x, mean, factor, beta), x),
);
export const normalizedRelu = elementwise("batchNormalization-relu", (x, mean, factor, beta) =>
  castLike(max(affineOf(x, mean, factor, beta), 0), x),
);

/** The sums of a gradient, and of it times distances from the mean. */
const gradientSums = (gradientOf: (gy: Expr, x: Expr, mean: Expr, factor: Expr, beta: Expr) => Expr) => ({
  map: (gy: Expr, x: Expr, mean: Expr, factor: Expr, beta: Expr) => {
    const g = castLike(gradientOf(gy, x, mean, factor, beta), mean);
    return [g, mul(g, sub(x, mean))];
  },
  combine: ([a, b]: readonly Expr[], [c, d]: readonly Expr[]) => [add(a as Expr, c as Expr), add(b as Expr, d as Expr)],
  identity: [0, 0],
  finish: ([sumG, sumGX]: readonly Expr[]) => [sumG as Expr, sumGX as Expr] as const,
});
/** The gradient of what came out of the normalization: where ReLU let it pass. */
const passed = (gy: Expr, x: Expr, mean: Expr, factor: Expr, beta: Expr): Expr =>
  where(gt(affineOf(x, mean, factor, beta), 0), gy, 0);
export const sums = reduction(
  "batchNormalization-grad-sums",
  gradientSums((gy) => gy),
);
export const sumsRelu = reduction("batchNormalization-relu-grad-sums", gradientSums(passed));

/** Per channel: the mean of a gradient, its share of a distance from the mean; the gradient of gamma. */
export const factors = elementwise(
  "batchNormalization-grad-factors",
  { scalars: ["inverseCount"] },
  (scale, sumG, sumGX, { inverseCount }) => {
    const sumGNormalized = mul(sumGX, scale);
    return [mul(sumG, inverseCount), mul(mul(sumGNormalized, scale), inverseCount), sumGNormalized];
  },
);

const inputGradientOf = (x: Expr, g: Expr, mean: Expr, factor: Expr, meanG: Expr, slope: Expr): Expr =>
  castLike(mul(factor, sub(sub(g, meanG), mul(sub(x, mean), slope))), x);
export const inputGradient = elementwise("batchNormalization-grad", inputGradientOf);
export const inputGradientRelu = elementwise(
  "batchNormalization-relu-grad",
  (x, gy, mean, factor, meanG, slope, beta) =>
    inputGradientOf(x, passed(gy, x, mean, factor, beta), mean, factor, meanG, slope),
);
