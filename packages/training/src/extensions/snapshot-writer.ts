import { ChainError } from "@chain/array";
import { FileError, takeNpz, type Serializable } from "@chain/links/serializers";
import type { Worker } from "node:worker_threads";

/**
 * What a training does while a snapshot is written: it waits (`"wait"`), or goes on while the file is written beside it,
 * by the same thread when it has time (`"background"`) or by a thread of its own (`"worker"`). The state is always taken
 * first: a snapshot is of one moment, whenever it is written.
 */
export type SnapshotWriterKind = "wait" | "background" | "worker";

/** Saves an object in a file; the state is taken when it is called. */
export type SaveFunction = (file: string, target: Serializable) => Promise<void>;

/**
 * Puts snapshots into files, one after the other (the role of Chainer's snapshot writers). What goes wrong beside the
 * training is thrown at the next snapshot, or at the end.
 */
export class SnapshotWriter {
  private pending: Promise<void> = Promise.resolve();

  constructor(
    private readonly save: SaveFunction,
    private readonly waits: boolean,
    private readonly stop: () => Promise<void> = async () => {},
  ) {}

  /** Takes the state of `target`, and sees to it that it is written; `whenWhole` runs when the file is there. */
  async write(file: string, target: Serializable, whenWhole: () => Promise<void>): Promise<void> {
    await this.settle();
    const writing = this.save(file, target).then(whenWhole);
    if (this.waits) return writing;
    writing.catch(() => undefined); // settle() throws it
    this.pending = writing;
  }

  /** Waits for what is being written. */
  async settle(): Promise<void> {
    const { pending } = this;
    this.pending = Promise.resolve();
    await pending;
  }

  /** Waits for what is being written, and gives up the thread. */
  async finalize(): Promise<void> {
    try {
      await this.settle();
    } finally {
      await this.stop();
    }
  }
}

/** The writer of a kind. */
export function makeWriter(kind: SnapshotWriterKind, save: SaveFunction): SnapshotWriter {
  if (kind !== "worker") return new SnapshotWriter(save, kind === "wait");
  const thread = new WriterThread();
  return new SnapshotWriter(
    (file, target) => thread.save(file, target),
    false,
    () => thread.stop(),
  );
}

/** What the thread is sent. */
export interface WriteRequest {
  readonly file: string;
  readonly entries: ReadonlyMap<string, Uint8Array>;
}

/** What it answers: nothing, or why the file could not be written. */
export type WriteReply = { readonly error: string | null };

/** A thread that compresses snapshots and writes them. It is started by the first, and does not keep the process alive. */
class WriterThread {
  private worker: Worker | null = null;

  async save(file: string, target: Serializable): Promise<void> {
    const entries = await takeNpz(target);
    const worker = (this.worker ??= await startWorker());
    worker.ref();
    const request: WriteRequest = { file, entries };
    const buffers = new Set([...entries.values()].map(({ buffer }) => buffer as ArrayBuffer));
    const reply = nextReply(worker, file);
    worker.postMessage(request, [...buffers]);
    try {
      await reply;
    } finally {
      worker.unref();
    }
  }

  async stop(): Promise<void> {
    await this.worker?.terminate();
    this.worker = null;
  }
}

/** Resolves when the thread says that the file is written; rejects if it could not be, or if the thread ends. */
function nextReply(worker: Worker, file: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const settle = (settled: () => void): void => {
      worker.off("message", onMessage).off("error", onError).off("exit", onExit);
      settled();
    };
    const onMessage = ({ error }: WriteReply): void =>
      settle(() => (error === null ? resolve() : reject(new FileError(error))));
    const onError = (error: unknown): void => settle(() => reject(error));
    const onExit = (): void => settle(() => reject(new ChainError(`the thread that was writing ${file} has ended`)));
    worker.on("message", onMessage).on("error", onError).on("exit", onExit);
  });
}

async function startWorker(): Promise<Worker> {
  const { Worker: NodeWorker } = await import("node:worker_threads");
  return new NodeWorker(new URL("./snapshot-worker.js", import.meta.url), { name: "chain snapshots" });
}
