import { computePerplexity, LogReport, type LogEntry, type LogReportOptions } from "@chain/training";

/** A log with perplexities, and words per second: those trained on, by the time since the row before without evaluations. */
export class PerplexityLog extends LogReport {
  /** The columns that it adds. */
  readonly columns: readonly string[];

  constructor(
    label: string,
    wordsPerUpdate: number,
    evaluator: { readonly seconds: number },
    options: Pick<LogReportOptions, "trigger">,
  ) {
    const keys = [`perplexity${label}`, `val_perplexity${label}`, "words_per_second"];
    let evaluated = 0;
    super({
      ...options,
      postprocess: (entry) => {
        computePerplexity(entry);
        const [training = "", validation = "", speed = ""] = keys;
        rename(entry, "perplexity", training);
        rename(entry, "val_perplexity", validation);
        const { iteration = 0, elapsed_time: elapsed = 0 } = this.log.at(-1) ?? {};
        const updates = (entry["iteration"] ?? 0) - iteration;
        const seconds = (entry["elapsed_time"] ?? 0) - elapsed - (evaluator.seconds - evaluated);
        evaluated = evaluator.seconds;
        entry[speed] = (updates * wordsPerUpdate) / seconds;
      },
    });
    this.columns = keys;
  }
}

function rename(entry: LogEntry, from: string, to: string): void {
  const value = entry[from];
  if (value === undefined || from === to) return;
  delete entry[from];
  entry[to] = value;
}
