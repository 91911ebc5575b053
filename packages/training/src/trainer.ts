import { ChainError, ValueError } from "@chain/array";
import { releaseObservation, Reporter, type Observation } from "@chain/links";
import type { AbstractSerializer, Serializable } from "@chain/links/serializers";
import { Breather } from "./event-loop.js";
import { makeExtension, PRIORITY_SNAPSHOT, type Extension, type ExtensionLike } from "./extension.js";
import { prepareFolder } from "./files.js";
import { SignalListener, TrainingInterrupted } from "./interruption.js";
import { serializeRandomState } from "./random-state.js";
import { getTrigger } from "./triggers/get-trigger.js";
import type { Trigger, TriggerLike } from "./triggers/trigger.js";
import type { Updater } from "./updaters/updater.js";

/** Options of a {@link Trainer}. */
export interface TrainerOptions {
  /** When the training stops; never by default. */
  readonly stopTrigger?: TriggerLike;
  /** Folder for what extensions write. Default: `"result"`. */
  readonly out?: string;
  /** Extensions to add, with their own defaults. */
  readonly extensions?: Iterable<ExtensionLike>;
}

/** Options of {@link Trainer.extend}; what is not given is the extension's own default. */
export interface ExtendOptions {
  /** Its name; names that are taken get `_1`, `_2`, … behind. */
  readonly name?: string;
  readonly trigger?: TriggerLike;
  /** Extensions of higher priority are invoked first. */
  readonly priority?: number;
  /** Whether it is invoked once before the first update, too (not when a training is resumed). Default: false. */
  readonly callBeforeTraining?: boolean;
}

/** Options of {@link Trainer.run}. */
export interface RunOptions {
  /** Whether an error in the training loop is printed at once, before extensions are finalized. Default: true. */
  readonly showLoopExceptionMsg?: boolean;
  /**
   * Whether SIGINT (Ctrl-C) and SIGTERM finish the iteration, let extensions take a snapshot, and throw
   * {@link TrainingInterrupted}. Default: false.
   */
  readonly handleSignals?: boolean;
}

interface Entry {
  readonly name: string;
  readonly extension: Extension;
  readonly trigger: Trigger;
  readonly priority: number;
  readonly callBeforeTraining: boolean;
}

/**
 * The training loop: updates, and after each of them invokes the extensions whose triggers fire, until the stop trigger
 * fires.
 *
 * What links report during an update is in {@link Trainer.observation}, under names such as `main/loss`; extensions read
 * it and add to it. The whole state can be saved and loaded: `saveNpz(file, trainer)`, `loadNpz(file, trainer)`.
 */
export class Trainer implements Serializable {
  /** Values observed in the current iteration. Arrays among them live until the next one. */
  observation: Observation = {};
  readonly reporter = new Reporter();
  readonly stopTrigger: Trigger;
  /** Folder for what extensions write. */
  readonly out: string;
  private readonly entries = new Map<string, Entry>();
  private startedAt: number | null = null;
  private elapsedBefore = 0;
  private state: "new" | "running" | "done" = "new";

  constructor(
    readonly updater: Updater,
    options: TrainerOptions = {},
  ) {
    this.stopTrigger = getTrigger(options.stopTrigger ?? null);
    this.out = options.out ?? "result";
    for (const [name, { target }] of updater.getAllOptimizers()) {
      this.reporter.addObserver(name, target);
      this.reporter.addObservers(name, target.namedLinks({ skipself: true }));
    }
    updater.connectTrainer(this);
    for (const extension of options.extensions ?? []) this.extend(extension);
  }

  /** Seconds since the training began, without the time between a snapshot and its resumption. */
  get elapsedTime(): number {
    if (this.startedAt === null) return this.elapsedBefore;
    return (performance.now() - this.startedAt) / 1000 + this.elapsedBefore;
  }

  /** Whether no update has been made yet. */
  get isBeforeTraining(): boolean {
    return this.updater.iteration === 0;
  }

  /**
   * Adds an extension, or a function as one.
   *
   * @throws ValueError if it has no name, or the name `training`.
   */
  extend(extension: ExtensionLike, options: ExtendOptions = {}): void {
    const added = typeof extension === "function" ? makeExtension(extension) : extension;
    const wanted = options.name ?? added.name ?? added.defaultName;
    if (wanted === "") throw new ValueError("an extension needs a name: give one to extend(), or name the function");
    if (wanted === "training") throw new ValueError('an extension cannot be called "training"');
    let name = wanted;
    for (let ordinal = 1; this.entries.has(name); ordinal++) name = `${wanted}_${ordinal}`;
    added.name = name;
    this.entries.set(name, {
      name,
      extension: added,
      trigger: getTrigger(options.trigger === undefined ? added.trigger : options.trigger),
      priority: options.priority ?? added.priority,
      callBeforeTraining: options.callBeforeTraining ?? false,
    });
  }

