import { DeviceError } from "../../../errors.js";
import type { WasmMemory } from "../memory/wasm-memory.js";
import type { WasmKernel } from "../wasm-kernel.js";
import { CONTROL, CONTROL_BYTES, MESSAGE_CAPACITY } from "./control-block.js";
import type { RangeList } from "./range-list.js";
import { canBlock, type HostThread, startThread } from "./host.js";
import { type Helpers, Sharing, type SharingPolicy, WORKER_SPIN } from "./sharing.js";
import { workerProgram } from "./worker-program.js";

/** How long the caller looks for the end of a job before it sleeps, in microseconds. */
const CALLER_SPIN = 200;
/** Chunks per thread at most: many, so that threads end at about the same time even if one is slowed down or begins late. */
const CHUNKS_PER_THREAD = 16;
/** The caller looks again after this many milliseconds, should a wake-up get lost. */
const WAIT_MILLISECONDS = 10;
/** A job in which nothing gets finished for so long has lost a worker. */
const PATIENCE_MILLISECONDS = 120_000;

/** Work to be divided: positions [0, `count`). */
export interface Job {
  readonly count: number;
  /** How long a position takes on one thread, in nanoseconds: an estimate. */
  readonly cost: number;
  /** Ranges begin at multiples of this. */
  readonly grain: number;
}

/**
 * Threads that run ranges of a kernel together with the thread that calls. Workers start at the first job; until they are
 * there, and whenever they are late, the caller does their part, so that a job never waits for a worker to begin.
 */
export class WorkerPool {
  readonly #memory: WasmMemory;
  readonly #threads: number;
  readonly #words: Int32Array;
  readonly #canBlock = canBlock();
  readonly #sharing: SharingPolicy;
  #workers: HostThread[] = [];
  #started = false;

  /** @param threads - how many threads work, the caller's included; `memory` must be shared */
  constructor(memory: WasmMemory, threads: number, sharing: SharingPolicy = new Sharing()) {
    this.#memory = memory;
    this.#threads = threads;
    this.#sharing = sharing;
    const control = memory.allocate(CONTROL_BYTES);
    this.#words = new Int32Array(memory.memory.buffer, control, CONTROL_BYTES / 4);
    this.#words.fill(0);
  }

  /** Who shall help with so much work, in nanoseconds of one thread. */
  helpers(work: number): Helpers {
    const awake = this.#workers.length > 0 && Atomics.load(this.#words, CONTROL.SLEEPERS) < this.#workers.length;
    return this.#sharing.helpers(work, awake, () => performance.now());
  }

