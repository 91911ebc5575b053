import { expectFloating, expectNdim, expectThat } from "../../type-check.js";
import { asArray, type Variable, type VariableLike } from "../../variable.js";
import { reshape } from "./reshape.js";
import { transpose } from "./transpose.js";

/**
 * Moves channels into space: every group of `r²` channels becomes a tile of `r × r` pixels.
 *
 * Follows Chainer's `depth2space`; Shi et al., "Real-Time Single Image and Video Super-Resolution Using an Efficient
 * Sub-Pixel Convolutional Neural Network", 2016.
 *
 * @param X - Shape `(batch, channels · r², height, width)`, floating.
 * @returns Shape `(batch, channels, height · r, width · r)`.
 * @throws InvalidType if `X` is not floating, has not four axes, or `r²` does not divide the channels.
 */
export function depth2space(X: VariableLike, r: number): Variable {
  const array = asArray(X);
  expectFloating("depth2space", "X", array);
  expectNdim("depth2space", "X", array, 4);
  const [batch, depth, height, width] = array.shape as readonly [number, number, number, number];
  const fits = Number.isInteger(r) && r > 0 && depth % (r * r) === 0;
  expectThat("depth2space", fits, `X.shape[1] to be a multiple of r² with r = ${r}`, `${depth}`);
  const channels = depth / (r * r);
  const tiles = reshape(X, [batch, r, r, channels, height, width]);
  return reshape(transpose(tiles, [0, 3, 4, 1, 5, 2]), [batch, channels, height * r, width * r]);
}
