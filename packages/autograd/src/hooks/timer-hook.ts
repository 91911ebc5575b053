import type { NdArray } from "@chain/array";
import { FunctionHook, type HookArrays } from "../function-hook.js";
import type { FunctionNode } from "../function-node.js";

/** What functions of one name took. */
export interface TimerSummary {
  /** Milliseconds. */
  elapsedTime: number;
  /** Runs, forward and backward. */
  occurrence: number;
}

/** Units of {@link TimerHook.printReport}. */
export type TimeUnit = "auto" | "auto_foreach" | "sec" | "ms" | "us" | "ns";

const unitsPerMillisecond: Record<Exclude<TimeUnit, "auto" | "auto_foreach">, number> = {
  sec: 1e-3,
  ms: 1,
  us: 1e3,
  ns: 1e6,
};

/**
 * Measures how long every function takes (Chainer's `TimerHook`). On a device that works on its own, that is the time to
 * hand the work over.
 *
 * ```ts
 * const timer = new TimerHook();
 * timer.withHook(() => model.forward(x).backward());
 * timer.printReport();
 * ```
 */
export class TimerHook extends FunctionHook {
  override readonly name = "TimerHook";
  /** Every run in the order in which they ended: the function's label and milliseconds. */
  readonly callHistory: [label: string, elapsed: number][] = [];
  private readonly started: number[] = [];
  private total = 0;

  override forwardPreprocess(_fn: FunctionNode, _inputs: readonly NdArray[]): void {
    this.started.push(performance.now());
  }

  override forwardPostprocess(fn: FunctionNode, _inputs: readonly NdArray[]): void {
    this.stop(fn);
  }

  override backwardPreprocess(_fn: FunctionNode, _inputs: HookArrays, _gradOutputs: HookArrays): void {
    this.started.push(performance.now());
  }

  override backwardPostprocess(fn: FunctionNode, _inputs: HookArrays, _gradOutputs: HookArrays): void {
    this.stop(fn);
  }

  /** Milliseconds in all; functions that ran inside others are not counted twice. */
  totalTime(): number {
    return this.total;
  }

  /** Time and runs by label. */
  summary(): Record<string, TimerSummary> {
    const summary: Record<string, TimerSummary> = {};
    for (const [label, elapsed] of this.callHistory) {
      const entry = (summary[label] ??= { elapsedTime: 0, occurrence: 0 });
      entry.elapsedTime += elapsed;
      entry.occurrence++;
    }
    return summary;
  }

  /** Writes a table of {@link summary}, to the console unless told otherwise. */
  printReport({ unit = "auto", write = console.log }: TimerReportOptions = {}): void {
    const entries = Object.entries(this.summary());
    const common = unit === "auto" ? unitFor(Math.max(0, ...entries.map(([, e]) => e.elapsedTime))) : unit;
    const rows = entries.map(([label, { elapsedTime, occurrence }]) => {
      const own = common === "auto_foreach" ? unitFor(elapsedTime) : common;
      return [label, `${(elapsedTime * unitsPerMillisecond[own]).toFixed(2)}${own}`, `${occurrence}`];
    });
    const table = [["FunctionName", "ElapsedTime", "Occurrence"], ...rows];
    const widths = [0, 1, 2].map((i) => Math.max(...table.map((row) => (row[i] as string).length)));
    for (const row of table) write(row.map((text, i) => text.padStart(widths[i] as number)).join("  "));
  }

  private stop(fn: FunctionNode): void {
    const start = this.started.pop();
    if (start === undefined) return;
    const elapsed = performance.now() - start;
    this.callHistory.push([fn.label, elapsed]);
    if (this.started.length === 0) this.total += elapsed;
  }
}

/** Options of {@link TimerHook.printReport}. */
export interface TimerReportOptions {
  /** The unit of time; `auto` chooses one for all functions, `auto_foreach` one for each. Default `auto`. */
  readonly unit?: TimeUnit;
  /** Takes the lines. Default `console.log`. */
  readonly write?: (line: string) => void;
}

function unitFor(milliseconds: number): keyof typeof unitsPerMillisecond {
  if (milliseconds >= 1000) return "sec";
  if (milliseconds >= 1) return "ms";
  return milliseconds >= 1e-3 ? "us" : "ns";
}
