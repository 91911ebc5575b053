/** Positions along an axis, as an index gives them: checked, counted from the start, on the host where they can be. */
import type { Backend } from "../backend.js";
import { fromElements } from "../creation/from-host.js";
import { isInteger } from "../dtype.js";
import { DeviceError, IndexError, ValueError } from "../errors.js";
import { elementwise } from "../kernel/elementwise.js";
import type { Expr } from "../kernel/expr.js";
import { add, fmod, lt, max, min, sub, where } from "../kernel/ops.js";
import { astype } from "../manipulation/astype.js";
import { NdArray } from "../ndarray.js";
import { contiguousStrides, formatShape, sizeOf, type Shape } from "../shape.js";
import { offsetsOf, type View } from "../views.js";
import type { IndexList, Picker } from "./parse.js";
import { isReadable, readNow } from "./read-now.js";

/** Positions from 0 up, all within their axis; on the host, or only on the device. */
export type IndexArray =
  | { readonly shape: Shape; readonly host: Int32Array }
  | { readonly shape: Shape; readonly host: null; readonly device: NdArray };

/** What happens to positions outside an axis: an error, wrapping around, or the nearest end. */
export type IndexMode = "raise" | "wrap" | "clip";

// Positions that are only on a device cannot be checked without waiting: they are brought into the axis instead, so that
// no kernel leaves the array.
const deviceKernels = {
  raise: elementwise("index_from_end", (i: Expr, n: Expr) => clamp(where(lt(i, 0), add(i, n), i), n)),
  clip: elementwise("index_clip", (i: Expr, n: Expr) => clamp(i, n)),
  wrap: elementwise("index_wrap", (i: Expr, n: Expr) => fmod(add(fmod(i, n), n), n)),
};

function clamp(i: Expr, n: Expr): Expr {
  return min(max(i, 0), sub(n, 1));
}

/** Reads positions along axis `axis`, of `length`, of an array on a device. */
export function indexArray(
  backend: Backend,
  picker: Picker,
  axis: number,
  length: number,
  mode: IndexMode = "raise",
): IndexArray {
  checkDevice(backend, picker);
  if (!(picker instanceof NdArray)) {
    const { shape, values } = flattenList(picker as IndexList);
    return { shape, host: checked(values, axis, length, mode) };
  }
  if (!isInteger(picker.dtype)) {
    throw new IndexError(`arrays used as indices hold integers or booleans, got ${picker.dtype}; use astype("int32")`);
  }
  if (isReadable(picker)) return { shape: picker.shape, host: checked(picker.dataSync(), axis, length, mode) };
  if (length === 0 && picker.size > 0) throw outOfBounds(0, axis, length);
  const whole = astype(picker, "int32", { copy: false });
  return { shape: picker.shape, host: null, device: deviceKernels[mode](whole, length) };
}

/** Offsets of the elements where a mask holds; `axes` are those of the array that it stands for. */
export function maskOffsets(backend: Backend, picker: Picker, axes: View, axis: number): IndexArray {
  checkDevice(backend, picker);
  const mask =
    picker instanceof NdArray
      ? {
          shape: picker.shape,
          values: readNow(picker, "indexing with a mask", "use where(), or positions instead of a mask"),
        }
      : flattenList(typeof picker === "boolean" ? [picker] : picker);
  if (axes.shape.length > 0) checkMask(mask.shape, axes.shape, axis);
  const { values } = mask;
  const offsets = offsetsOf(axes);
  const count = countTrue(values);
  const host = new Int32Array(count);
  for (let i = 0, next = 0; next < count; i++) if (values[i] !== 0) host[next++] = offsets[i] as number;
  return { shape: [count], host };
}

/** Throws unless a mask has the lengths of the axes, of which the first is number `axis`, that it stands for. */
export function checkMask(mask: Shape, axes: Shape, axis: number): void {
  mask.forEach((length, i) => {
    if (length !== axes[i]) {
      throw new IndexError(
        `a mask of shape ${formatShape(mask)} does not fit axis ${axis + i}, which has length ${axes[i]}`,
      );
    }
  });
}

/** Positions of the elements that are not 0, in C order, one array for each axis. */
export function truePositions(values: ArrayLike<number>, shape: Shape): Int32Array[] {
  const count = countTrue(values);
  const found = new Int32Array(count);
  for (let i = 0, next = 0; next < count; i++) if (values[i] !== 0) found[next++] = i;
  if (shape.length === 1) return [found];
  return contiguousStrides(shape).map((stride, axis) => {
    const length = shape[axis] as number;
    const positions = new Int32Array(count);
    for (let i = 0; i < count; i++) positions[i] = Math.floor((found[i] as number) / stride) % length;
    return positions;
  });
}

function countTrue(values: ArrayLike<number>): number {
  let count = 0;
  for (let i = 0; i < values.length; i++) if (values[i] !== 0) count++;
  return count;
}

/** The positions as an int32 array on a device. */
export function onDevice(positions: IndexArray, backend: Backend): NdArray {
  return positions.host === null ? positions.device : fromElements(positions.host, "int32", positions.shape, backend);
}

function checked(values: ArrayLike<number>, axis: number, length: number, mode: IndexMode): Int32Array {
  const result = new Int32Array(values.length);
  for (let i = 0; i < values.length; i++) {
    const given = values[i] as number;
    let at = given;
    if (mode === "wrap") at = length === 0 ? -1 : ((given % length) + length) % length;
    else if (mode === "clip") at = Math.max(0, Math.min(given, length - 1));
    else if (given < 0) at += length;
    if (at < 0 || at >= length) throw outOfBounds(given, axis, length);
    result[i] = at;
  }
  return result;
}

function outOfBounds(index: number, axis: number, length: number): IndexError {
  return new IndexError(`index ${index} is out of bounds for axis ${axis} with size ${length}`);
}

/** An index array is on the device of what it indexes, even where the host could help out. */
function checkDevice(backend: Backend, picker: Picker): void {
  if (!(picker instanceof NdArray)) return;
  picker.checkAlive();
  if (picker.storage.backend !== backend) {
    throw new DeviceError(
      `an index on device "${picker.device}" for an array on "${backend.name}"; move one of them with toDevice()`,
    );
  }
}

/** Makes positions out of range a ValueError, for functions where NumPy does. */
export function valueErrors<T>(name: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    throw error instanceof IndexError ? new ValueError(`${name}: ${error.message}`) : error;
  }
}

/** Nested lists in C order; booleans become 0 and 1. */
function flattenList(list: IndexList): { shape: number[]; values: number[] } {
  const shape: number[] = [];
  for (let level: unknown = list; Array.isArray(level); level = level[0] as unknown) shape.push(level.length);
  const values: number[] = [];
  const collect = (item: IndexList[number] | undefined, depth: number): void => {
    if (Array.isArray(item) && depth < shape.length && item.length === shape[depth]) {
      for (const inner of item as IndexList) collect(inner, depth + 1);
    } else if (depth === shape.length && (typeof item === "boolean" || Number.isInteger(item))) {
      values.push(Number(item));
    } else {
      throw new IndexError("a list used as an index holds whole numbers, or booleans, in rows of equal length");
    }
  };
  collect(list, 0);
  return { shape, values: sizeOf(shape) === 0 ? [] : values };
}
