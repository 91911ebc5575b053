import { ValueError } from "../errors.js";
import { NdArray } from "../ndarray.js";
import { axesFrom, type AxesOption } from "../options.js";
import { normalizeAxis } from "../shape.js";
import { borrow, sliceAxis, type View } from "../views.js";
import { copyReshaped, copyto } from "./copy.js";

/**
 * Elements moved `shift` positions along an axis; what leaves at one end enters at the other (NumPy's `roll`). Without an
 * axis the flattened array is rolled. Shifts and axes may be lists; shifts of a repeated axis add up.
 *
 * @throws ValueError if shifts and axes are lists of different lengths, or an axis is out of range.
 */
export function roll(x: NdArray, shift: number | readonly number[], options?: AxesOption): NdArray {
  const axis = axesFrom(options) ?? null;
  const shifts = typeof shift === "number" ? [shift] : shift;
  if (!shifts.every(Number.isInteger)) throw new ValueError(`roll: shifts are whole numbers, got ${shifts.join(", ")}`);
  if (axis === null) {
    const flat = copyReshaped(x, [x.size]);
    const rolled = NdArray.allocate(x.storage.backend, x.dtype, x.shape);
    copyRolled(flat, borrow(rolled, { shape: [x.size], strides: [1], offset: 0 }), [sum(shifts)]);
    flat.dispose();
    return rolled;
  }
  const axes = typeof axis === "number" ? [axis] : axis;
  if (shifts.length !== axes.length && shifts.length !== 1 && axes.length !== 1) {
    throw new ValueError(`roll: ${shifts.length} shifts do not go with ${axes.length} axes`);
  }
  const perAxis = x.shape.map(() => 0);
  for (let i = 0; i < Math.max(shifts.length, axes.length); i++) {
    const at = normalizeAxis((axes.length === 1 ? axes[0] : axes[i]) as number, x.ndim);
    (perAxis[at] as number) += (shifts.length === 1 ? shifts[0] : shifts[i]) as number;
  }
  const result = NdArray.allocate(x.storage.backend, x.dtype, x.shape);
  copyRolled(x, result, perAxis);
  return result;
}

/** Copies every block that stays in one piece: two along each axis that moves. */
function copyRolled(x: NdArray, out: NdArray, shifts: readonly number[]): void {
  if (x.size === 0) return;
  const copyBlock = (from: View, to: View, axis: number): void => {
    if (axis === shifts.length) {
      copyto(borrow(out, to), borrow(x, from));
      return;
    }
    const length = x.shape[axis] as number;
    const shift = (((shifts[axis] as number) % length) + length) % length;
    if (shift === 0) {
      copyBlock(from, to, axis + 1);
      return;
    }
    copyBlock(sliceAxis(from, axis, 0, length - shift), sliceAxis(to, axis, shift, length - shift), axis + 1);
    copyBlock(sliceAxis(from, axis, length - shift, shift), sliceAxis(to, axis, 0, shift), axis + 1);
  };
  copyBlock(x, out, 0);
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((a, b) => a + b, 0);
}
