import { Parameter, type Variable, type VariableLike } from "@chain/autograd";
import { bilinear } from "@chain/autograd/functions";
import { getInitializer } from "../initializers/get-initializer.js";
import type { InitializerLike } from "../initializers/initializer.js";
import { Link } from "../link.js";

/** Options of {@link Bilinear}. */
export interface BilinearOptions {
  /** Leaves out the linear terms and the bias. Default false. */
  readonly nobias?: boolean;
  /** First `W`; `LeCunNormal` by default. */
  readonly initialW?: InitializerLike | null;
  /** First `V1`, `V2` and `b`; `LeCunNormal`, the same, and 0 by default. */
  readonly initialBias?: readonly [V1: InitializerLike | null, V2: InitializerLike | null, b: InitializerLike | null];
}

/**
 * `y_k = Σ_ij a_i W_ijk b_j + a · V1 + b · V2 + b_k` of two inputs (Chainer's `Bilinear`): `W` has shape (leftSize,
 * rightSize, outSize), `V1` (leftSize, outSize), `V2` (rightSize, outSize), `b` (outSize).
 */
export class Bilinear extends Link {
  readonly W: Parameter;
  readonly V1: Parameter | null;
  readonly V2: Parameter | null;
  readonly b: Parameter | null;

  constructor(leftSize: number, rightSize: number, outSize: number, options: BilinearOptions = {}) {
    super();
    const { nobias = false, initialW = null, initialBias = [null, null, null] } = options;
    const [V1, V2, b] = initialBias;
    this.W = new Parameter(getInitializer(initialW), { shape: [leftSize, rightSize, outSize], name: "W" });
    this.V1 = nobias ? null : new Parameter(getInitializer(V1), { shape: [leftSize, outSize], name: "V1" });
    this.V2 = nobias ? null : new Parameter(getInitializer(V2), { shape: [rightSize, outSize], name: "V2" });
    this.b = nobias ? null : new Parameter(getInitializer(b ?? 0), { shape: outSize, name: "b" });
  }

  /** `e1` has shape (batch, leftSize), `e2` (batch, rightSize), the result (batch, outSize). */
  override forward(e1: VariableLike, e2: VariableLike): Variable {
    return bilinear(e1, e2, this.W, this.V1, this.V2, this.b);
  }
}
