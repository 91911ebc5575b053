import { ValueError } from "@chain/array";
import type { AbstractSerializer } from "@chain/links/serializers";
import { Extension } from "../extension.js";
import { formatGeneral } from "../format/general.js";
import { standardOutput, type OutputStream } from "../output-stream.js";
import type { Trainer } from "../trainer.js";
import { LogReport, type LogEntry } from "./log-report.js";

/** Options of {@link PrintReport}. */
export interface PrintReportOptions {
  /** The log to print: the name of a LogReport in the trainer, or one of its own. Default: `"LogReport"`. */
  readonly logReport?: string | LogReport;
  /** Where it is printed. Default: standard output. */
  readonly out?: OutputStream;
}

/** Prints rows of the log as a table, with a header above the first. */
export class PrintReport extends Extension {
  private readonly logReport: string | LogReport;
  private readonly out: OutputStream;
  private readonly widths: readonly number[];
  private printed = 0;
  private begun = false;

  /** @param entries keys of the log to print: `["epoch", "main/loss", …]` */
  constructor(
    private readonly entries: readonly string[],
    options: PrintReportOptions = {},
  ) {
    super();
    this.logReport = options.logReport ?? "LogReport";
    this.out = options.out ?? standardOutput();
    this.widths = entries.map((entry) => Math.max(10, entry.length));
  }

  override get defaultName(): string {
    return "PrintReport";
  }

  override initialize(trainer: Trainer): void {
    this.reportOf(trainer);
  }

  override async call(trainer: Trainer): Promise<void> {
    const report = this.reportOf(trainer);
    if (report === this.logReport) await report.call(trainer);
    if (!this.begun) {
      this.begun = true;
      this.print(this.entries.map((entry, i) => entry.padEnd(this.width(i))).join("  "));
    }
    for (const entry of report.log.slice(this.printed)) this.print(this.row(entry));
    this.printed = report.log.length;
  }

  override serialize(serializer: AbstractSerializer): void {
    if (this.logReport instanceof LogReport) this.logReport.serialize(serializer.child("_log_report"));
  }

  private width(column: number): number {
    return this.widths[column] as number;
  }

  private row(entry: LogEntry): string {
    return this.entries
      .map((key, i) => {
        const value = entry[key];
        return `${(value === undefined ? "" : formatGeneral(value)).padEnd(this.width(i))}  `;
      })
      .join("");
  }

  private print(line: string): void {
    // A progress bar may stand below the cursor.
    this.out.write(`${this.out.isTTY ? "\u001B[J" : ""}${line}\n`);
  }

  private reportOf(trainer: Trainer): LogReport {
    if (this.logReport instanceof LogReport) return this.logReport;
    const extension = trainer.getExtension(this.logReport);
    if (!(extension instanceof LogReport)) throw new ValueError(`extension "${this.logReport}" is not a LogReport`);
    return extension;
  }
}
