import { astype, isDType, ValueError, type DType, type NdArray } from "@chain/array";
import { FunctionNode, type Gradients } from "../../function-node.js";
import { asVariable, type Variable, type VariableLike } from "../../variable.js";

/** A run of {@link cast}. */
export class Cast extends FunctionNode {
  constructor(
    private readonly from: DType,
    readonly dtype: DType,
  ) {
    super();
  }

  override get label(): string {
    return "cast";
  }

  override forward([x]: readonly [NdArray]): NdArray[] {
    return [astype(x, this.dtype)];
  }

  override backward(_indexes: readonly number[], [gy]: readonly [Variable]): Gradients {
    return [cast(gy, this.from)];
  }
}

/**
 * Converts to another dtype. Gradients are converted back; through an integer dtype there is none.
 *
 * Follows Chainer's `cast`.
 *
 * @returns The shape of `x`, of dtype `dtype`; `x` itself if it has that already.
 */
export function cast(x: VariableLike, dtype: DType): Variable {
  if (!isDType(dtype)) throw new ValueError(`cast: there is no dtype "${String(dtype)}"`);
  return x.dtype === dtype ? asVariable(x) : (new Cast(x.dtype, dtype).apply([x])[0] as Variable);
}
