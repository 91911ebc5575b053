/**
 * Runs a training program from start to end; then runs it again, kills it (`kill -9`) at random moments and starts it anew,
 * over and over; and compares what the two have left behind.
 */
import { NpzFile, type StoredValue } from "../packages/links/src/serializers/index.js";
import { spawn } from "node:child_process";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";

/** A training program, and what it leaves behind. */
export interface KilledProgram {
  /** Arguments of `node` that train into a folder, and go on from the latest snapshot in it. */
  readonly argv: (out: string) => readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** Folders for the results of both runs. */
  readonly whole: string;
  readonly killed: string;
  /** Values of log rows that are times, or computed from times. */
  readonly timedKeys?: readonly string[];
}

/** What came of it. */
export interface KillReport {
  /** The iteration of the latest snapshot after each kill; null before there was one. */
  readonly resumedFrom: readonly (number | null)[];
  /** What differs between the two results; empty if nothing does. */
  readonly differences: readonly string[];
}

/**
 * How often tests kill: a few times, or `CHAIN_KILLS` times (see CONTRIBUTING.md).
 */
export function killCount(): number {
  return Number(process.env["CHAIN_KILLS"] ?? 3);
}

/**
 * Kills the program `kills` times, at random moments: each time it comes as far as it has to on average for the last kill to
 * be near the end, so that starting, updating, writing and ending are all hit.
 */
export async function killAndResume(program: KilledProgram, kills: number): Promise<KillReport> {
  const { duration } = await run(program, program.whole, Infinity);
  // Once more: there is nothing left to train, so that this is how long it takes to start; and nothing may change.
  const { duration: startup } = await run(program, program.whole, Infinity);
  const end = (await latestSnapshot(program.whole)) ?? 0;
  const resumedFrom: (number | null)[] = [];
  while (resumedFrom.length < kills) {
    const rest = 1 - ((await latestSnapshot(program.killed)) ?? 0) / end;
    const share = (rest * (duration - startup)) / (kills - resumedFrom.length);
    const { killed } = await run(program, program.killed, Math.random() * (startup + 2 * share));
    if (killed) resumedFrom.push(await latestSnapshot(program.killed));
  }
  await run(program, program.killed, Infinity);
  return { resumedFrom, differences: await differencesBetween(program) };
}

interface Run {
  readonly killed: boolean;
  /** Milliseconds. */
  readonly duration: number;
}

function run(program: KilledProgram, out: string, killAfter: number): Promise<Run> {
  const start = performance.now();
  const child = spawn(process.execPath, program.argv(out), { env: { ...process.env, ...program.env } });
  let output = "";
  child.stdout.resume();
  child.stderr.setEncoding("utf8").on("data", (text: string) => (output += text));
  const timer = killAfter === Infinity ? undefined : setTimeout(() => void child.kill("SIGKILL"), killAfter);
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (status, signal) => {
      clearTimeout(timer);
      if (signal === "SIGKILL") resolve({ killed: true, duration: performance.now() - start });
      else if (status === 0) resolve({ killed: false, duration: performance.now() - start });
      else reject(new Error(`the program cannot go on: status ${status}, ${output}`));
    });
  });
}

async function latestSnapshot(folder: string): Promise<number | null> {
  const names = await readdir(folder).catch(() => []);
  const iterations = names.flatMap((name) => /^snapshot_iter_(\d+)$/.exec(name)?.[1] ?? []).map(Number);
  return iterations.length === 0 ? null : Math.max(...iterations);
}

async function differencesBetween(program: KilledProgram): Promise<string[]> {
  const { killed, whole } = program;
  const [names, others] = await Promise.all([readdir(whole), readdir(killed)]);
  const [files, otherFiles] = [names, others].map((list) => [...list].sort().join(" "));
  const differences = files === otherFiles ? [] : [`files: ${files} and ${otherFiles}`];
  const last = `snapshot_iter_${await latestSnapshot(whole)}`;
  for (const name of names.filter((file) => others.includes(file))) {
    const [a, b] = await Promise.all([readFile(join(whole, name)), readFile(join(killed, name))]);
    if (name === last || name.endsWith(".npz")) differences.push(...differentEntries(name, a, b, program));
    else if (name === "log") {
      const [rows, otherRows] = [a, b].map((bytes) => withoutTimes(bytes.toString(), program));
      if (rows !== otherRows) differences.push(`${name}: ${rows} and ${otherRows}`);
    }
  }
  return differences;
}

/** Entries of two archives that are not equal to the bit. */
function differentEntries(name: string, a: Uint8Array, b: Uint8Array, program: KilledProgram): string[] {
  const [one, other] = [new NpzFile(a), new NpzFile(b)];
  if (one.keys().join() !== other.keys().join()) return [`${name}: keys`];
  const timed = /_snapshot_elapsed_time$/;
  return one
    .keys()
    .filter((key) => !timed.test(key) && bitsOf(one.get(key), program) !== bitsOf(other.get(key), program))
    .map((key) => `${name}: ${key}`);
}

function bitsOf(value: StoredValue, program: KilledProgram): string {
  if (value.kind === "none") return "none";
  if (value.kind === "text") return withoutTimes(value.text, program);
  const { buffer, byteLength, byteOffset } = value.data;
  return `${value.shape.join()} ${Buffer.from(buffer, byteOffset, byteLength).toString("base64")}`;
}

function withoutTimes(text: string, { timedKeys = [] }: KilledProgram): string {
  const keys = ["elapsed_time", ...timedKeys].join("|");
  return text.replaceAll(new RegExp(String.raw`"(?:${keys})":\s*[^,}\s]+`, "g"), "");
}
