import { reshape as reshapeArray, type NdArray, type Shape } from "@chain/array";
import { FunctionNode, type Gradients } from "../../function-node.js";
import { formatShape, sameShape } from "../../shape.js";
import { invalidType } from "../../type-check.js";
import { asVariable, type Variable, type VariableLike } from "../../variable.js";

/** A run of {@link reshape}. */
export class Reshape extends FunctionNode {
  constructor(readonly shape: Shape) {
    super();
  }

  override get label(): string {
    return "reshape";
  }

  override checkTypeForward([x]: readonly [NdArray]): void {
    const { shape } = this;
    const known = shape.reduce((product, length) => (length === -1 ? product : product * length), 1);
    const unknown = shape.filter((length) => length === -1).length;
    const fits = unknown === 0 ? known === x.size : known === 0 ? x.size === 0 : x.size % known === 0;
    if (unknown > 1 || !fits) {
      throw invalidType(this.label, `a shape of ${x.size} elements`, formatShape(shape));
    }
  }

  override forward([x]: readonly [NdArray]): NdArray[] {
    return [reshapeArray(x, this.shape)];
  }

  override backward(_indexes: readonly number[], [gy]: readonly [Variable]): Gradients {
    return [reshape(gy, this.inputShape(0))];
  }
}

/**
 * The same elements in another shape, of which one length may be -1 (Chainer's `reshape`). Nothing is copied where
 * strides can express it.
 *
 * @throws InvalidType if the number of elements differs.
 */
export function reshape(x: VariableLike, shape: Shape): Variable {
  if (sameShape(x.shape, shape)) return asVariable(x);
  return new Reshape([...shape]).apply([x])[0] as Variable;
}
