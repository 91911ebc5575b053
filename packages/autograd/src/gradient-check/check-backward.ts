import { isFloating, type DType, type NdArray } from "@chain/array";
import { grad } from "../backward.js";
import { Variable } from "../variable.js";
import {
  converted,
  GradientCheckError,
  gradientsOf,
  listOf,
  outputsOf,
  type CheckedFunction,
  type CheckedGradients,
} from "./checked-function.js";
import { innerProduct, moved, randomDirections } from "./directions.js";

/** Settings of {@link checkBackward} and {@link checkDoubleBackward}. */
export interface GradientCheckOptions {
  /** Further variables that the function uses, such as a link's parameters; their gradients are checked too. */
  readonly params?: readonly Variable[];
  /** The dtype to compute in; null for that of the inputs. Default float64. */
  readonly dtype?: DType | null;
  /** Step of the central difference. Default 1e-5 in float64, 1e-3 otherwise. */
  readonly eps?: number;
  /** Absolute tolerance. Default 1e-5. */
  readonly atol?: number;
  /** Relative tolerance. Default 1e-4. */
  readonly rtol?: number;
  /** By input: true if it has no gradient to check. Inputs that are not floating never have. */
  readonly noGrads?: readonly boolean[] | null;
  /** Chooses the direction. Default 0. */
  readonly seed?: number;
}

/**
 * Compares the gradients that `fn` computes with numerical ones (Chainer's `check_backward`): for a direction `d` in the
 * space of all inputs, `Σ gradient · d` with `Σ gradOutputs · (fn(x + eps·d) - fn(x - eps·d)) / 2eps`.
 *
 * @param gradOutputs gradients of the outputs; ones where null.
 * @throws GradientCheckError if they differ.
 */
export async function checkBackward(
  fn: CheckedFunction,
  inputs: NdArray | readonly NdArray[],
  gradOutputs: CheckedGradients = null,
  options: GradientCheckOptions = {},
): Promise<void> {
  const { params = [], atol = 1e-5, rtol = 1e-4, noGrads = null, seed = 0 } = options;
  const dtype = options.dtype === undefined ? "float64" : options.dtype;
  const xs = listOf(inputs).map((x) => converted(x, dtype));
  const originals = params.map((p) => p.array);
  try {
    params.forEach((p) => (p.array = converted(p.array, dtype)));
    const checked = [
      ...xs.map((x, i) => isFloating(x.dtype) && noGrads?.[i] !== true),
      ...params.map((p) => p.requiresGrad),
    ];
    const points = [...xs, ...params.map((p) => p.array)];
    const variables = xs.map((x) => new Variable(x));
    const outputs = outputsOf(fn(...variables));
    const gys = gradientsOf(gradOutputs, outputs, dtype);

    const sources = [...variables, ...params];
    const chosen = sources.filter((_, i) => checked[i]);
    const gradients = grad(outputs, chosen, { gradOutputs: gys.map((gy) => new Variable(gy)) });

    const floats = points.filter((_, i) => checked[i]);
    const directions = randomDirections(floats, seed);
    let analytic = 0;
    for (let i = 0; i < gradients.length; i++) {
      const gradient = gradients[i];
      if (gradient === null || gradient === undefined) continue;
      analytic += await innerProduct(gradient.array, directions[i] as Float64Array);
    }
    const eps = options.eps ?? (dtype === "float64" ? 1e-5 : 1e-3);
    const at = async (factor: number): Promise<number> => {
      let next = 0;
      const there: NdArray[] = [];
      for (let i = 0; i < points.length; i++) {
        const point = points[i] as NdArray;
        there.push(checked[i] ? await moved(point, directions[next++] as Float64Array, factor) : point);
      }
      params.forEach((p, i) => (p.array = there[xs.length + i] as NdArray));
      const ys = outputsOf(fn(...there.slice(0, xs.length).map((x) => new Variable(x))));
      let sum = 0;
      for (let i = 0; i < ys.length; i++) sum += await innerProduct((ys[i] as Variable).array, gys[i] as NdArray);
      return sum;
    };
    const numeric = ((await at(eps)) - (await at(-eps))) / (2 * eps);
    if (!(Math.abs(analytic - numeric) <= atol + rtol * Math.abs(numeric))) {
      throw new GradientCheckError(
        `the gradient along a random direction is ${analytic}, numerically ${numeric} ` +
          `(difference ${Math.abs(analytic - numeric)}; eps=${eps}, atol=${atol}, rtol=${rtol})`,
      );
    }
  } finally {
    params.forEach((p, i) => (p.array = originals[i] as NdArray));
  }
}

/**
 * Compares second derivatives with numerical ones (Chainer's `check_double_backward`): {@link checkBackward} of the
 * function that takes inputs and `gradOutputs` to the gradients of the inputs.
 *
 * @param gradGradInputs what those gradients are multiplied with; ones where null.
 */
export async function checkDoubleBackward(
  fn: CheckedFunction,
  inputs: NdArray | readonly NdArray[],
  gradOutputs: CheckedGradients = null,
  gradGradInputs: CheckedGradients = null,
  options: GradientCheckOptions = {},
): Promise<void> {
  const { params = [], noGrads = null } = options;
  const dtype = options.dtype === undefined ? "float64" : options.dtype;
  const xs = listOf(inputs).map((x) => converted(x, dtype));
  const probe = outputsOf(fn(...xs.map((x) => new Variable(x))));
  const gys = gradientsOf(gradOutputs, probe, dtype);
  const wanted = xs.map((x, i) => isFloating(x.dtype) && noGrads?.[i] !== true);
  const firstOrder: CheckedFunction = (...variables) => {
    const ownInputs = variables.slice(0, xs.length);
    const ys = outputsOf(fn(...ownInputs));
    const targets = [...ownInputs.filter((_, i) => wanted[i]), ...params];
    const gradients = grad(ys, targets, { gradOutputs: variables.slice(xs.length), enableDoubleBackprop: true });
    return gradients.filter((g): g is Variable => g !== null);
  };
  const noGradGrads = [...wanted.map((w) => !w), ...gys.map(() => false)];
  await checkBackward(firstOrder, [...xs, ...gys], gradGradInputs, { ...options, noGrads: noGradGrads });
}
