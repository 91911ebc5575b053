import koffi from "koffi";
import { loadWith, optional, threadCount } from "../shared-library.js";
import { functionsOf, type Argument, type Functions } from "./functions.js";

/** Address in the process of an object of oneDNN's, which nobody else looks into. */
export type Handle = number;

/** How an array lies in memory: a descriptor of ours, or the address of one that belongs to a description. */
export type Layout = Uint8Array | Handle;

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

/** Layouts of a convolution's operands; `bias` is null where there is none. */
export interface ConvolutionLayouts {
  readonly source: Layout;
  readonly weights: Layout;
  readonly bias: Layout | null;
  readonly destination: Layout;
}

/** How windows lie over an input, as oneDNN takes it: a number a spatial axis. */
export interface Windows {
  readonly stride: readonly number[];
  /** Elements that are left out between two of a window: 0 where they are neighbours. */
  readonly gap: readonly number[];
  readonly padBefore: readonly number[];
  readonly padAfter: readonly number[];
}

/** Operands of an execution: pairs of an argument's number and the address of its memory. */
export type Operands = BigUint64Array<ArrayBuffer>;

const FLOAT32 = 3;
const CPU = 1;
const IN_ORDER = 1;
const ANY_LAYOUT = 1;
const FORWARD_TRAINING = 64;
const DIRECT = 1;
const USER_SCRATCHPAD = 1;
const IMPLEMENTATION_NAME = 8;

/** Bytes that hold any descriptor of a layout (696 in version 2.6) and of an operation (5,976). */
const layoutSize = 1024;
const operationSize = 16384;

/**
 * oneDNN, version 2: what convolutions need of it. Whatever is made here stays until it is released.
 *
 * Version 3 describes layouts and operations by other functions, and is refused.
 */
export class OneDnn {
  readonly version: string;
  /** Threads it may use. */
  readonly threads = threadCount();
  readonly #functions: Functions;
  readonly #setThreads: ReturnType<typeof optional>;
  readonly #engine: Handle;
  readonly #stream: Handle;
  readonly #attributes: Handle;
  /** Where functions put the address of what they make. */
  readonly #made = new BigUint64Array(1);

  /** @throws Error if the file cannot be loaded, or is another version */
  constructor(readonly file: string) {
    // Its threads look for work this many rounds before they sleep; by default so long that they hold up ours.
    const lib = loadWith({ GOMP_SPINCOUNT: "1000" }, file);
    const version: unknown = lib.func("const int *dnnl_version()")();
    const numbers = Array.from(koffi.decode(version, "int", 3) as Int32Array);
    this.version = numbers.join(".");
    if (numbers[0] !== 2) throw new Error(`${file} is oneDNN ${this.version}, expected version 2`);
    this.#functions = functionsOf(lib);
    this.#setThreads = optional(lib, "void omp_set_num_threads(int threads)");
    const { createEngine, createStream, createAttributes, setScratchpadMode } = this.#functions;
    this.#engine = this.#make(createEngine, CPU, 0);
    this.#stream = this.#make(createStream, this.#engine, IN_ORDER);
    this.#attributes = this.#make(createAttributes);
    setScratchpadMode(this.#attributes, USER_SCRATCHPAD);
  }

  /** How many threads may take part in what is described or executed from now on. */
  useThreads(count: number): void {
    this.#setThreads?.(count);
  }

  /** float32 in C order. */
  rows(shape: readonly number[]): Layout {
    const layout = new Uint8Array(layoutSize);
    const strides = shape.map((_, axis) => shape.slice(axis + 1).reduce((product, length) => product * length, 1));
    this.#functions.initLayoutByStrides(layout, shape.length, longs(shape), FLOAT32, longs(strides));
    return layout;
  }

  /** float32 in the layout that suits the operation. */
  anyLayout(shape: readonly number[]): Layout {
    const layout = new Uint8Array(layoutSize);
    this.#functions.initLayoutByTag(layout, shape.length, longs(shape), FLOAT32, ANY_LAYOUT);
    return layout;
  }

  bytesOf(layout: Layout): number {
    return this.#functions.layoutBytes(layout);
  }

  equal(left: Layout, right: Layout): boolean {
    return this.#functions.layoutsEqual(left, right) !== 0;
  }

  /** Describes a convolution. */
  forward({ source, weights, bias, destination }: ConvolutionLayouts, windows: Windows): Handle {
    const operation = new Uint8Array(operationSize);
    const operands = [source, weights, bias, destination];
    this.#functions.initForward(operation, FORWARD_TRAINING, DIRECT, ...operands, ...sizesOf(windows));
    return this.#describe(operation, null);
  }

  /** Describes the gradient by the source of a convolution that `forward` describes. */
  backwardData({ source, weights, destination }: ConvolutionLayouts, windows: Windows, forward: Handle): Handle {
    const operation = new Uint8Array(operationSize);
    this.#functions.initBackwardData(operation, DIRECT, source, weights, destination, ...sizesOf(windows));
    return this.#describe(operation, forward);
  }

  /** Describes the gradient by the weights of a convolution that `forward` describes. */
  backwardWeights({ source, weights, destination }: ConvolutionLayouts, windows: Windows, forward: Handle): Handle {
    const operation = new Uint8Array(operationSize);
    this.#functions.initBackwardWeights(operation, DIRECT, source, weights, null, destination, ...sizesOf(windows));
    return this.#describe(operation, forward);
  }

  /** Describes a copy into another layout. */
  reorder(from: Layout, to: Layout): Handle {
    return this.#make(this.#functions.describeReorder, from, this.#engine, to, this.#engine, this.#attributes);
  }

  /** The layout that an operation wants for an operand. */
  layoutOf(description: Handle, { query }: Role): Layout {
    return this.#functions.queryLayout(description, ...query);
  }

  /** What oneDNN calls the code that it chose. */
  implementation(description: Handle): string {
    this.#functions.query(description, IMPLEMENTATION_NAME, 0, this.#made);
    return String(koffi.decode(this.#made[0], "char", -1));
  }

  /** Makes what a description tells of. */
  primitive(description: Handle): Handle {
    return this.#make(this.#functions.createPrimitive, description);
  }

  /** An operand that is yet to be placed. */
  memory(layout: Layout): Handle {
    return this.#make(this.#functions.createMemory, layout, this.#engine, null);
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

  #describe(operation: Uint8Array, forward: Handle | null): Handle {
    return this.#make(this.#functions.describe, operation, this.#attributes, this.#engine, forward);
  }

  /** Calls a function that makes something and says where by its first argument. */
  #make(create: (...args: Argument[]) => void, ...args: Argument[]): Handle {
    create(this.#made, ...args);
    return Number(this.#made[0]);
  }
}

export function operandsOf(pairs: readonly (readonly [role: Role, memory: Handle])[]): Operands {
  return BigUint64Array.from(pairs.flatMap(([{ argument }, memory]) => [BigInt(argument), BigInt(memory)]));
}

function sizesOf({ stride, gap, padBefore, padAfter }: Windows): BigInt64Array[] {
  return [stride, gap, padBefore, padAfter].map(longs);
}

/** Twelve of C's `int64_t`, as oneDNN's arrays of sizes have. */
function longs(values: readonly number[]): BigInt64Array {
  const result = new BigInt64Array(12);
  values.forEach((value, i) => (result[i] = BigInt(value)));
  return result;
}
