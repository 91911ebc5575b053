import type { NdArray } from "@chain/array";
import { Parameter, type Variable } from "@chain/autograd";
import { Link } from "../link.js";

/** A link that is nothing but a parameter, `W` (Chainer's `links.Parameter`). */
export class ParameterLink extends Link {
  readonly W: Parameter;

  constructor(array: NdArray) {
    super();
    this.W = new Parameter(array, { name: "W" });
  }

  /** The parameter. */
  override forward(): Variable {
    return this.W;
  }
}