  /**
   * The extension of a name.
   *
   * @throws ValueError if there is none.
   */
  getExtension(name: string): Extension {
    const entry = this.entries.get(name);
    if (entry === undefined) {
      const names = [...this.entries.keys()].join(", ");
      throw new ValueError(`the trainer has no extension "${name}"; it has: ${names === "" ? "none" : names}`);
    }
    return entry.extension;
  }

  /** Trains until the stop trigger fires. Errors are passed on as they are, after extensions have been finalized. */
  async run(options: RunOptions = {}): Promise<void> {
    if (this.state !== "new") throw new ChainError("a trainer runs once; make another one to train again");
    this.state = "running";
    const entries = [...this.entries.values()].sort((a, b) => b.priority - a.priority);
    await prepareFolder(this.out);
    const signals = options.handleSignals ? new SignalListener() : null;
    let failure: { error: unknown } | null = null;
    try {
      await this.prepare(entries);
      await this.loop(entries, signals);
    } catch (error) {
      failure = { error };
      if (options.showLoopExceptionMsg ?? true) reportFailure(error);
      for (const { extension, name } of entries) {
        await guarded(`onError of "${name}"`, () => extension.onError?.(this, error));
      }
    } finally {
      signals?.close();
    }
    for (const close of [
      ...entries.map(
        ({ extension }) =>
          () =>
            extension.finalize?.(),
      ),
      () => this.updater.finalize(),
    ]) {
      try {
        await close();
      } catch (error) {
        // The first error is the one that matters.
        failure ??= { error };
      }
    }
    this.elapsedBefore = this.elapsedTime;
    this.startedAt = null;
    this.state = "done";
    if (failure !== null) throw failure.error;
    if (signals?.received) throw new TrainingInterrupted(signals.received);
  }

  serialize(serializer: AbstractSerializer): void {
    this.updater.serialize(serializer.child("updater"));
    this.stopTrigger.serialize?.(serializer.child("stop_trigger"));
    const extensions = serializer.child("extensions");
    const triggers = serializer.child("extension_triggers");
    for (const { name, extension, trigger } of this.entries.values()) {
      extension.serialize?.(extensions.child(name));
      trigger.serialize?.(triggers.child(name));
    }
    serializeRandomState(serializer.child("random"));
    const elapsed = serializer.value("_snapshot_elapsed_time", this.elapsedTime);
    if (serializer.reading && !serializer.checking) {
      this.elapsedBefore = elapsed;
      if (this.startedAt !== null) this.startedAt = performance.now();
    }
  }

  private async prepare(entries: readonly Entry[]): Promise<void> {
    for (const { extension } of entries) await extension.restore?.(this);
    this.startedAt = performance.now();
    for (const { extension, trigger } of entries) {
      if (trigger.finished !== true) await extension.initialize?.(this);
    }
    this.observation = {};
    // A resumed training has had this already; doing it again would change the log.
    if (!this.isBeforeTraining) return;
    for (const { callBeforeTraining, extension } of entries) {
      if (callBeforeTraining) await this.invoke(extension);
    }
  }

  private async loop(entries: readonly Entry[], signals: SignalListener | null): Promise<void> {
    const early = entries.filter(({ priority }) => priority > PRIORITY_SNAPSHOT);
    const last = entries.filter(({ priority }) => priority <= PRIORITY_SNAPSHOT);
    const breather = new Breather();
    while (!(await this.stopTrigger.call(this))) {
      const previous = this.observation;
      this.observation = {};
      releaseObservation(previous);
      await this.reporter.scope(this.observation, () => this.updater.update());
      for (const { extension, trigger } of early) {
        if (await trigger.call(this)) await this.invoke(extension);
      }
      // What a snapshot holds is the state after everybody but snapshots has seen this iteration.
      this.stopTrigger.observe?.(this);
      const due: Extension[] = [];
      for (const { extension, trigger } of last) if (await trigger.call(this)) due.push(extension);
      for (const extension of due) await this.invoke(extension);
      if (breather.due) await breather.pause();
      if (signals?.received) {
        for (const { extension } of entries) await extension.onInterrupt?.(this);
        return;
      }
    }
  }

  private async invoke(extension: Extension): Promise<void> {
    await this.reporter.scope(this.observation, () => extension.call(this));
  }
}

/** Runs a clean-up after an error; an error of its own is printed, so that it does not hide the first one. */
async function guarded(what: string, cleanUp: () => unknown): Promise<void> {
  try {
    await cleanUp();
  } catch (error) {
    console.error(`${what} failed as well:`, error);
  }
}

function reportFailure(error: unknown): void {
  console.error("Exception in the training loop; extensions are finalized before it is passed on:", error);
}
