import { ValueError } from "@chain/array";
import { DamagedFileError, loadNpz, saveNpz, type Serializable } from "@chain/links/serializers";
import { Extension, PRIORITY_SNAPSHOT } from "../extension.js";
import { fileSystem, hasFileSystem } from "../files.js";
import { fillTemplate, templatePattern } from "../format/template.js";
import type { Trainer } from "../trainer.js";
import type { TriggerLike } from "../triggers/trigger.js";
import { makeWriter, type SaveFunction, type SnapshotWriter, type SnapshotWriterKind } from "./snapshot-writer.js";

/** Options of {@link snapshotObject}. */
export interface SnapshotObjectOptions {
  /** Saves an object in a file, as it is when it is called. Default: `saveNpz`. */
  readonly savefun?: SaveFunction;
  /** Loads what `savefun` has saved, for `autoload`; throws {@link DamagedFileError} if it isn't whole. Default: `loadNpz`. */
  readonly loadfun?: (file: string, target: Serializable) => Promise<void>;
  /**
   * Whether the training waits until a snapshot is written, or goes on: `"background"`, or `"worker"`, in a thread (without
   * a `savefun` of one's own). Default: `"wait"`.
   */
  readonly writer?: SnapshotWriterKind;
  /** Whether a snapshot is taken when it is time for one; always by default. */
  readonly condition?: (trainer: Trainer) => boolean;
  /**
   * Whether one is taken when the training loop has thrown. It is of the moment of the error, which may be in the middle of
   * an iteration. Default: false.
   */
  readonly snapshotOnError?: boolean;
  /** How many of the latest snapshots are kept in the folder; all by default. Needs a `filename` that is a string. */
  readonly nRetains?: number;
  /**
   * Whether the latest snapshot in the folder that is whole is loaded before the training begins; those that are not are
   * skipped, with a warning. One that is whole and does not fit this training is an error: beginning anew in its folder
   * would overwrite it. Default: false. Needs a `filename` that is a string.
   */
  readonly autoload?: boolean;
}

/** Options of {@link snapshot}. */
export interface SnapshotOptions extends SnapshotObjectOptions {
  /**
   * Name of the file in the output folder, with properties of the trainer filled in, or a function that makes it.
   * Default: `"snapshot_iter_{.updater.iteration}"`.
   */
  readonly filename?: string | ((trainer: Trainer) => string);
  /** What is saved. Default: the trainer. */
  readonly target?: Serializable;
}

/**
 * An extension that saves the whole state of the training, every epoch by default, from which it can be resumed:
 * `await loadNpz(file, trainer)`, or `autoload`. When the user interrupts the training, it saves once more.
 *
 * Files are written atomically: there are only whole ones, also after a crash or a loss of power. Older ones are removed
 * (`nRetains`) when a newer one is whole.
 */
export function snapshot(options: SnapshotOptions = {}): Extension {
  return new Snapshot(options);
}

/** An extension that saves one object, a model for example, every epoch by default. */
export function snapshotObject(
  target: Serializable,
  filename: string | ((trainer: Trainer) => string),
  options: SnapshotObjectOptions = {},
): Extension {
  return new Snapshot({ ...options, target, filename });
}

class Snapshot extends Extension {
  override readonly trigger: TriggerLike = [1, "epoch"];
  override readonly priority = PRIORITY_SNAPSHOT;
  private readonly filename: string | ((trainer: Trainer) => string);
  private readonly writer: SnapshotWriter;
  private savedAt: number | null = null;

  constructor(private readonly options: SnapshotOptions) {
    super();
    this.filename = options.filename ?? "snapshot_iter_{.updater.iteration}";
    if (typeof this.filename !== "string" && (options.autoload || options.nRetains !== undefined)) {
      throw new ValueError("autoload and nRetains look for files by name: filename has to be a string");
    }
    if (options.nRetains !== undefined && !(options.nRetains >= 1)) {
      throw new ValueError(`nRetains is a positive number of files, got ${options.nRetains}`);
    }
    if (options.writer === "worker" && options.savefun !== undefined) {
      throw new ValueError('a savefun cannot run in a thread of its own: use writer: "background"');
    }
    this.writer = makeWriter(options.writer ?? "wait", options.savefun ?? saveNpz);
  }

  /** Chainer's name, by which the state of its trigger is known in snapshots. */
  override get defaultName(): string {
    return "_Snapshot";
  }

  override async restore(trainer: Trainer): Promise<void> {
    if (!this.options.autoload || !hasFileSystem()) return;
    for (const file of (await this.filesIn(trainer.out)).toReversed()) {
      try {
        await (this.options.loadfun ?? loadNpz)(file, this.targetOf(trainer));
        this.savedAt = trainer.updater.iteration;
        return;
      } catch (error) {
        if (!(error instanceof DamagedFileError)) throw error;
        console.warn(`${file} is skipped: ${error.message}`);
      }
    }
  }

  override async call(trainer: Trainer): Promise<void> {
    if (this.options.condition?.(trainer) ?? true) await this.save(trainer);
  }

  override async onError(trainer: Trainer): Promise<void> {
    if (this.options.snapshotOnError && this.savedAt !== trainer.updater.iteration) await this.save(trainer);
  }

  override async onInterrupt(trainer: Trainer): Promise<void> {
    const resumable = this.targetOf(trainer) === trainer;
    if (resumable && this.savedAt !== trainer.updater.iteration) await this.save(trainer);
  }

  override async finalize(): Promise<void> {
    await this.writer.finalize();
  }

  private targetOf(trainer: Trainer): Serializable {
    return this.options.target ?? trainer;
  }

  private async save(trainer: Trainer): Promise<void> {
    const { path } = await fileSystem();
    const name = typeof this.filename === "string" ? fillTemplate(this.filename, trainer) : this.filename(trainer);
    const file = path.join(trainer.out, name);
    this.savedAt = trainer.updater.iteration;
    await this.writer.write(file, this.targetOf(trainer), () => this.removeOld(file));
  }

  /** Leaves the file that has just been written, and those that were written before it, up to `nRetains`. */
  private async removeOld(newest: string): Promise<void> {
    const { nRetains } = this.options;
    if (nRetains === undefined) return;
    const { path, rm } = await fileSystem();
    const older = (await this.filesIn(path.dirname(newest))).filter((file) => file !== newest);
    for (const file of older.slice(0, Math.max(0, older.length + 1 - nRetains))) await rm(file, { force: true });
  }

  /** Snapshots in a folder, the oldest first: in the order of their times, then of the numbers in their names. */
  private async filesIn(directory: string): Promise<string[]> {
    const { path, readdir, stat } = await fileSystem();
    if (typeof this.filename !== "string") return [];
    const pattern = templatePattern(this.filename);
    const found: { file: string; key: number[] }[] = [];
    for (const name of await readdir(directory)) {
      const match = pattern.exec(name);
      if (match === null) continue;
      const file = path.join(directory, name);
      const about = await stat(file);
      if (about.isFile()) found.push({ file, key: [about.mtimeMs, ...match.slice(1).map(Number)] });
    }
    return found.sort((a, b) => compare(a.key, b.key)).map(({ file }) => file);
  }
}

function compare(a: readonly number[], b: readonly number[]): number {
  const place = a.findIndex((value, i) => value !== b[i]);
  return place === -1 ? 0 : (a[place] as number) - (b[place] as number);
}
