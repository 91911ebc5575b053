import { slice, ValueError } from "@chain/array";
import { expectFloating, expectNdim } from "../../type-check.js";
import { asArray, type Variable, type VariableLike } from "../../variable.js";
import { concat } from "../array/concat.js";
import { getItem } from "../array/get-item.js";
import { pad } from "../array/pad.js";

/** Options of {@link shift}. */
export interface ShiftOptions {
  /** Odd height and width of the neighbourhood, 3 by default: there is one group of channels for each place in it. */
  readonly ksize?: number | readonly [number, number];
  /** Distance between neighbours, 1 by default. */
  readonly dilate?: number | readonly [number, number];
}

/**
 * Shifts every group of channels to another place of a neighbourhood, with zeros coming in from outside; the last group
 * stays. Channels that do not divide evenly go to the last group.
 *
 * Follows Chainer's `shift`; Wu et al., "Shift: A Zero FLOP, Zero Parameter Alternative to Spatial Convolutions", 2017.
 *
 * @param x - Shape `(batch, channels, height, width)`, floating.
 * @returns Shape and dtype of `x`.
 * @throws ValueError if `ksize` is not odd, InvalidType if `x` is not floating or has not four axes.
 */
export function shift(x: VariableLike, { ksize = 3, dilate = 1 }: ShiftOptions = {}): Variable {
  const [kh, kw] = typeof ksize === "number" ? [ksize, ksize] : ksize;
  const [dy, dx] = typeof dilate === "number" ? [dilate, dilate] : dilate;
  if (![kh, kw].every((k) => Number.isInteger(k) && k > 0 && k % 2 === 1)) {
    throw new ValueError(`shift: ksize must be odd, got ${kh} × ${kw}`);
  }
  if (![dy, dx].every(Number.isInteger)) throw new ValueError(`shift: dilate must be whole, got ${dy}, ${dx}`);
  const array = asArray(x);
  expectFloating("shift", "x", array);
  expectNdim("shift", "x", array, 4);
  const [, channels, height, width] = array.shape as readonly [number, number, number, number];
  const [reachY, reachX] = [Math.floor(kh / 2), Math.floor(kw / 2)];
  const [padY, padX] = [reachY * Math.abs(dy), reachX * Math.abs(dx)];
  const padded = pad(x, [[0], [0], [padY], [padX]], "constant");
  const groups = kh * kw;
  const size = Math.floor(channels / groups);
  const center = (groups - 1) / 2;
  const parts = Array.from({ length: groups }, (_, group) => {
    // The last group changes places with the one in the middle, so that it does not move.
    const place = group === center ? groups - 1 : group === groups - 1 ? center : group;
    const top = padY - (Math.floor(place / kw) - reachY) * dy;
    const left = padX - ((place % kw) - reachX) * dx;
    return getItem(padded, [
      slice(),
      slice(group * size, group === groups - 1 ? channels : (group + 1) * size),
      slice(top, top + height),
      slice(left, left + width),
    ]);
  });
  return concat(parts, { axis: 1 });
}
