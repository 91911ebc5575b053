import { astype } from "../manipulation/astype.js";
import { copy } from "../manipulation/copy.js";
import { stack } from "../manipulation/stack.js";
import { toDevice } from "../manipulation/to-device.js";
import { scope } from "../memory/scope.js";
import { NdArray } from "../methods.js";
import { fromHost, type ArrayLikeValue, type ArrayOptions } from "./from-host.js";

/**
 * A new array from numbers, booleans, (nested) lists, typed arrays or other arrays, which are copied (NumPy's `array`).
 *
 * The dtype is float32 for numbers, bool for booleans, a typed array's own (int32 for the types that Chain has not), and
 * that of other arrays, unless `dtype` says otherwise. The device is the default one, or an array's own.
 *
 * @throws ValueError if nested lists are ragged.
 */
export function array(value: ArrayLikeValue, options: ArrayOptions = {}): NdArray {
  if (value instanceof NdArray) return converted(value, options, true);
  if (!holdsArrays(value)) return fromHost(value, options);
  return scope(() =>
    converted(stack((value as readonly ArrayLikeValue[]).map((item) => asarray(item))), options, false),
  );
}

/** As {@link array}, but an array that already is as asked for is returned itself (NumPy's `asarray`). */
export function asarray(value: ArrayLikeValue, options: ArrayOptions = {}): NdArray {
  return value instanceof NdArray ? converted(value, options, false) : array(value, options);
}

function converted(x: NdArray, { dtype = x.dtype, device = x.device }: ArrayOptions, always: boolean): NdArray {
  if (device !== x.device) {
    const moved = toDevice(x, device);
    if (dtype === x.dtype) return moved;
    const result = astype(moved, dtype);
    moved.dispose();
    return result;
  }
  return always ? (dtype === x.dtype ? copy(x) : astype(x, dtype)) : astype(x, dtype, { copy: false });
}

/** Whether a list holds arrays at any depth; a flat list of numbers is told by its first item. */
function holdsArrays(value: ArrayLikeValue): boolean {
  if (!Array.isArray(value)) return false;
  const list = value as readonly ArrayLikeValue[];
  if (typeof list[0] === "number" || typeof list[0] === "boolean") return false;
  return list.some((item) => item instanceof NdArray || ArrayBuffer.isView(item) || holdsArrays(item));
}
