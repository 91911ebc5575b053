import { ValueError, type Shape } from "@chain/array";
import { Parameter, type Variable, type VariableLike } from "@chain/autograd";
import { scale } from "@chain/autograd/functions";
import { Link } from "../link.js";
import { Bias, learntOrGiven } from "./bias.js";

/** Options of {@link Scale}. */
export interface ScaleOptions {
  /** The axis of `x` that the factor's first axis lies along. Default 1. */
  readonly axis?: number;
  /** Shape of the factor, which is then a parameter `W`; without one, the factor is an input. */
  readonly WShape?: Shape | null;
  /** Whether a {@link Bias} is added afterwards. Default false. */
  readonly biasTerm?: boolean;
  /** Shape of that bias; by default the factor's. */
  readonly biasShape?: Shape | null;
}

/** Multiplies by a factor, learnt or given, broadcast along the other axes (Chainer's `Scale`). */
export class Scale extends Link {
  readonly axis: number;
  readonly W: Parameter | null;
  readonly bias: Bias | null;

  constructor(options?: ScaleOptions);
  constructor(axis: number, WShape?: Shape | null, options?: Omit<ScaleOptions, "axis" | "WShape">);
  constructor(first: number | ScaleOptions = {}, second: Shape | null = null, third: ScaleOptions = {}) {
    super();
    const options = typeof first === "number" ? { ...third, axis: first, WShape: second } : first;
    const { axis = 1, WShape = null, biasTerm = false, biasShape = null } = options;
    this.axis = axis;
    this.W = WShape === null ? null : new Parameter(1, { shape: WShape, name: "W" });
    const shape = WShape ?? biasShape;
    if (biasTerm && shape === null) {
      throw new ValueError("Scale with a bias needs a shape for it: give biasShape, or WShape");
    }
    this.bias = biasTerm ? new Bias({ axis, shape }) : null;
  }

  /** `x` times the parameter, or times `y` if there is none; plus the bias. */
  override forward(x: VariableLike, y: VariableLike | null = null): Variable {
    const z = scale(x, learntOrGiven("Scale", this.W, y), { axis: this.axis });
    return this.bias === null ? z : this.bias.forward(z);
  }
}
