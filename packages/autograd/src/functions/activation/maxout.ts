import { expectAxis, expectFloating, expectThat } from "../../type-check.js";
import { asArray, type Variable, type VariableLike } from "../../variable.js";
import { reshape } from "../array/reshape.js";
import { max } from "../math/max.js";

/** Options of {@link maxout}. */
export interface MaxoutOptions {
  /** The axis that is divided into pools, 1 by default. */
  readonly axis?: number;
}

/**
 * Maxout: divides `axis` into pools of `poolSize` neighbours and takes the largest of each.
 *
 * Follows Chainer's `maxout`; Goodfellow et al., "Maxout Networks", 2013.
 *
 * @param x - Any shape whose `axis` is a multiple of `poolSize` long, floating.
 * @returns The shape of `x` with `axis` shortened by the factor `poolSize`, its dtype.
 * @throws InvalidType if `x` is not floating, has no such axis, or `poolSize` does not divide it.
 */
export function maxout(x: VariableLike, poolSize: number, { axis = 1 }: MaxoutOptions = {}): Variable {
  const array = asArray(x);
  expectFloating("maxout", "x", array);
  const at = expectAxis("maxout", "axis", axis, array.ndim);
  const length = array.shape[at] as number;
  const fits = Number.isInteger(poolSize) && poolSize > 0 && length % poolSize === 0;
  expectThat("maxout", fits, `x.shape[${at}] to be a multiple of poolSize ${poolSize}`, `${length}`);
  const pools = [...array.shape.slice(0, at), length / poolSize, poolSize, ...array.shape.slice(at + 1)];
  return max(reshape(x, pools), { axis: at + 1 });
}
