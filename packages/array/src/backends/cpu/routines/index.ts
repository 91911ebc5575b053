import { itemsize, type DType } from "../../../dtype.js";
import type { NdArray } from "../../../ndarray.js";
import type { Routines } from "../../../routines.js";
import { ScheduledKernel } from "../generate/schedule.js";
import type { CpuRuntime } from "../runtime.js";
import type { WasmKernel } from "../wasm-kernel.js";
import type { MemoryType, ModuleBuilder } from "../wasm/assembler.js";
import { matmul } from "./matmul.js";
import { scan } from "./scan.js";
import { scanKernel } from "./scan-kernel.js";
import { copyKernel, gatherKernel, rowBytesOf, scatterAddKernel } from "./table-kernels.js";
import { writeWords } from "./words.js";

/** Up to here moving bytes costs less than launching a kernel for each part. */
const mostJoinedBytes = 2 ** 16;

/** Bytes of a row that one thread takes at least where threads share rows. */
const sharedBytes = 128;

/** The CPU's hand-written routines, but for convolutions. What they need is compiled at its first use. */
export function cpuRoutines(runtime: CpuRuntime): Pick<Routines, "matmul" | "gather" | "scatterAdd" | "join" | "scan"> {
  const kernels = new Map<string, ScheduledKernel>();
  const kernelOf = (name: string, build: (memory: MemoryType) => ModuleBuilder): ScheduledKernel => {
    let kernel = kernels.get(name);
    if (kernel === undefined) {
      kernel = new ScheduledKernel(runtime, { module: build(runtime.memory.type), usesSpecial: false }, name);
      kernels.set(name, kernel);
    }
    return kernel;
  };
  let copy: WasmKernel | undefined;
  return {
    matmul: (a, b, out, epilogue) => matmul(runtime, a, b, out, epilogue),
    gather(x, indices, out) {
      const rowBytes = rowBytesOf(x);
      const args = writeWords(runtime, [addressOf(x), addressOf(indices), addressOf(out), rowBytes]);
      kernelOf("gather", gatherKernel).run(args, indices.size, 500 + rowBytes / 4);
    },
    scatterAdd(x, indices, out) {
      const { dtype } = out;
      const words = [addressOf(x), addressOf(indices), addressOf(out), rowBytesOf(x), indices.size];
      const kernel = kernelOf(`scatter_add_${dtype}`, (memory) => scatterAddKernel(memory, dtype));
      // Columns are shared out, so that every sum is in order; whole cache lines of them, so that no two threads write to one.
      const together = sharedBytes / itemsize(dtype);
      kernel.run(writeWords(runtime, words), x.shape[1] as number, 4 * indices.size, together);
    },
    join(parts, out) {
      const size = itemsize(out.dtype);
      if (out.size * size > mostJoinedBytes) return false;
      copy ??= runtime.loadKernel(copyKernel(runtime.memory.type), "copy bytes");
      let to = addressOf(out);
      for (const part of parts) {
        const from = addressOf(part);
        const bytes = part.size * size;
        copy.run(to, from, bytes);
        to += bytes;
      }
      return true;
    },
    scan(x, out, operation) {
      const op = operation === "sum" ? "add" : "mul";
      const ofDType = (dtype: DType): ScheduledKernel =>
        kernelOf(`scan_${op}_${dtype}`, (memory) => scanKernel(memory, dtype, op));
      scan(runtime, ofDType, x, addressOf(x), addressOf(out));
    },
  };
}

function addressOf({ storage, offset, dtype }: NdArray): number {
  return (storage.buffer as number) + offset * itemsize(dtype);
}
