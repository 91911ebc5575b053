import type { Measurement } from "./runner.js";
import { lessIsBetter, rate, type Workload } from "./workloads.js";

/** One workload's figures, as they go into the JSON file. */
export interface Row {
  readonly workload: string;
  readonly unit: string;
  readonly contestants: readonly {
    readonly label: string;
    readonly median: number;
    readonly low: number;
    readonly high: number;
    /** How many times faster the first contestant of the row is, by medians; null for itself. */
    readonly chainIsFasterBy: number | null;
    readonly correct: boolean;
  }[];
}

/** Turns durations into rates and checks that everyone computed the same as the first, which need not be measured. */
export function rowOf(workload: Workload, measurements: readonly Measurement[]): Row {
  const reference = measurements[0];
  const scale = Math.max(1e-6, ...(reference?.result ?? []).map(Math.abs));
  const measured = measurements.filter(({ rounds }) => rounds.length > 0);
  const first = measured[0];
  const base = first === undefined ? NaN : median(first.rounds);
  return {
    workload: workload.title,
    unit: workload.unit,
    contestants: measured.map((m) => {
      const correct =
        m.result.length === reference?.result.length &&
        m.result.every((v, i) => Math.abs(v - (reference.result[i] as number)) <= workload.tolerance * scale);
      const seconds = median(m.rounds);
      const spread = [rate(workload, Math.min(...m.rounds)), rate(workload, Math.max(...m.rounds))];
      return {
        label: m.label,
        median: rate(workload, seconds),
        low: Math.min(...spread),
        high: Math.max(...spread),
        chainIsFasterBy: m === first ? null : seconds / base,
        correct,
      };
    }),
  };
}

/** A Markdown table: a line a workload, a column a contestant, with the ratio to the first. */
export function table(rows: readonly Row[], labels: readonly string[]): string {
  const head = ["workload", "unit", ...labels];
  const body = rows.map((row) => [
    row.workload,
    row.unit,
    ...labels.map((label) => {
      const cell = row.contestants.find((c) => c.label === label);
      if (cell === undefined) return "—";
      const ratio = cell.chainIsFasterBy === null ? "" : ` (${cell.chainIsFasterBy.toFixed(2)}×)`;
      return `${format(cell.median)} [${format(cell.low)}–${format(cell.high)}]${ratio}${cell.correct ? "" : " WRONG"}`;
    }),
  ]);
  const line = (cells: readonly string[]): string => `| ${cells.join(" | ")} |`;
  return [line(head), line(head.map(() => "---")), ...body.map(line)].join("\n");
}

/** One line for the terminal while it runs. */
export function summary(workload: Workload, row: Row): string {
  const cells = row.contestants.map((c) => `${c.label} ${format(c.median)}${c.correct ? "" : " (WRONG RESULT)"}`);
  return `${workload.title.padEnd(44)} ${cells.join(", ")} ${workload.unit}${lessIsBetter(workload) ? " (less is better)" : ""}`;
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  if (sorted.length % 2 === 1) return sorted[middle] as number;
  return ((sorted[middle - 1] as number) + (sorted[middle] as number)) / 2;
}

function format(value: number): string {
  return value >= 100 ? value.toFixed(0) : value.toPrecision(3);
}
