import { InvalidType, zeros } from "@chain/array";
import { asVariable, type Variable, type VariableLike } from "@chain/autograd";

/** A state of zeros for a batch like `x`. */
export function zeroState(x: VariableLike, rows: number, size: number): Variable {
  return asVariable(zeros([rows, size], { dtype: x.dtype, device: x.device }));
}

/** A state that was given, checked: shape `(batch, size)`. */
export function givenState(link: string, name: string, state: VariableLike, size: number): Variable {
  const { shape } = state;
  if (shape.length !== 2 || shape[1] !== size) {
    throw InvalidType.of(`${link}.setState`, `${name} of shape (batch, ${size})`, `(${shape.join(", ")})`);
  }
  return asVariable(state);
}
