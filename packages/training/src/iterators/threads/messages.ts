/** What the threads of a `MultithreadIterator` tell each other. */
import type { MessagePort } from "node:worker_threads";
import type { DatasetRecipe } from "../dataset-module.js";
import type { PackedExamples } from "./packed-examples.js";

/** Shared words: the first counts messages to the main thread, which sleeps on it; each worker has two of its own. */
export const MESSAGES = 0;

/** Number of shared words. */
export function cellCount(workers: number): number {
  return 1 + 2 * workers;
}

/** Where a worker tells what it loads: 1 + the index of the example, or 0. */
export function currentCell(worker: number): number {
  return 1 + 2 * worker;
}

/** Where a worker counts the examples that it has loaded. */
export function progressCell(worker: number): number {
  return 2 + 2 * worker;
}

/** Wakes the main thread up after a message to it. */
export function ring(cells: Int32Array): void {
  Atomics.add(cells, MESSAGES, 1);
  Atomics.notify(cells, MESSAGES);
}

/** What a worker starts with. */
export interface WorkerSetup {
  readonly worker: number;
  readonly recipe: DatasetRecipe<unknown>;
  readonly seed: number;
  readonly cells: Int32Array;
  readonly port: MessagePort;
}

/** What the thread that watches the workers starts with. */
export interface WatcherSetup extends Omit<WorkerSetup, "worker" | "port"> {
  /** A port for each worker. */
  readonly ports: readonly MessagePort[];
  /** Where it says how a worker has ended. */
  readonly endings: MessagePort;
}

/** Examples that a worker is asked for. */
export interface ChunkRequest {
  readonly indices: Int32Array;
  /** How many examples the iterator gave out before the first of them. */
  readonly ordinal: number;
  /** What random numbers of the examples follow from, together with their ordinals. */
  readonly seed: number;
}

/** A request, and memory for the examples if there is some to be used again. */
export interface Task extends ChunkRequest {
  readonly id: number;
  readonly memory: SharedArrayBuffer | null;
}

/** An error as it travels between threads. */
export interface ErrorReport {
  readonly name: string;
  readonly message: string;
  readonly stack: string | undefined;
}

/** What a worker answers. */
export type Reply =
  | { readonly kind: "ready"; readonly length: number }
  | { readonly kind: "failed"; readonly error: ErrorReport }
  | { readonly kind: "loaded"; readonly id: number; readonly examples: PackedExamples }
  | { readonly kind: "refused"; readonly id: number; readonly index: number; readonly error: ErrorReport };

/** How a worker has ended: with an error that nobody caught, or a status. */
export interface Ending {
  readonly worker: number;
  readonly error: ErrorReport | null;
  readonly status: number | null;
}

/** Makes a report of whatever was thrown. */
export function reportOf(error: unknown): ErrorReport {
  if (!(error instanceof Error)) return { name: "Error", message: String(error), stack: undefined };
  return { name: error.name, message: error.message, stack: error.stack };
}

/** The error that was reported. */
export function errorOf({ message, name, stack }: ErrorReport): Error {
  const error = new Error(message);
  error.name = name;
  if (stack !== undefined) error.stack = stack;
  return error;
}
