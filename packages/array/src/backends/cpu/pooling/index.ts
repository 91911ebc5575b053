import type { Backend } from "../../../backend.js";
import type { Routines } from "../../../routines.js";
import type { CpuRuntime } from "../runtime.js";
import { runtimeOf } from "../runtime-of.js";
import { PoolingEngine } from "./engine.js";

/** Those of the routines of pooling that the CPU has. */
type PoolingRoutines = Pick<Routines, "windowMaxima" | "putIntoWindows">;

const made = new WeakMap<CpuRuntime, PoolingRoutines>();

/** The CPU's pooling of float32 arrays; none for another backend. As with convolutions, only bundles that pool carry it. */
export function cpuPooling(backend: Backend): Partial<PoolingRoutines> {
  const runtime = runtimeOf.get(backend);
  if (runtime === undefined) return {};
  let routines = made.get(runtime);
  if (routines === undefined) {
    const engine = new PoolingEngine(runtime);
    routines = {
      windowMaxima: (x, y, places, geometry) => x.dtype === "float32" && engine.windowMaxima(x, y, places, geometry),
      putIntoWindows(gy, places, gx, geometry) {
        if (gx.dtype !== "float32") return false;
        engine.putIntoWindows(gy, places, gx, geometry);
        return true;
      },
    };
    made.set(runtime, routines);
  }
  return routines;
}
