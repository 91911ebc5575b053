import type { Backend } from "../../../backend.js";
import type { Routines } from "../../../routines.js";
import { CpuBackend } from "../backend.js";
import { PoolingEngine } from "./engine.js";

/** Those of the routines of pooling that the CPU has. */
type PoolingRoutines = Pick<Routines, "windowMaxima" | "putIntoWindows">;

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
