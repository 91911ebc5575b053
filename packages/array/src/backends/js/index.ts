import type { Backend, Executable, Launch } from "../../backend.js";
import { storedView } from "../../host.js";
import { impliedStrides, type Program } from "../../kernel/program.js";
import { isReference } from "../../kernel/reference.js";
import type { NdArray } from "../../ndarray.js";
import type { TypedArray } from "../../dtype.js";
import { generateJavaScript } from "./generate.js";
import { support } from "./support.js";

type KernelFunction = (
  arrays: TypedArray[],
  offsets: number[],
  buffers: TypedArray[],
  bufferOffsets: number[],
  scalars: readonly number[],
  shape: readonly number[],
  strides: readonly (readonly number[])[],
  support: object,
) => void;

/** Reaches the elements of an array, as a typed array whose element 0 is the storage's. */
export type Elements = (array: NdArray) => TypedArray;

/** Compiles a program to JavaScript that works on whatever memory `elements` gives access to. */
export function compileJavaScript(program: Program, elements: Elements): Executable {
  const kernel = (new Function(generateJavaScript(program)) as () => KernelFunction)();
  const implied = impliedStrides(program);
  return ({ outputs, inputs, buffers, scalars, shape, strides }: Launch) => {
    const operands = [...outputs, ...inputs];
    kernel(
      operands.map(elements),
      operands.map(({ offset }) => offset),
      buffers.map(elements),
      buffers.map(({ offset }) => offset),
      scalars,
      shape,
      strides ?? implied,
      support,
    );
  };
}

/** The reference backend: plain JavaScript on ordinary memory. It supports everything and hurries nowhere. */
export function createJsBackend(): Backend {
  return {
    interfaceVersion: 1,
    name: "js",
    supports: () => true,
    allocate: (bytes) => new Uint8Array(Math.ceil(bytes / 8) * 8),
    free: () => undefined,
    write: (buffer, byteOffset, data) => memoryOf(buffer).set(data, byteOffset),
    read: (buffer, byteOffset, bytes) => Promise.resolve(memoryOf(buffer).slice(byteOffset, byteOffset + bytes)),
    hostBytes: memoryOf,
    readSync: (buffer, byteOffset, bytes) => memoryOf(buffer).slice(byteOffset, byteOffset + bytes),
    compile: (program) =>
      compileJavaScript(program, ({ storage, dtype }) => storedView(dtype, memoryOf(storage.buffer))),
    print: generateJavaScript,
    isNative: (op) => isReference(op),
    routines: {},
    synchronize: () => Promise.resolve(),
    memory: () => ({ reservedBytes: 0 }),
  };
}

function memoryOf(buffer: unknown): Uint8Array<ArrayBuffer> {
  return buffer as Uint8Array<ArrayBuffer>;
}
