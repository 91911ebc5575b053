import { ChainError } from "@chain/array";
import type { MessagePort, Worker } from "node:worker_threads";
import { hasFileSystem } from "../../files.js";
import type { DatasetRecipe } from "../dataset-module.js";
import { WorkerError, WorkerTimeout } from "../worker-error.js";
import {
  cellCount,
  currentCell,
  errorOf,
  MESSAGES,
  progressCell,
  reportOf,
  type ChunkRequest,
  type Ending,
  type Reply,
  type Task,
  type WatcherSetup,
} from "./messages.js";
import { unpackExamples } from "./packed-examples.js";

/** What an {@link ExampleLoader} is started with. */
export interface LoaderOptions {
  readonly workers: number;
  /** Seconds that an example may take; null for any time. */
  readonly timeout: number | null;
  /** Random numbers that are drawn while the data set is made follow from it. */
  readonly seed: number;
}

/** Examples that one worker loads. */
export interface Chunk extends ChunkRequest {
  readonly id: number;
  readonly worker: number;
}

/** What came of a chunk. */
type ChunkReply = Extract<Reply, { readonly id: number }>;

/** A chunk that a worker has, or had until it replied. */
interface Pending {
  readonly chunk: Chunk;
  reply: ChunkReply | null;
  /** Whether nobody wants it any more. */
  dropped: boolean;
}

/** Most milliseconds that the main thread sleeps before it looks how the workers get on. */
const NAP = 100;

/**
 * Threads that load examples of a data set, which each of them makes for itself. The main thread hands out chunks and
 * collects them later; where it has to wait it sleeps, without giving the event loop a turn.
 *
 * Examples come through shared memory that is used again and again. One more thread watches the workers.
 */
export class ExampleLoader<E> {
  private readonly pending = new Map<number, Pending>();
  private readonly memory: SharedArrayBuffer[] = [];
  /** Examples that each worker has yet to load. */
  private readonly loads: number[];
  /** Lengths of the data sets that were made so far. */
  private readonly lengths: number[] = [];
  private failure: ChainError | null = null;
  private chunks = 0;

  private constructor(
    private readonly watcher: Worker,
    private readonly ports: readonly MessagePort[],
    private readonly endings: MessagePort,
    private readonly cells: Int32Array,
    private readonly timeout: number | null,
    private readonly messageOf: (port: MessagePort) => unknown,
  ) {
    this.loads = ports.map(() => 0);
    watcher.unref();
    watcher.on("error", (error: unknown) => {
      this.fail(new ChainError(`cannot start threads for examples: ${reportOf(error).message}`, { cause: error }));
    });
  }

  /**
   * Starts the threads, and resolves when all of them have made the data set.
   *
   * @throws WorkerError if one of them cannot.
   */
  static async start<E>(recipe: DatasetRecipe<E>, options: LoaderOptions): Promise<ExampleLoader<E>> {
    if (!hasFileSystem()) {
      throw new ChainError("loading examples in threads takes Node's worker_threads; use a SerialIterator elsewhere");
    }
    const threads = await import("node:worker_threads");
    const cells = new Int32Array(new SharedArrayBuffer(4 * cellCount(options.workers)));
    const channels = Array.from({ length: options.workers }, () => new threads.MessageChannel());
    const endings = new threads.MessageChannel();
    const ports = channels.map(({ port2 }) => port2);
    const setup: WatcherSetup = { recipe, seed: options.seed, cells, ports, endings: endings.port2 };
    const loader = new ExampleLoader<E>(
      new threads.Worker(new URL("./watcher.js", import.meta.url), {
        workerData: setup,
        transferList: [...ports, endings.port2],
        name: "chain examples",
      }),
      channels.map(({ port1 }) => port1),
      endings.port1,
      cells,
      options.timeout,
      (port) => threads.receiveMessageOnPort(port)?.message,
    );
    await loader.ready();
    return loader;
  }

  /** Number of threads that load examples. */
  get workers(): number {
    return this.ports.length;
  }

  /** Number of examples in the data set. */
  get length(): number {
    return this.lengths[0] ?? 0;
  }

  /** Has examples loaded: they are to be collected, or dropped. */
  submit(request: ChunkRequest): Chunk {
    if (this.failure !== null) throw this.failure;
    // Whoever has least to do; results do not depend on it.
    const worker = this.loads.indexOf(Math.min(...this.loads));
    const chunk: Chunk = { ...request, id: this.chunks++, worker };
    this.pending.set(chunk.id, { chunk, reply: null, dropped: false });
    this.addLoad(chunk, 1);
    const { id } = chunk;
    const task: Task = { ...request, id, memory: this.memory.pop() ?? null };
    this.ports[worker]?.postMessage(task);
    return chunk;
  }

  /**
   * The examples of chunks, one after the other; waits for them.
   *
   * @throws WorkerError if an example cannot be loaded, or a worker has ended.
   */
  collect(chunks: readonly Chunk[]): E[] {
    try {
      return chunks.flatMap((chunk) => this.examplesOf(chunk));
    } catch (error) {
      this.drop(chunks);
      throw error;
    }
  }

