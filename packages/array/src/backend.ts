import type { DType } from "./dtype.js";
import type { OpName } from "./kernel/ops-table.js";
import type { Expansions } from "./kernel/lower.js";
import type { ComputeType, Program } from "./kernel/program.js";
import type { NdArray } from "./ndarray.js";
import type { Routines } from "./routines.js";

/** What a backend hands out for a piece of its memory; only the backend that made it looks inside. */
export type DeviceBuffer = unknown;

/** One run of a compiled kernel. Arrays are alive, on the backend's device, and of the program's dtypes and layouts. */
export interface Launch {
  readonly outputs: readonly NdArray[];
  /** The array inputs in order; inputs that are numbers are in `scalars`. */
  readonly inputs: readonly NdArray[];
  /** Contiguous arrays that the kernel reads at computed positions. */
  readonly buffers: readonly NdArray[];
  /** Values in the order of the program's `scalars`. */
  readonly scalars: readonly number[];
  /** Lengths of the loop axes, `program.rank` of them; for a reduction the kept axes, then the reduced ones. */
  readonly shape: readonly number[];
  /**
   * For every output, then every array input: strides in elements along the loop axes. An output of a reduction has
   * stride 0 along reduced axes. `null` when there is one axis and strides follow from the layouts (1 or 0).
   */
  readonly strides: readonly (readonly number[])[] | null;
}

/** A program compiled for one backend. */
export interface Executable {
  (launch: Launch): void;
  /**
   * Launches of which none reads or writes what another writes, so that they may run in any order, and at once. A backend has it
   * if that is faster than one after the other.
   */
  together?(launches: readonly Launch[]): void;
}

/**
 * The version of {@link Backend} that this package speaks. It changes when something is asked of backends that was not, or
 * means something else; what is new and optional (a method, a routine, an operation of the kernel language) changes nothing.
 */
export const interfaceVersion = 1;

/** What the runs of one kernel took on the device. */
export interface KernelTime {
  /** The kernel with the types and layouts of its operands. */
  readonly kernel: string;
  readonly runs: number;
  /** All runs together. */
  readonly milliseconds: number;
}

/** A measurement that goes on. */
export interface DeviceProfile {
  /** Ends it, and waits for the times. */
  stop(): Promise<KernelTime[]>;
}

/** How much memory a backend holds. */
export interface BackendMemory {
  /** Bytes that the backend has taken from the system. */
  readonly reservedBytes: number;
}

/**
 * What a device has to be able to do. Everything else (broadcasting, promotion, views, scopes, error messages) is done
 * above it, once for all backends.
 *
 * Calls are made in program order and may be queued; only `read` and `synchronize` wait.
 */
export interface Backend {
  /** The version of this interface that it was written for, as a number of its own: `1`. Others are refused. */
  readonly interfaceVersion: typeof interfaceVersion;
  /** The name it is registered under. */
  readonly name: string;
  /** What it runs on, for people: a GPU's name, say. */
  readonly description?: string;
  /** Whether arrays of a dtype can live here. */
  supports(dtype: DType): boolean;
  /** Takes `bytes` (0 is allowed) of memory; contents are undefined. Throws `OutOfMemoryError`; an engine's `RangeError` is made one. */
  allocate(bytes: number): DeviceBuffer;
  /** Gives memory back. The backend keeps it intact for work that is still queued. */
  free(buffer: DeviceBuffer, bytes: number): void;
  /** Copies from the host. `data` may be changed by the caller as soon as this returns. */
  write(buffer: DeviceBuffer, byteOffset: number, data: Uint8Array): void;
  /** Copies to the host. */
  read(buffer: DeviceBuffer, byteOffset: number, bytes: number): Promise<Uint8Array<ArrayBuffer>>;
  /**
   * The bytes of a buffer themselves, where the host can reach them: for libraries, and kernels on the host, that work in
   * place. They start at a multiple of 8 bytes, and are valid until the next `allocate`.
   */
  hostBytes?(buffer: DeviceBuffer): Uint8Array;
  /** Copies to the host at once, where a device can. */
  readSync?(buffer: DeviceBuffer, byteOffset: number, bytes: number): Uint8Array<ArrayBuffer>;
  /**
   * Compiles a program; the caller caches the result. `null` for one that the device cannot run: then it runs on the host, on
   * elements that are read and written back (`hostExecutable`). A backend without `hostBytes` and `readSync` has to run all.
   */
  compile(program: Program): Executable | null;
  /** Generated code of a program, for people to read. */
  print(program: Program): string;
  /**
   * Whether the backend computes an operation of the kernel language itself. Others are expanded where possible: float32
   * functions such as `exp` into sums, products and operations on bits. What cannot be expanded is in the program as it is.
   */
  isNative(op: OpName, type: ComputeType): boolean;
  /** How operations that are not native are expanded; where it is missing, `registerBackend` adds what every backend can use. */
  expansions?: Expansions;
  /** Hand-written routines; what is missing is composed from kernels. `provideRoutines` replaces some of them. */
  routines: Partial<Routines>;
  /** Resolves when everything queued so far is done. */
  synchronize(): Promise<void>;
  /**
   * What to wait for when much work is queued, else null. Loops that never read await it now and then, so that the host
   * does not run ahead of the device without bound; see `keepPace`.
   */
  pace?(): Promise<void> | null;
  memory(): BackendMemory;
  /** Measures kernels from now on, one at a time. Throws `DeviceError` if the device has no clock. */
  profile?(): DeviceProfile;
}

/** Makes a backend, at once or (where a device has to be asked for) later. */
export type BackendFactory = () => Backend | Promise<Backend>;
