import type { Axis } from "@chain/array";
import { formatShape } from "../../shape.js";
import { expectAxes, expectThat } from "../../type-check.js";
import type { Variable, VariableLike } from "../../variable.js";
import { reshape } from "./reshape.js";

/** Options of {@link squeeze}. */
export interface SqueezeOptions {
  /** The axes to remove, of length 1; by default all that are. */
  readonly axis?: Axis;
}

/**
 * Removes axes of length 1. Nothing is copied.
 *
 * Follows Chainer's `squeeze`.
 *
 * @throws InvalidType if an axis is out of range or longer.
 */
export function squeeze(x: VariableLike, { axis = null }: SqueezeOptions = {}): Variable {
  const { shape } = x;
  if (axis === null)
    return reshape(
      x,
      shape.filter((length) => length !== 1),
    );
  const axes = expectAxes("squeeze", axis, shape.length);
  expectThat(
    "squeeze",
    axes.every((a) => shape[a] === 1),
    () => `axes ${axes.join(", ")} of length 1`,
    () => `shape ${formatShape(shape)}`,
  );
  return reshape(
    x,
    shape.filter((_, a) => !axes.includes(a)),
  );
}
