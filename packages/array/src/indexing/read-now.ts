import type { TypedArray } from "../dtype.js";
import { DeviceError } from "../errors.js";
import type { NdArray } from "../ndarray.js";

/** Whether elements can be looked at without waiting for the device: whether `dataSync()` works. */
export function isReadable(x: NdArray): boolean {
  return x.storage.backend.readSync !== undefined;
}

/**
 * The elements of an array on which the shape of a result depends.
 *
 * @throws DeviceError on devices that can only be read asynchronously; `remedy` says what to do.
 */
export function readNow(x: NdArray, what: string, remedy: string): TypedArray {
  x.checkAlive();
  if (!isReadable(x)) {
    throw new DeviceError(
      `${what} has to read its elements, and device "${x.device}" cannot be read synchronously; ${remedy}`,
    );
  }
  return x.dataSync();
}
