/** `pnpm bench`: measures Chain beside its peers and writes a table and a JSON file. */
import { mkdir, writeFile } from "node:fs/promises";
import { cpus } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { torchContestant } from "./python.js";
import { rowOf, summary, table, type Row } from "./report.js";
import { measure, nodeContestant, Runner, type Entry } from "./runner.js";
import { workloads } from "./workloads.js";

const { values: options } = parseArgs({
  options: {
    only: { type: "string", default: "" },
    contestants: { type: "string", default: "" },
    rounds: { type: "string", default: "7" },
    seconds: { type: "string", default: "0.15" },
    out: { type: "string", default: "result/bench" },
    help: { type: "boolean", default: false },
  },
});

if (options.help) {
  console.log(`usage: pnpm bench [--only matmul,mlp] [--contestants chain,PyTorch] [--rounds 7] [--seconds 0.15] [--out result/bench]
  --only         run the workloads whose title contains one of these words
  --contestants  measure those whose label contains one of these words
  --rounds       how often each contestant is measured, in turn
  --seconds      how long each of these measurements takes at least`);
  process.exit(0);
}

/** A library with one thread and with two. */
function withThreads(label: string, command: Entry["command"]): Entry[] {
  return [
    { label: `${label} (2 threads)`, command, env: { CHAIN_THREADS: "2" } },
    { label: `${label} (1 thread)`, command, env: { CHAIN_THREADS: "1" } },
  ];
}

const torch = torchContestant();
const all: Entry[] = [
  ...withThreads("chain", nodeContestant("chain")),
  ...withThreads("chain + native", nodeContestant("native")),
  { label: "tfjs wasm", command: nodeContestant("tfjs") },
  { label: "jax-js wasm", command: nodeContestant("jax") },
  { label: "plain copy", command: nodeContestant("plain") },
  ...(torch === null ? [] : withThreads("PyTorch", torch)),
];
/** Whether a name contains one of the words of an option; without words, any does. */
function isNamed(name: string, words: string): boolean {
  return words === "" || words.split(",").some((word) => name.includes(word));
}

const entries = all.filter(({ label }) => isNamed(label, options.contestants));
if (torch === null) console.error("PyTorch does not take part: no Python here has it");

const chosen = workloads.filter(({ title }) => isNamed(title, options.only));
const runners: Runner[] = [];
for (const entry of entries) {
  try {
    runners.push(await Runner.start(entry));
  } catch (error) {
    console.error(`${entry.label} does not take part: ${String(error)}`);
  }
}

const rows: Row[] = [];
for (const workload of chosen) {
  const settings = { rounds: Number(options.rounds), seconds: Number(options.seconds) };
  const row = rowOf(workload, await measure(workload, runners, settings));
  rows.push(row);
  console.log(summary(workload, row));
}
for (const runner of runners) runner.stop();

const machine = `${cpus()[0]?.model ?? "unknown CPU"}, ${cpus().length} cores, Node ${process.version}`;
const text = table(
  rows,
  entries.map(({ label }) => label),
);
const wrong = rows.flatMap((row) =>
  row.contestants.filter((c) => !c.correct).map((c) => `${row.workload}: ${c.label}`),
);
await mkdir(options.out, { recursive: true });
await writeFile(join(options.out, "bench.json"), `${JSON.stringify({ machine, rows }, null, 2)}\n`);
await writeFile(
  join(options.out, "bench.md"),
  `${machine}\n\nMedians [fastest–slowest round]; × is how many times faster the first column is.\n\n${text}\n`,
);
console.log(`\n${machine}\n\n${text}\n\nwritten to ${options.out}/bench.{json,md}`);
if (wrong.length > 0) {
  console.error(`results differ from the first contestant's: ${wrong.join("; ")}`);
  process.exitCode = 1;
}
