import type { Backend, DeviceBuffer } from "../backend.js";
import { OutOfMemoryError, UseAfterFreeError } from "../errors.js";
import { formatShape, type Shape } from "../shape.js";
import type { Scope } from "./scope.js";

/** A piece of one device's memory, shared by an array and the views of it. */
export class Storage {
  /** Freed storage must not be touched; see {@link useAfterFree}. */
  freed = false;
  /** The scope that frees this storage when it ends, if any. */
  scope: Scope | null = null;
  /** Arrays and views that have been made on it and not disposed of. */
  references = 1;
  /** Holders inside the framework that still need the contents; see `pin`. */
  pins = 0;
  /** What can still be read of it though it has been freed; see `retire`. */
  remains: Uint8Array<ArrayBuffer> | null = null;
  /** In debug mode: where it was made and freed. */
  history: { made?: string; freed?: string } | null = null;

  constructor(
    readonly backend: Backend,
    readonly buffer: DeviceBuffer,
    readonly bytes: number,
  ) {}
}

interface DeviceUsage {
  arrays: number;
  bytes: number;
  peakBytes: number;
}

const usage = new Map<Backend, DeviceUsage>();
let lastBackend: Backend | null = null;
let lastUsage: DeviceUsage = { arrays: 0, bytes: 0, peakBytes: 0 };
let debug = false;

/** Records where arrays are made and freed, for the messages of {@link UseAfterFreeError}. */
export function setMemoryDebug(on: boolean): void {
  debug = on;
}

/**
 * Takes memory of a device.
 *
 * @throws OutOfMemoryError if there is not so much
 */
export function allocateStorage(backend: Backend, bytes: number): Storage {
  const storage = new Storage(backend, allocated(backend, bytes), bytes);
  const used = usageOf(backend);
  used.arrays++;
  used.bytes += bytes;
  if (used.bytes > used.peakBytes) used.peakBytes = used.bytes;
  if (debug) storage.history = { made: callSite() };
  return storage;
}

/** What the backend allocates. Where its memory are typed arrays, too long ones are the engine's RangeError. */
function allocated(backend: Backend, bytes: number): DeviceBuffer {
  try {
    return backend.allocate(bytes);
  } catch (error) {
    // By its name, as it may come from another realm.
    const { name, message } = error as Partial<Error>;
    if (name !== "RangeError") throw error;
    throw new OutOfMemoryError(
      `${backend.name}: no memory for an array of ${bytes} bytes: free arrays, or work in smaller batches. (${message})`,
    );
  }
}

/** Gives the memory back; doing it twice is harmless. */
export function freeStorage(storage: Storage): void {
  if (storage.freed) return;
  storage.freed = true;
  storage.scope = null;
  const used = usageOf(storage.backend);
  used.arrays--;
  used.bytes -= storage.bytes;
  if (debug && storage.history !== null) storage.history.freed = callSite();
  storage.backend.free(storage.buffer, storage.bytes);
}

/** The error for touching freed storage. */
export function useAfterFree(storage: Storage, shape: Shape, dtype: string): UseAfterFreeError {
  const { made, freed } = storage.history ?? {};
  const trail = [made && `made at ${made}`, freed && `freed at ${freed}`].filter(Boolean).join("; ");
  return new UseAfterFreeError(
    `array of shape ${formatShape(shape)} and dtype ${dtype} was used after its memory had been freed: ` +
      `it was made in a scope that has ended, or disposed of. Return it from the scope or keep() it. ` +
      (trail === "" ? "In debug mode this message says where it was made and freed." : `It was ${trail}.`),
  );
}

/** Live arrays (storages, not views) and their bytes, per device. */
export interface MemoryInfo {
  readonly arrays: number;
  readonly bytes: number;
  /** The most bytes that were live at one time. */
  readonly peakBytes: number;
  /** Bytes that the backend has taken from the system, free blocks included. */
  readonly reservedBytes: number;
}

/** What is live on every opened device, by the device's name. */
export function memoryInfo(): Record<string, MemoryInfo> {
  const info: Record<string, MemoryInfo> = {};
  for (const [backend, used] of usage) {
    info[backend.name] = { ...used, reservedBytes: backend.memory().reservedBytes };
  }
  return info;
}

/** Bytes that are live on all devices together. */
export function liveBytes(): number {
  let bytes = 0;
  for (const used of usage.values()) bytes += used.bytes;
  return bytes;
}

function usageOf(backend: Backend): DeviceUsage {
  if (backend === lastBackend) return lastUsage;
  let used = usage.get(backend);
  if (used === undefined) {
    used = { arrays: 0, bytes: 0, peakBytes: 0 };
    usage.set(backend, used);
  }
  lastBackend = backend;
  lastUsage = used;
  return used;
}

function callSite(): string {
  const lines = new Error("call site").stack?.split("\n").slice(1) ?? [];
  const outside = lines.filter((line) => !/[\\/](packages[\\/]array|@chain[\\/]array)[\\/]/.test(line));
  return (outside.length > 0 ? outside : lines.slice(-3))
    .slice(0, 3)
    .map((line) => line.trim().replace(/^at /, ""))
    .join(" < ");
}
