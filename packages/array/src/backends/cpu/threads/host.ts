import { hasNodeThreads, processors, startNodeThread } from "#platform";
import { ValueError } from "../../../errors.js";

/** Most threads that are used unless asked for more: beyond it, memory bandwidth is the limit. */
const MOST_DEFAULT_THREADS = 32;

/** A thread that was started. */
export interface HostThread {
  /** Ends it, whatever it does. */
  terminate(): void;
}

/** Whether memory can be shared between threads: always in Node, under cross-origin isolation in browsers. */
export function canShareMemory(): boolean {
  const { crossOriginIsolated } = globalThis as { crossOriginIsolated?: boolean };
  return typeof SharedArrayBuffer === "function" && crossOriginIsolated !== false;
}

/** Whether worker threads can be started here. */
export function canStartThreads(): boolean {
  return canShareMemory() && (hasNodeThreads || typeof Worker === "function");
}

/** Whether `Atomics.wait` may block this thread: not on the main thread of a browser tab. */
export function canBlock(): boolean {
  try {
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 1, 0);
    return true;
  } catch {
    return false;
  }
}

/**
 * Threads to compute with: the environment variable `CHAIN_THREADS` where it is set, else the number of processors.
 *
 * @throws ValueError if `CHAIN_THREADS` is not a positive integer
 */
export function defaultThreads(): number {
  const asked = (globalThis as { process?: Partial<typeof process> }).process?.env?.["CHAIN_THREADS"];
  if (asked !== undefined && asked !== "") {
    const threads = Number(asked);
    if (!Number.isInteger(threads) || threads < 1) {
      throw new ValueError(`CHAIN_THREADS: expected a positive integer, got ${JSON.stringify(asked)}`);
    }
    return threads;
  }
  const available = processors() ?? globalThis.navigator?.hardwareConcurrency ?? 1;
  return Math.max(1, Math.min(available, MOST_DEFAULT_THREADS));
}

/**
 * Runs `program(setup)` in a new thread that does not keep the process alive.
 *
 * @param program - a function that refers to nothing outside itself: its source text is what the thread gets
 * @param setup - its argument; copied, except for shared memory
 */
export function startThread<Setup>(program: (setup: Setup) => void, setup: Setup, name: string): HostThread {
  // Some TypeScript runners wrap inner functions in a helper of this name.
  const source = `const __name = (f) => f; const program = ${program.toString()};`;
  const terminate = startNodeThread(`${source}program(setup);`, setup, name);
  if (terminate !== null) return { terminate };
  const start = "onmessage = (event) => { program(event.data); close(); };";
  const url = URL.createObjectURL(new Blob([source + start], { type: "text/javascript" }));
  const worker = new Worker(url, { name });
  worker.postMessage(setup, []);
  return {
    terminate: () => {
      worker.terminate();
      URL.revokeObjectURL(url);
    },
  };
}
