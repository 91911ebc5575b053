import type { Backend } from "../backend.js";
import { getBackend, openDevice } from "../device.js";
import { DeviceError } from "../errors.js";
import { NdArray } from "../ndarray.js";
import { ascontiguousarray } from "./copy.js";

/**
 * A copy of `x` on another device, or `x` itself if it is there already (CuPy's `to_gpu` and `to_cpu`). The elements pass
 * through the host, at once.
 *
 * @throws DeviceError if `x`'s device cannot be read at once, or the other one is not open yet: use `toDeviceAsync`.
 */
export function toDevice(x: NdArray, device: string): NdArray {
  x.checkAlive();
  if (x.device === device) return x;
  const { backend: from } = x.storage;
  if (from.readSync === undefined) {
    throw new DeviceError(
      `device "${from.name}" cannot be read synchronously; use await toDeviceAsync(x, "${device}") instead of toDevice()`,
    );
  }
  const to = getBackend(device);
  const source = ascontiguousarray(x);
  const bytes = from.readSync(source.storage.buffer, source.offset * x.itemsize, x.nbytes);
  if (source !== x) source.dispose();
  return upload(x, bytes, to);
}

/** {@link toDevice} from and to devices of every kind; opens the other device if that has not happened yet. */
export async function toDeviceAsync(x: NdArray, device: string): Promise<NdArray> {
  x.checkAlive();
  if (x.device === device) return x;
  const to = await openDevice(device);
  x.checkAlive();
  const source = ascontiguousarray(x);
  const bytes = await source.storage.backend.read(source.storage.buffer, source.offset * x.itemsize, x.nbytes);
  if (source !== x) source.dispose();
  return upload(x, bytes, to);
}

function upload(like: NdArray, bytes: Uint8Array, backend: Backend): NdArray {
  const result = NdArray.allocate(backend, like.dtype, like.shape);
  if (like.size > 0) backend.write(result.storage.buffer, 0, bytes);
  return result;
}
