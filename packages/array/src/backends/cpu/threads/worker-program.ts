import type { CONTROL } from "./control-block.js";

/** What a worker gets when it starts. */
export interface WorkerSetup {
  readonly memory: WebAssembly.Memory;
  /** Address of the control block. */
  readonly control: number;
  readonly layout: typeof CONTROL;
  readonly messageCapacity: number;
  /** How long to look for work before sleeping, in microseconds. */
  readonly spin: number;
}

/**
 * What a worker runs. Its source text is sent to the worker, so it must not refer to anything outside itself; it never
 * returns to an event loop while the pool lives.
 */
/* istanbul ignore next: counters of a coverage tool do not exist in the worker */
export function workerProgram(setup: WorkerSetup): void {
  const { memory, control, layout, messageCapacity, spin } = setup;
  const words = new Int32Array(memory.buffer, control, layout.MESSAGE + messageCapacity);
  const kernels: (((args: number, begin: number, end: number) => void) | undefined)[] = [];

  function load(id: number): (args: number, begin: number, end: number) => void {
    const loaded = kernels[id];
    if (loaded !== undefined) return loaded;
    const pointer = Atomics.load(words, layout.KERNEL_POINTER) >>> 0;
    const bytes = new Uint8Array(memory.buffer, pointer, Atomics.load(words, layout.KERNEL_BYTES)).slice();
    const imports = { env: { memory }, Math: Math as unknown as WebAssembly.ModuleImports };
    const instance = new WebAssembly.Instance(new WebAssembly.Module(bytes), imports);
    const run = instance.exports["run"] as (args: number, begin: number, end: number) => void;
    kernels[id] = run;
    return run;
  }

  /** As `RangeList.run`. */
  function runListed(run: ReturnType<typeof load>, table: number, begin: number, end: number): void {
    const list = new Uint32Array(memory.buffer);
    for (let word = table >>> 2, first = 0; first < end; word += 2) {
      const last = list[word] as number;
      if (last > begin) run(list[word + 1] as number, Math.max(begin, first) - first, Math.min(end, last) - first);
      first = last;
    }
  }

  function fail(error: unknown): void {
    if (Atomics.compareExchange(words, layout.FAILED, 0, 1) !== 0) return;
    const message = String(error).slice(0, messageCapacity);
    for (let i = 0; i < message.length; i++) words[layout.MESSAGE + i] = message.charCodeAt(i);
    words[layout.MESSAGE_LENGTH] = message.length;
  }

  function work(): void {
    for (;;) {
      const claim = Atomics.sub(words, layout.REMAINING, 1);
      if (claim <= 0) return;
      const chunks = Atomics.load(words, layout.CHUNKS);
      try {
        // Another thread's growth reaches this one late; growing by nothing fetches it.
        if (memory.buffer.byteLength < Atomics.load(words, layout.PAGES) * 65536) memory.grow(0);
        const chunk = Atomics.load(words, layout.CHUNK) >>> 0;
        const begin = (chunks - claim) * chunk;
        const end = Math.min(begin + chunk, Atomics.load(words, layout.COUNT) >>> 0);
        const run = load(Atomics.load(words, layout.KERNEL));
        const args = Atomics.load(words, layout.ARGUMENTS);
        if (Atomics.load(words, layout.LISTED) === 0) run(args, begin, end);
        else runListed(run, args, begin, end);
      } catch (error) {
        fail(error);
      }
      const finished = Atomics.add(words, layout.FINISHED, 1) + 1;
      if (finished === chunks && Atomics.load(words, layout.CALLER_SLEEPS) === 1) {
        Atomics.notify(words, layout.FINISHED);
      }
    }
  }

  function nextGeneration(seen: number): void {
    const deadline = performance.now() + spin / 1000;
    do {
      for (let i = 0; i < 100; i++) if (Atomics.load(words, layout.GENERATION) !== seen) return;
    } while (performance.now() < deadline);
    Atomics.add(words, layout.SLEEPERS, 1);
    Atomics.wait(words, layout.GENERATION, seen);
    Atomics.sub(words, layout.SLEEPERS, 1);
  }

  Atomics.add(words, layout.READY, 1);
  Atomics.notify(words, layout.READY);
  for (let seen = 0; Atomics.load(words, layout.STOP) === 0;) {
    nextGeneration(seen);
    seen = Atomics.load(words, layout.GENERATION);
    work();
  }
}
