import { ValueError } from "../errors.js";
import type { NdArray } from "../ndarray.js";
import { axesFrom, type AxesOption } from "../options.js";
import { formatShape, normalizeAxes } from "../shape.js";

/**
 * Without axes of length 1, as a view (NumPy's `squeeze`): those that `axis` names, or all of them.
 *
 * @throws ValueError if a named axis has another length.
 */
export function squeeze(x: NdArray, options?: AxesOption): NdArray {
  const axis = axesFrom(options);
  const named = axis !== undefined && axis !== null;
  const dropped = named ? normalizeAxes(axis, x.ndim) : [...x.shape.keys()].filter((i) => x.shape[i] === 1);
  for (const i of dropped) {
    if (x.shape[i] !== 1) {
      throw new ValueError(`squeeze: axis ${i} of shape ${formatShape(x.shape)} has length ${x.shape[i]}, not 1`);
    }
  }
  const stays = (_: number, i: number): boolean => !dropped.includes(i);
  return x.view(x.shape.filter(stays), x.strides.filter(stays), x.offset);
}
