import type { LogEntry } from "./log-report.js";

/**
 * Adds perplexities to a row of the log, where their losses (mean cross entropies in nats) are there: `perplexity`, the
 * exponential of `main/loss`, and `val_perplexity`, that of `validation/main/loss`. Given to `LogReport` as its
 * `postprocess`, as in Chainer's language models.
 */
export function computePerplexity(entry: LogEntry): void {
  const { "main/loss": loss, "validation/main/loss": validation } = entry;
  if (loss !== undefined) entry["perplexity"] = Math.exp(loss);
  if (validation !== undefined) entry["val_perplexity"] = Math.exp(validation);
}