  /**
   * Runs `kernel` over a job in ranges; returns when all are done. `args` is the address of its arguments, or a list of ranges that
   * the job's positions run through.
   */
  run(kernel: WasmKernel, args: number | RangeList, { count, cost, grain }: Job, helpers: Helpers): void {
    this.#start();
    const words = this.#words;
    const runPart = (begin: number, end: number): void =>
      typeof args === "number" ? kernel.run(args, begin, end) : args.run(kernel.run, begin, end);
    if (Atomics.load(words, CONTROL.READY) === 0) {
      runPart(0, count);
      return;
    }
    const least = Math.max(this.#sharing.leastTaken / cost, count / (this.#threads * CHUNKS_PER_THREAD));
    const chunk = Math.ceil(least / grain) * grain;
    const chunks = Math.ceil(count / chunk);
    words[CONTROL.KERNEL] = kernel.id;
    words[CONTROL.KERNEL_POINTER] = kernel.sharedBytes(this.#memory);
    words[CONTROL.KERNEL_BYTES] = kernel.bytes.length;
    words[CONTROL.ARGUMENTS] = typeof args === "number" ? args : args.table;
    words[CONTROL.LISTED] = typeof args === "number" ? 0 : 1;
    words[CONTROL.COUNT] = count;
    words[CONTROL.CHUNK] = chunk;
    words[CONTROL.CHUNKS] = chunks;
    words[CONTROL.PAGES] = this.#memory.u8.byteLength / 65536;
    words[CONTROL.FAILED] = 0;
    words[CONTROL.FINISHED] = 0;
    // From here on workers may claim chunks.
    Atomics.store(words, CONTROL.REMAINING, chunks);
    Atomics.add(words, CONTROL.GENERATION, 1);
    if (helpers === "all" && Atomics.load(words, CONTROL.SLEEPERS) > 0) Atomics.notify(words, CONTROL.GENERATION);

    let thrown: unknown;
    let failed = false;
    for (;;) {
      const claim = Atomics.sub(words, CONTROL.REMAINING, 1);
      if (claim <= 0) break;
      const begin = (chunks - claim) * chunk;
      try {
        runPart(begin, Math.min(begin + chunk, count));
      } catch (error) {
        failed = true;
        thrown = error;
      }
      Atomics.add(words, CONTROL.FINISHED, 1);
    }
    this.#awaitFinished(chunks);
    if (failed) throw thrown;
    if (Atomics.load(words, CONTROL.FAILED) !== 0) throw this.#failure(kernel);
  }

  /** Starts the workers, if that was not done, and resolves when all of them run. */
  async ready(): Promise<void> {
    this.#start();
    while (Atomics.load(this.#words, CONTROL.READY) < this.#workers.length) {
      await new Promise((resolve) => setTimeout(resolve, 1));
    }
  }

  /** Ends the workers. The pool still runs jobs afterwards, on the calling thread alone. */
  close(): void {
    this.#started = true;
    Atomics.store(this.#words, CONTROL.STOP, 1);
    Atomics.store(this.#words, CONTROL.READY, 0);
    Atomics.add(this.#words, CONTROL.GENERATION, 1);
    Atomics.notify(this.#words, CONTROL.GENERATION);
    for (const worker of this.#workers) worker.terminate();
    this.#workers = [];
  }

  #start(): void {
    if (this.#started) return;
    this.#started = true;
    const setup = {
      memory: this.#memory.memory,
      control: this.#words.byteOffset,
      layout: CONTROL,
      messageCapacity: MESSAGE_CAPACITY,
      spin: WORKER_SPIN / 1000,
    };
    for (let i = 1; i < this.#threads; i++) {
      this.#workers.push(startThread(workerProgram, setup, `chain worker ${i}`));
    }
  }

  #awaitFinished(chunks: number): void {
    const words = this.#words;
    let finished = Atomics.load(words, CONTROL.FINISHED);
    let since = performance.now();
    while (finished < chunks) {
      for (let i = 0; i < 100; i++) if (Atomics.load(words, CONTROL.FINISHED) === chunks) return;
      const waited = performance.now() - since;
      if (this.#canBlock && waited > CALLER_SPIN / 1000) {
        Atomics.store(words, CONTROL.CALLER_SLEEPS, 1);
        Atomics.wait(words, CONTROL.FINISHED, finished, WAIT_MILLISECONDS);
        Atomics.store(words, CONTROL.CALLER_SLEEPS, 0);
      }
      const now = Atomics.load(words, CONTROL.FINISHED);
      if (now !== finished) since = performance.now();
      else if (waited > PATIENCE_MILLISECONDS) {
        this.close();
        throw new DeviceError(
          `a worker thread has not answered for ${PATIENCE_MILLISECONDS / 1000} s; computing goes on without workers`,
        );
      }
      finished = now;
    }
  }

  #failure(kernel: WasmKernel): Error {
    const codes = this.#words.subarray(CONTROL.MESSAGE, CONTROL.MESSAGE + (this.#words[CONTROL.MESSAGE_LENGTH] ?? 0));
    return new WebAssembly.RuntimeError(
      `kernel ${kernel.name} failed on a worker thread: ${String.fromCharCode(...codes)}`,
    );
  }
}
