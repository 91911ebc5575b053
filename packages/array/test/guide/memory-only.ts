import { registerBackend, type Backend } from "@chain/array/backend";

/** A device whose memory is ordinary memory. It compiles nothing: every kernel runs on the host. */
export function createMemoryOnlyBackend(): Backend {
  const bytesOf = (buffer: unknown) => buffer as Uint8Array<ArrayBuffer>;
  return {
    interfaceVersion: 1,
    name: "memory-only",
    supports: () => true,
    allocate: (bytes) => new Uint8Array(Math.ceil(bytes / 8) * 8),
    free: () => undefined,
    write: (buffer, byteOffset, data) => bytesOf(buffer).set(data, byteOffset),
    read: async (buffer, byteOffset, bytes) => bytesOf(buffer).slice(byteOffset, byteOffset + bytes),
    readSync: (buffer, byteOffset, bytes) => bytesOf(buffer).slice(byteOffset, byteOffset + bytes),
    compile: () => null,
    print: ({ id }) => `${id} runs on the host`,
    isNative: () => true,
    routines: {},
    synchronize: async () => undefined,
    memory: () => ({ reservedBytes: 0 }),
  };
}

registerBackend("memory-only", createMemoryOnlyBackend);
