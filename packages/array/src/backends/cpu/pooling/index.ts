import type { Backend } from "../../../backend.js";
import type { NdArray } from "../../../ndarray.js";
import type { WindowGeometry } from "../../../routines.js";
import { CpuBackend } from "../backend.js";
import { PoolingEngine } from "./engine.js";

/** The routines of pooling. */
export interface PoolingRoutines {
  /**
   * The largest element of every window of contiguous `x`, shape `(N, C, …in)`, into `y`, and its place in the flattened window into
   * int32 `places`, both of shape `(N, C, …out)` and contiguous. What is outside of `x` counts as minus infinity.
   *
   * @returns whether it was done; false leaves it to a composition.
   */
  windowMaxima(x: NdArray, y: NdArray, places: NdArray, geometry: WindowGeometry): boolean;
  /**
   * Adds every element of `gy`, shape `(N, C, …out)`, at its place in its window of `gx`, shape `(N, C, …in)`, which is zero
   * elsewhere; all contiguous and of one dtype, `places` int32.
   *
   * @returns as above.
   */
  putIntoWindows(gy: NdArray, places: NdArray, gx: NdArray, geometry: WindowGeometry): boolean;
}

const made = new WeakMap<Backend, PoolingRoutines>();

/** The CPU's pooling of float32 arrays; none for another backend. As with convolutions, only bundles that pool carry it. */
export function cpuPooling(backend: Backend): Partial<PoolingRoutines> {
  if (!(backend instanceof CpuBackend)) return {};
  let routines = made.get(backend);
  if (routines === undefined) {
    const engine = new PoolingEngine(backend.runtime);
    routines = {
      windowMaxima: (x, y, places, geometry) => x.dtype === "float32" && engine.windowMaxima(x, y, places, geometry),
      putIntoWindows(gy, places, gx, geometry) {
        if (gx.dtype !== "float32") return false;
        engine.putIntoWindows(gy, places, gx, geometry);
        return true;
      },
    };
    made.set(backend, routines);
  }
  return routines;
}
