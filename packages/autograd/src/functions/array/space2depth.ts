import { expectFloating, expectNdim, expectThat } from "../../type-check.js";
import { asArray, type Variable, type VariableLike } from "../../variable.js";
import { reshape } from "./reshape.js";
import { transpose } from "./transpose.js";

/**
 * Moves space into channels: every tile of `r × r` pixels becomes `r²` channels. The inverse of `depth2space`.
 *
 * Follows Chainer's `space2depth`.
 *
 * @param X - Shape `(batch, channels, height · r, width · r)`, floating.
 * @returns Shape `(batch, channels · r², height, width)`.
 * @throws InvalidType if `X` is not floating, has not four axes, or `r` does not divide height and width.
 */
export function space2depth(X: VariableLike, r: number): Variable {
  const array = asArray(X);
  expectFloating("space2depth", "X", array);
  expectNdim("space2depth", "X", array, 4);
  const [batch, channels, tall, wide] = array.shape as readonly [number, number, number, number];
  const fits = Number.isInteger(r) && r > 0 && tall % r === 0 && wide % r === 0;
  expectThat("space2depth", fits, `X.shape[2] and X.shape[3] to be multiples of r = ${r}`, `${tall} and ${wide}`);
  const [height, width] = [tall / r, wide / r];
  const tiles = reshape(X, [batch, channels, height, r, width, r]);
  return reshape(transpose(tiles, [0, 3, 5, 1, 2, 4]), [batch, channels * r * r, height, width]);
}
