/** What every benchmark program does: take options, run contestants in turn, write a table and a JSON file. */
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { rowOf, summary, table, type Row } from "./report.js";
import { measure, Runner, type Entry, type Measurement } from "./runner.js";
import { lossesByThreads } from "./thread-losses.js";
import type { Workload } from "./workloads.js";

/** A benchmark: who takes part in what, and where. */
export interface Benchmark {
  /** How it is started, for its help. */
  readonly command: string;
  /** The first one says what is right. */
  readonly entries: readonly Entry[];
  readonly workloads: readonly Workload[];
  /** What it runs on. */
  readonly machine: string;
  /** Folder of the results unless `--out` is given. */
  readonly out: string;
}

/** Runs it. A wrong result is said in the table, and makes the process fail. */
export async function benchmark({ command, entries, workloads, machine, out }: Benchmark): Promise<void> {
  const { values: options } = parseArgs({
    options: {
      only: { type: "string", default: "" },
      contestants: { type: "string", default: "" },
      rounds: { type: "string", default: "7" },
      seconds: { type: "string", default: "0.15" },
      out: { type: "string", default: out },
      help: { type: "boolean", default: false },
    },
  });
  if (options.help) {
    console.log(`usage: ${command} [--only matmul,MLP] [--contestants chain,jax] [--rounds 7] [--seconds 0.15] [--out ${out}]
  --only         run the workloads whose title contains one of these words
  --contestants  run those whose name contains one of these words
  --rounds       how often each contestant is measured, in turn
  --seconds      how long each of these measurements takes at least`);
    return;
  }
  const isAsked = (list: string, name: string): boolean => {
    const words = list.split(",").filter(Boolean);
    return words.length === 0 || words.some((word) => name.includes(word));
  };
  const taking = entries.filter((entry) => entry.referenceOnly === true || isAsked(options.contestants, entry.label));
  const runners: Runner[] = [];
  for (const entry of taking) {
    try {
      runners.push(await Runner.start(entry));
    } catch (error) {
      console.error(`${entry.label} does not take part: ${String(error)}`);
    }
  }

  const rows: Row[] = [];
  const losses: string[] = [];
  for (const workload of workloads.filter(({ title }) => isAsked(options.only, title))) {
    const settings = { rounds: Number(options.rounds), seconds: Number(options.seconds) };
    const measurements = await measure(workload, runners, settings);
    const row = rowOf(workload, measurements);
    rows.push(row);
    if (workload.process !== "memory")
      losses.push(...(await confirmedLosses(workload, measurements, taking, settings)));
    console.log(summary(workload, row));
  }
  for (const runner of runners) runner.stop();

  const measured = taking.filter(({ referenceOnly }) => referenceOnly !== true).map(({ label }) => label);
  const text = table(rows, measured);
  const wrong = rows.flatMap((row) =>
    row.contestants.filter((c) => !c.correct).map((c) => `${row.workload}: ${c.label}`),
  );
  const notes =
    losses.length === 0 ? "" : `\nSlower with two threads:\n\n${losses.map((loss) => `- ${loss}`).join("\n")}\n`;
  await mkdir(options.out, { recursive: true });
  await writeFile(join(options.out, "bench.json"), `${JSON.stringify({ machine, rows }, null, 2)}\n`);
  await writeFile(
    join(options.out, "bench.md"),
    `${machine}\n\nMedians [fastest–slowest round]; × is how many times faster the first column is.\n\n${text}\n${notes}`,
  );
  console.log(`\n${machine}\n\n${text}\n${notes}\nwritten to ${options.out}/bench.{json,md}`);
  if (wrong.length > 0) {
    console.error(`results differ from the first contestant's: ${wrong.join("; ")}`);
    process.exitCode = 1;
  }
}

/**
 * Where libraries lose by a second thread, as sentences. What an engine makes of a program differs from process to process, so that a
 * loss has to show again between two new ones.
 */
async function confirmedLosses(
  workload: Workload,
  measurements: readonly Measurement[],
  entries: readonly Entry[],
  settings: { readonly rounds: number; readonly seconds: number },
): Promise<string[]> {
  const sentences: string[] = [];
  for (const { pair } of lossesByThreads(measurements)) {
    const runners: Runner[] = [];
    for (const entry of entries) if (pair.includes(entry.label)) runners.push(await Runner.start(entry));
    for (const { library, ratio, low, high } of lossesByThreads(await measure(workload, runners, settings))) {
      const times = [ratio, low, high].map((value) => value.toFixed(2));
      sentences.push(
        `${workload.title}: ${library} takes ${times[0]} (${times[1]}–${times[2]}) times as long with two threads`,
      );
    }
    for (const runner of runners) runner.stop();
  }
  return sentences;
}
