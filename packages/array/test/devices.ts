/** Devices that tests run on: the real ones, and two that behave as some backend may. */
import { createJsBackend } from "../src/backends/js/index.js";
import { registerBackend } from "../src/index.js";
import type { NdArray } from "../src/ndarray.js";
import type { Routines } from "../src/routines.js";

/** Devices whose elements can be read at once. */
export const readableDevices = ["cpu", "js", "tables"] as const;

/** And one that has to be awaited, as a GPU. */
export const devices = [...readableDevices, "deferred"] as const;

registerBackend("deferred", () => ({ ...createJsBackend(), name: "deferred", readSync: undefined }));
registerBackend("tables", () => ({ ...createJsBackend(), name: "tables", routines: tableRoutines }));

/** Plain routines that insist on what callers promise. */
const tableRoutines: Pick<Routines, "gather" | "scatterAdd"> = {
  gather(x, indices, out) {
    const width = checkTables(x, indices, out);
    const [from, at, to] = [x, indices, out].map(memory) as [Memory, Memory, Memory];
    for (let i = 0; i < indices.size; i++) {
      for (let k = 0; k < width; k++) to[i * width + k] = from[row(at, i, x) * width + k] as number;
    }
  },
  scatterAdd(x, indices, out) {
    const width = checkTables(out, indices, x);
    const [from, at, to] = [x, indices, out].map(memory) as [Memory, Memory, Memory];
    for (let i = 0; i < indices.size; i++) {
      for (let k = 0; k < width; k++) (to[row(at, i, out) * width + k] as number) += from[i * width + k] as number;
    }
  },
};

type Memory = Float32Array | Float64Array | Int32Array | Uint32Array | Uint8Array;

function row(indices: Memory, i: number, table: NdArray): number {
  const at = indices[i] as number;
  if (!(at >= 0 && at < (table.shape[0] as number))) throw new Error(`row ${at} of ${table.shape[0]}`);
  return at;
}

function checkTables(table: NdArray, indices: NdArray, rows: NdArray): number {
  const [width] = table.shape.slice(1);
  const sound =
    [table, indices, rows].every((x) => x.contiguous) &&
    table.ndim === 2 &&
    indices.ndim === 1 &&
    indices.dtype === "int32" &&
    rows.shape.join() === `${indices.size},${width}` &&
    rows.dtype === table.dtype;
  if (!sound)
    throw new Error(
      `a routine was called with ${[table, indices, rows].map((x) => `${x.dtype}[${x.shape.join()}]`).join(" ")}`,
    );
  return width as number;
}

function memory(x: NdArray): Memory {
  const bytes = x.storage.buffer as Uint8Array<ArrayBuffer>;
  const types = {
    float32: Float32Array,
    float64: Float64Array,
    int32: Int32Array,
    uint32: Uint32Array,
    uint8: Uint8Array,
  };
  const type = types[x.dtype as keyof typeof types];
  return new type(bytes.buffer, bytes.byteOffset + x.offset * x.itemsize, x.size);
}
