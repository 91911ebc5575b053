import koffi, { type LibraryHandle } from "koffi";
import { loadLibrary, optional, threadCount } from "../shared-library.js";
import type { Gemm, GemmLibrary } from "../products/gemm.js";
import { Descriptors2 } from "./descriptors-2.js";
import { Descriptors3 } from "./descriptors-3.js";
import type { Context, Descriptors, Layout } from "./descriptors.js";
import { functionsOf, make, type Functions, type Handle } from "./functions.js";
import { gemmOf } from "./gemm.js";

/** What becomes of an operand of a convolution, by oneDNN's numbers. */
export interface Role {
  /** The argument of an execution. */
  readonly argument: number;
  /** The query for its layout, and which of several answers. */
  readonly query: readonly [what: number, index: number];
}

/** Operands of convolutions and of copies (`source` and `destination`). */
export const roles = {
  source: { argument: 1, query: [129, 0] },
  weights: { argument: 33, query: [131, 0] },
  bias: { argument: 41, query: [131, 1] },
  destination: { argument: 17, query: [133, 0] },
  sourceGradient: { argument: 129, query: [130, 0] },
  weightsGradient: { argument: 161, query: [132, 0] },
  destinationGradient: { argument: 145, query: [134, 0] },
  scratchpad: { argument: 80, query: [136, 0] },
} as const satisfies Record<string, Role>;

/** Operands of an execution: pairs of an argument's number and the address of its memory. */
export type Operands = BigUint64Array<ArrayBuffer>;

const CPU = 1;
const IN_ORDER = 1;
const USER_SCRATCHPAD = 1;
const IMPLEMENTATION_NAME = 8;

/** The versions that are known, by their first number. */
const versions: Readonly<Record<number, new (lib: LibraryHandle, context: Context) => Descriptors>> = {
  2: Descriptors2,
  3: Descriptors3,
};

/** oneDNN, as far as it is used here. Whatever is made here stays until it is released. */
export class OneDnn implements GemmLibrary {
  readonly version: string;
  /** Threads it may use. */
  readonly threads = threadCount();
  readonly sgemm: Gemm;
  readonly dgemm = null;
  /** Describes layouts and operations, as this version wants it. */
  readonly descriptors: Descriptors;
  readonly #functions: Functions;
  readonly #setThreads: ReturnType<typeof optional>;
  readonly #engine: Handle;
  readonly #stream: Handle;
  readonly #attributes: Handle;

  /** @throws Error if the file cannot be loaded, or is a version that is not known */
  constructor(readonly file: string) {
    const lib = loadLibrary(file);
    const found: unknown = lib.func("const int *dnnl_version()")();
    const numbers = Array.from(koffi.decode(found, "int", 3) as Int32Array);
    this.version = numbers.join(".");
    const Version = versions[numbers[0] as number];
    if (Version === undefined) {
      throw new Error(`${file} is oneDNN ${this.version}, expected version ${Object.keys(versions).join(" or ")}`);
    }
    this.#functions = functionsOf(lib);
    this.sgemm = gemmOf(lib);
    this.#setThreads = optional(lib, "void omp_set_num_threads(int threads)");
    const { createEngine, createStream, createAttributes, setScratchpadMode } = this.#functions;
    this.#engine = make(createEngine, CPU, 0);
    this.#stream = make(createStream, this.#engine, IN_ORDER);
    this.#attributes = make(createAttributes);
    setScratchpadMode(this.#attributes, USER_SCRATCHPAD);
    this.descriptors = new Version(lib, { engine: this.#engine, attributes: this.#attributes });
  }

  /** How many threads may take part in what is described or executed from now on. */
  readonly useThreads = (count: number): void => {
    this.#setThreads?.(count);
  };

  /** float32 in C order. */
  rows(shape: readonly number[]): Layout {
    const strides = shape.map((_, axis) => shape.slice(axis + 1).reduce((product, length) => product * length, 1));
    return this.descriptors.strided(shape, strides);
  }

  bytesOf(layout: Layout): number {
    return this.#functions.layoutBytes(layout);
  }

  equal(left: Layout, right: Layout): boolean {
    return this.#functions.layoutsEqual(left, right) !== 0;
  }

  /** Describes a copy into another layout. */
  reorder(from: Layout, to: Layout): Handle {
    return make(this.#functions.describeReorder, from, this.#engine, to, this.#engine, this.#attributes);
  }

  /** The layout that an operation wants for an operand. */
  layoutOf(description: Handle, { query }: Role): Layout {
    return this.#functions.queryLayout(description, ...query);
  }

  /** What oneDNN calls the code that it chose. */
  implementation(description: Handle): string {
    const name = new BigUint64Array(1);
    this.#functions.query(description, IMPLEMENTATION_NAME, 0, name);
    return String(koffi.decode(name[0], "char", -1));
  }

  /** Makes what a description tells of. */
  primitive(description: Handle): Handle {
    return make(this.#functions.createPrimitive, description);
  }

  /** An operand that is yet to be placed. */
  memory(layout: Layout): Handle {
    return make(this.#functions.createMemory, layout, this.#engine, null);
  }

  /** Says where an operand's elements are. */
  place(memory: Handle, address: number): void {
    this.#functions.placeMemory(memory, address);
  }

  /** Runs it to its end. */
  execute(primitive: Handle, operands: Operands): void {
    this.#functions.execute(primitive, this.#stream, operands.length / 2, operands);
  }

  releaseDescription(description: Handle): void {
    this.#functions.releaseDescription(description);
  }

  releasePrimitive(primitive: Handle): void {
    this.#functions.releasePrimitive(primitive);
  }

  releaseMemory(memory: Handle): void {
    this.#functions.releaseMemory(memory);
  }
}

export function operandsOf(pairs: readonly (readonly [role: Role, memory: Handle])[]): Operands {
  return BigUint64Array.from(pairs.flatMap(([{ argument }, memory]) => [BigInt(argument), BigInt(memory)]));
}