  /** Gives up chunks that nobody wants any more. */
  drop(chunks: readonly Chunk[]): void {
    for (const { id } of chunks) {
      const pending = this.pending.get(id);
      if (pending === undefined) continue;
      if (pending.reply === null) pending.dropped = true;
      else this.forget(pending.reply);
    }
  }

  /** Ends the threads. */
  close(): void {
    this.fail(new ChainError("the iterator was finalized, and its threads have ended: open another one"));
  }

  private examplesOf(chunk: Chunk): E[] {
    const reply = this.replyTo(chunk);
    if (reply.kind === "refused") {
      const { error, index } = reply;
      const message = `a worker cannot load example ${index}: ${error.name}: ${error.message}`;
      throw new WorkerError(message, index, { cause: errorOf(error) });
    }
    const examples = unpackExamples(reply.examples) as E[];
    this.forget(reply);
    return examples;
  }

  /** Sleeps until the reply is there. */
  private replyTo({ id, indices, worker }: Chunk): ChunkReply {
    const { cells, timeout } = this;
    let progress = -1;
    let since = 0;
    for (;;) {
      const messages = Atomics.load(cells, MESSAGES);
      this.receive();
      const reply = this.pending.get(id)?.reply;
      if (reply) return reply;
      if (this.failure !== null) throw this.failure;
      const now = performance.now();
      const loaded = Atomics.load(cells, progressCell(worker));
      if (loaded !== progress) [progress, since] = [loaded, now];
      if (timeout !== null && now - since > 1000 * timeout) {
        const index = this.currentOf(worker) ?? (indices[0] as number);
        const message = `a worker has been loading example ${index} for more than ${timeout} s: does the data set hang?`;
        this.fail(new WorkerTimeout(`${message} More time is given by datasetTimeout`, index));
      } else {
        Atomics.wait(cells, MESSAGES, messages, timeout === null ? NAP : Math.min(NAP, 250 * timeout));
      }
    }
  }

  private async ready(): Promise<void> {
    const { lengths, ports } = this;
    while (lengths.length < ports.length) {
      this.receive();
      if (this.failure !== null) throw this.failure;
      await new Promise((resolve) => setTimeout(resolve, 2));
    }
    if (lengths.some((length) => length !== this.length)) {
      const message = `workers have made data sets of different lengths, ${lengths.join(" and ")}: let each make the same`;
      throw this.fail(new WorkerError(message, null));
    }
  }

  /** Takes the messages that are there. */
  private receive(): void {
    for (const port of this.ports) {
      for (let reply = this.messageOf(port); reply !== undefined; reply = this.messageOf(port)) {
        this.accept(reply as Reply);
      }
    }
    const ending = this.messageOf(this.endings) as Ending | undefined;
    if (ending !== undefined) this.fail(this.errorOfEnding(ending));
  }

  private accept(reply: Reply): void {
    if (reply.kind === "ready") {
      this.lengths.push(reply.length);
    } else if (reply.kind === "failed") {
      const { error } = reply;
      const message = `a worker cannot make the data set: ${error.name}: ${error.message}`;
      this.fail(new WorkerError(message, null, { cause: errorOf(error) }));
    } else {
      const pending = this.pending.get(reply.id);
      if (pending === undefined) return;
      this.addLoad(pending.chunk, -1);
      pending.reply = reply;
      if (pending.dropped) this.forget(reply);
    }
  }

  /** Nobody needs a reply any more: its memory is free. */
  private forget(reply: ChunkReply): void {
    this.pending.delete(reply.id);
    if (reply.kind === "loaded") this.memory.push(reply.examples.memory);
  }

  private addLoad({ indices, worker }: Chunk, sign: 1 | -1): void {
    this.loads[worker] = (this.loads[worker] as number) + sign * indices.length;
  }

  /** The example that a worker is loading. */
  private currentOf(worker: number): number | null {
    const current = Atomics.load(this.cells, currentCell(worker));
    return current === 0 ? null : current - 1;
  }

  private errorOfEnding({ error, status, worker }: Ending): WorkerError {
    const index = this.currentOf(worker);
    const idle = this.lengths.length < this.workers ? "while it was making the data set" : "between examples";
    const when = index === null ? idle : `while it was loading example ${index}`;
    if (error === null) return new WorkerError(`a worker has ended ${when}, with status ${status}`, index);
    const message = `a worker has ended ${when}: ${error.name}: ${error.message}`;
    return new WorkerError(message, index, { cause: errorOf(error) });
  }

  /** Ends everything, for the reason that is given first. */
  private fail(error: ChainError): ChainError {
    if (this.failure !== null) return this.failure;
    this.failure = error;
    void this.watcher.terminate();
    for (const port of [...this.ports, this.endings]) port.close();
    return error;
  }
}
