import { ValueError, type Shape } from "@chain/array";
import { Parameter, type Variable, type VariableLike } from "@chain/autograd";
import { bias } from "@chain/autograd/functions";
import { Link } from "../link.js";

/** Options of {@link Bias}. */
export interface BiasOptions {
  /** The axis of `x` that the bias's first axis is added along. Default 1. */
  readonly axis?: number;
  /** Shape of the bias, which is then a parameter `b`; without one, the bias is an input. */
  readonly shape?: Shape | null;
}

/** Adds a bias, learnt or given, broadcast along the other axes (Chainer's `Bias`). */
export class Bias extends Link {
  readonly axis: number;
  readonly b: Parameter | null;

  constructor(options?: BiasOptions);
  constructor(axis: number, shape?: Shape | null);
  constructor(first: number | BiasOptions = {}, second: Shape | null = null) {
    super();
    const { axis = 1, shape = null } = typeof first === "number" ? { axis: first, shape: second } : first;
    this.axis = axis;
    this.b = shape === null ? null : new Parameter(0, { shape, name: "b" });
  }

  /** `x` plus the parameter, or plus `y` if there is none. */
  override forward(x: VariableLike, y: VariableLike | null = null): Variable {
    return bias(x, learntOrGiven("Bias", this.b, y), { axis: this.axis });
  }
}

/** The second operand: a link's parameter or, if it has none, what it was called with. */
export function learntOrGiven(link: string, learnt: Parameter | null, given: VariableLike | null): VariableLike {
  if (learnt !== null && given !== null) throw new ValueError(`${link} has a parameter of its own; give it one input`);
  const operand = learnt ?? given;
  if (operand === null) throw new ValueError(`${link} was made without a shape; give it two inputs`);
  return operand;
}
