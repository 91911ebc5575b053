import { copyto, matmul, random, scope, ValueError, type NdArray } from "@chain/array";
import { add, div as divExpr, elementwise, reduction, sqrt, square, type Expr } from "@chain/array/kernel";
import { config, Parameter, type Variable } from "@chain/autograd";
import { div, matmul as matmulOf, mul, reshape, transpose } from "@chain/autograd/functions";
import { fieldsOf } from "../link-fields.js";
import type { Link } from "../link-core.js";
import { WeightHook } from "./weight-hook.js";

/** Options of {@link SpectralNormalization}. */
export interface SpectralNormalizationOptions {
  /** Steps of the power iteration at every run. Default 1. */
  readonly nPowerIteration?: number;
  /** Keeps norms from 0. Default 1e-6. */
  readonly eps?: number;
  /** Whether the weight is scaled by a parameter `gamma`, at first its largest singular value. Default false. */
  readonly useGamma?: boolean;
  /** Divides the singular value, so that the weight's becomes this instead of 1. */
  readonly factor?: number | null;
  /** Name of the field that holds the weight. Default `"W"`. */
  readonly weightName?: string;
  readonly name?: string;
}

const sumOfSquares = reduction("sum_of_squares", { map: (x: Expr) => square(x), combine: add, identity: 0 });
const normalize = elementwise("normalize", { scalars: ["eps"] }, (x, squares, { eps }) =>
  divExpr(x, add(sqrt(squares), eps)),
);
const scaleDown = elementwise("scale_down", (x, squares) => divExpr(x, sqrt(squares)));
const fourthRoot = elementwise("fourth_root", (x) => sqrt(sqrt(x)));

/**
 * Runs a link with its weight divided by an estimate of its largest singular value (Chainer's `SpectralNormalization`;
 * Miyato et al. 2018): `link.addHook(new SpectralNormalization())`.
 *
 * The estimate comes from a power iteration that goes on from run to run in training; its vector is the link's
 * persistent value `W_u`. In the gradient, the vectors are constants.
 *
 * Outputs are counted by the weight's first axis, unless the link says `weightOutputAxis = 1`, as deconvolutions do.
 */
export class SpectralNormalization extends WeightHook {
  override readonly name: string;
  readonly nPowerIteration: number;
  readonly eps: number;
  readonly useGamma: boolean;
  readonly factor: number | null;

  constructor(options: SpectralNormalizationOptions = {}) {
    super(options.weightName ?? "W");
    const {
      nPowerIteration = 1,
      eps = 1e-6,
      useGamma = false,
      factor = null,
      name = "SpectralNormalization",
    } = options;
    if (!Number.isInteger(nPowerIteration) || nPowerIteration < 1) {
      throw new ValueError(`nPowerIteration is a whole number from 1 up, got ${nPowerIteration}`);
    }
    this.name = name;
    this.nPowerIteration = nPowerIteration;
    this.eps = eps;
    this.useGamma = useGamma;
    this.factor = factor;
  }

  /** Name of the persistent value that holds the left singular vector. */
  get vectorName(): string {
    return `${this.weightName}_u`;
  }

  override deleted(link: Link | null): void {
    if (link === null || !(this.vectorName in link)) return;
    link.deletePersistent(this.vectorName);
    if (this.useGamma) delete fieldsOf(link)["gamma"];
  }

  protected override prepare(link: Link, weight: Parameter): void {
    const axis = outputAxis(link);
    const outputs = weight.shape[axis] ?? 0;
    if (outputs === 0) throw new ValueError(`${this.name}: the weight of ${link.constructor.name} has no outputs`);
    const { dtype, device } = weight;
    link.addPersistent(this.vectorName, random.normal(0, 1, [outputs], { dtype, device }));
    if (!this.useGamma) return;
    const largest = scope(() => largestSingularValue(asMatrix(weight, axis).array));
    fieldsOf(link)["gamma"] = new Parameter(largest, { name: "gamma" });
  }

  protected override compute(link: Link, weight: Parameter): Variable {
    const matrix = asMatrix(weight, outputAxis(link));
    const kept = fieldsOf(link)[this.vectorName] as NdArray;
    const W = matrix.array;
    let u = kept.reshape([1, kept.size]);
    let v = u;
    for (let i = 0; i < this.nPowerIteration; i++) {
      v = this.unit(matmul(u, W));
      u = this.unit(matmul(v, W.T));
    }
    const sigma = reshape(matmulOf(matmulOf(u, matrix), v.T), []);
    if (config.train) copyto(kept, u.reshape([kept.size]));
    const bound = this.factor === null ? sigma : div(sigma, this.factor);
    const normalized = div(weight, bound);
    return this.useGamma ? mul(normalized, fieldsOf(link)["gamma"] as Parameter) : normalized;
  }

  private unit(x: NdArray): NdArray {
    return normalize(x, sumOfSquares(x), { eps: this.eps });
  }
}

function outputAxis(link: object): number {
  return "weightOutputAxis" in link && link.weightOutputAxis === 1 ? 1 : 0;
}

/** The weight with one row an output. */
function asMatrix(weight: Parameter, axis: number): Variable {
  const first = axis === 0 ? weight : transpose(weight, [1, 0, ...weight.shape.map((_, i) => i).slice(2)]);
  return weight.ndim === 2 ? first : reshape(first, [weight.shape[axis] as number, -1]);
}

/**
 * The largest singular value, computed on the device: squaring W·Wᵀ again and again (normalized each time) leaves what
 * belongs to it.
 */
function largestSingularValue(W: NdArray): NdArray {
  const gram = matmul(W, W.T);
  let power = scaleDown(gram, sumOfSquares(gram));
  for (let i = 0; i < 16; i++) {
    power = matmul(power, power);
    power = scaleDown(power, sumOfSquares(power));
  }
  // `power` has norm 1 and projects on those singular vectors: the norm of gram · power is the value squared.
  return fourthRoot(sumOfSquares(matmul(gram, power)));
}
