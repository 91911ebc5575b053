import { DictSummary, type Observation } from "@chain/links";
import { writeFileAtomically, type AbstractSerializer } from "@chain/links/serializers";
import { Extension } from "../extension.js";
import { fileSystem } from "../files.js";
import { decodeJson, encodeJson } from "../format/json.js";
import { formatLog } from "../format/log.js";
import { fillTemplate } from "../format/template.js";
import type { Trainer } from "../trainer.js";
import { getTrigger } from "../triggers/get-trigger.js";
import type { Trigger, TriggerLike } from "../triggers/trigger.js";

/** A row of the log: means of observed values, and `epoch`, `iteration` and `elapsed_time`. */
export type LogEntry = Record<string, number>;

/** Options of {@link LogReport}. */
export interface LogReportOptions {
  /** Observed values to log; all by default. */
  readonly keys?: Iterable<string>;
  /** When a row is added. Default: every epoch. */
  readonly trigger?: TriggerLike;
  /** May change each row before it is logged. */
  readonly postprocess?: (entry: LogEntry) => void;
  /**
   * Name of the file in the output folder, with `{iteration}` and so on filled in; null for none. `log.csv` and `log.jsonl`
   * are written as such, others as JSON. Default: `"log"`.
   */
  readonly filename?: string | null;
}

/**
 * Averages observed values between two firings of its trigger, and writes the rows to a file: JSON, as Chainer's does,
 * or CSV or JSON lines.
 * When it is called before the training, there is a row 0.
 *
 * JSON has no NaN and no infinities; they are null in the file.
 */
export class LogReport extends Extension {
  private readonly keys: readonly string[] | null;
  private readonly emit: Trigger;
  private readonly postprocess: ((entry: LogEntry) => void) | undefined;
  private readonly filename: string | null;
  private readonly summary = new DictSummary();
  private entries: LogEntry[] = [];

  constructor(options: LogReportOptions = {}) {
    super();
    this.keys = options.keys === undefined ? null : [...options.keys];
    this.emit = getTrigger(options.trigger === undefined ? [1, "epoch"] : options.trigger);
    this.postprocess = options.postprocess;
    this.filename = options.filename === undefined ? "log" : options.filename;
  }

  override get defaultName(): string {
    return "LogReport";
  }

  /** The rows so far. */
  get log(): readonly LogEntry[] {
    return this.entries;
  }

  override async call(trainer: Trainer): Promise<void> {
    this.summary.add(this.keys === null ? trainer.observation : pick(trainer.observation, this.keys));
    if (!trainer.isBeforeTraining && !(await this.emit.call(trainer))) return;
    const { epoch, iteration } = trainer.updater;
    const entry: LogEntry = {
      ...(await this.summary.computeMean()),
      epoch,
      iteration,
      elapsed_time: trainer.elapsedTime,
    };
    this.summary.dispose();
    this.postprocess?.(entry);
    this.entries.push(entry);
    if (this.filename === null) return;
    const { path } = await fileSystem();
    const file = path.join(trainer.out, fillTemplate(this.filename, trainer, entry));
    await writeFileAtomically(file, formatLog(this.entries, file));
  }

  override serialize(serializer: AbstractSerializer): void {
    this.emit.serialize?.(serializer.child("_trigger"));
    this.summary.serialize(serializer.child("_summary"));
    this.entries = decodeJson(serializer.value("_log", encodeJson(this.entries))) as LogEntry[];
  }
}

function pick(observation: Observation, keys: readonly string[]): Observation {
  return Object.fromEntries(Object.entries(observation).filter(([key]) => keys.includes(key)));
}
