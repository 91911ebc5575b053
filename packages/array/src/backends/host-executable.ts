import type { Backend, Executable } from "../backend.js";
import { DeviceError } from "../errors.js";
import { storedView } from "../host.js";
import type { Program } from "../kernel/program.js";
import type { Storage } from "../memory/storage.js";
import type { NdArray } from "../ndarray.js";
import { compileJavaScript } from "./js/index.js";

const onHost = new WeakMap<Backend, Set<string>>();

/**
 * A program that runs on the host, in JavaScript, whatever device its arrays are on: in place where the backend has `hostBytes`,
 * else on elements that are read with `readSync` and written back. For backends that cannot run a program, or cannot run it on
 * the arrays that it meets.
 *
 * Running it throws `DeviceError` where the backend has neither.
 */
export function hostExecutable(program: Program): Executable {
  let memory = new Map<Storage, Uint8Array<ArrayBuffer>>();
  const run = compileJavaScript(program, ({ storage, dtype }) =>
    storedView(dtype, memory.get(storage) as Uint8Array<ArrayBuffer>),
  );
  return (launch) => {
    const { outputs, inputs, buffers } = launch;
    const { backend } = (outputs[0] as NdArray).storage;
    memory = new Map();
    for (const { storage } of [...outputs, ...inputs, ...buffers]) {
      if (!memory.has(storage)) memory.set(storage, elementsOf(backend, storage, program.name));
    }
    run(launch);
    if (backend.hostBytes === undefined) {
      for (const storage of new Set(outputs.map((output) => output.storage))) {
        backend.write(storage.buffer, 0, memory.get(storage) as Uint8Array<ArrayBuffer>);
      }
    }
    memory = new Map();
    note(backend, program.id);
  };
}

/**
 * The kernels that ran on the host although their arrays are on the device, because its backend could not run them: their names
 * with dtypes and layouts.
 */
export function hostKernels(backend: Backend): string[] {
  return [...(onHost.get(backend) ?? [])];
}

function elementsOf(backend: Backend, { buffer, bytes }: Storage, kernel: string): Uint8Array<ArrayBuffer> {
  if (backend.hostBytes !== undefined) return backend.hostBytes(buffer) as Uint8Array<ArrayBuffer>;
  if (backend.readSync !== undefined) return backend.readSync(buffer, 0, bytes);
  throw new DeviceError(
    `device "${backend.name}" cannot run the kernel ${kernel}, and the host cannot run it instead: ` +
      "that takes a backend with hostBytes or readSync. Move the arrays to the cpu with toDevice()",
  );
}

function note(backend: Backend, id: string): void {
  const noted = onHost.get(backend);
  if (noted === undefined) onHost.set(backend, new Set([id]));
  else noted.add(id);
}
