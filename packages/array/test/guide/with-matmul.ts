import { registerBackend, storedView, type NdArray, type Routines } from "@chain/array/backend";
import { createReferenceBackend } from "./reference.js";

/** Products of float32 matrices; what it declines is composed from kernels. */
const matmul: Routines["matmul"] = (a, b, out, { bias, activation, accumulate }) => {
  if (out.dtype !== "float32" || out.ndim !== 2) return false;
  const elements = ({ storage, dtype }: NdArray) => storedView(dtype, storage.buffer as Uint8Array<ArrayBuffer>);
  const [x, y, z] = [elements(a), elements(b), elements(out)];
  const added = bias === null ? null : elements(bias);
  const at = (array: NdArray, i: number, j: number) =>
    array.offset + i * (array.strides[0] as number) + j * (array.strides[1] as number);
  const [rows, columns, depth] = [out.shape[0] as number, out.shape[1] as number, a.shape[1] as number];
  for (let i = 0; i < rows; i++) {
    for (let j = 0; j < columns; j++) {
      let sum = accumulate ? (z[at(out, i, j)] as number) : 0;
      for (let k = 0; k < depth; k++) sum += (x[at(a, i, k)] as number) * (y[at(b, k, j)] as number);
      if (added !== null && bias !== null) sum += added[bias.offset + j] as number;
      z[at(out, i, j)] = activation === "relu" ? Math.max(sum, 0) : sum;
    }
  }
  return true;
};

registerBackend("with-matmul", () => ({ ...createReferenceBackend(), name: "with-matmul", routines: { matmul } }));
