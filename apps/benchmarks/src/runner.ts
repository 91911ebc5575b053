import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import type { Once, Request, Response } from "./host.js";
import type { Workload } from "./workloads.js";

/** A library as it takes part: the program that runs it, and in which environment. */
export interface Entry {
  readonly label: string;
  /** A program that answers requests over the channel that Node opens for a child (`NODE_CHANNEL_FD`). */
  readonly command: readonly [program: string, ...args: string[]];
  /** Variables beside those that there are; undefined takes one away. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** Only says what is right, and is not measured. */
  readonly referenceOnly?: boolean;
}

/** The program that runs one of the modules in `contestants/`. */
export function nodeContestant(name: string): Entry["command"] {
  return [process.execPath, fileURLToPath(new URL("./host.js", import.meta.url)), name];
}

/** A running contestant. */
export class Runner {
  private constructor(
    readonly entry: Entry,
    private readonly child: ChildProcess,
  ) {}

  static async start(entry: Entry): Promise<Runner> {
    const [program, ...args] = entry.command;
    const child = spawn(program, args, {
      env: { ...process.env, ...entry.env },
      stdio: ["ignore", "ignore", "inherit", "ipc"],
    });
    const runner = new Runner(entry, child);
    await runner.receive();
    return runner;
  }

  async ask(request: Request): Promise<Response> {
    const answer = this.receive();
    this.child.send(request);
    const response = await answer;
    if (response.kind === "failed") throw new Error(`${this.entry.label}: ${response.message}`);
    return response;
  }

  stop(): void {
    this.child.kill();
  }

  private receive(): Promise<Response> {
    return new Promise((resolve, reject) => {
      const onExit = (code: number | null): void => reject(new Error(`${this.entry.label} ended with code ${code}`));
      this.child.once("error", reject);
      this.child.once("exit", onExit);
      this.child.once("message", (message) => {
        this.child.off("error", reject);
        this.child.off("exit", onExit);
        resolve(message as Response);
      });
    });
  }
}

/** What a process that does a workload once says, and milliseconds until it does. */
export async function runOnce(
  { command, env, label }: Entry,
  workload: Workload,
): Promise<Once & { milliseconds: number }> {
  const [program, ...args] = command;
  const start = performance.now();
  const child = spawn(program, [...args, workload.name, String(workload.size)], {
    env: { ...process.env, ...env },
    stdio: ["ignore", "pipe", "inherit"],
  });
  const ended = once(child, "exit");
  let line = "";
  let milliseconds = NaN;
  for await (const text of child.stdout.setEncoding("utf8")) {
    line += String(text);
    if (line.includes("\n") && Number.isNaN(milliseconds)) milliseconds = performance.now() - start;
  }
  await ended;
  if (Number.isNaN(milliseconds)) throw new Error(`${label} ended without a result`);
  return { ...(JSON.parse(line) as Once), milliseconds };
}

/** What was measured of one contestant at one workload. */
export interface Measurement {
  readonly label: string;
  /** Seconds of one run, or megabytes: one value a round; none of a contestant that is there for its result. */
  readonly rounds: readonly number[];
  readonly result: readonly number[];
}

/**
 * Measures contestants in turn, round by round (A B C A B C …), so that a machine whose speed drifts treats all alike.
 * Contestants that do not have the workload are left out; a failure is reported and left out.
 */
export async function measure(
  workload: Workload,
  runners: readonly Runner[],
  { rounds, seconds }: { rounds: number; seconds: number },
): Promise<Measurement[]> {
  if (workload.process !== undefined) return measureProcesses(workload, workload.process, runners, rounds);
  const taking: { runner: Runner; rounds: number[]; result: number[] }[] = [];
  for (const runner of runners) {
    try {
      const response = await runner.ask({ kind: "setup", workload: workload.name, size: workload.size });
      if (response.kind === "ready") taking.push({ runner, rounds: [], result: response.result });
    } catch (error) {
      console.error(`  ${workload.title}: ${String(error)}`);
    }
  }
  for (let round = 0; round < rounds; round++) {
    for (const { runner, rounds: measured } of taking) {
      if (runner.entry.referenceOnly === true) continue;
      const response = await runner.ask({ kind: "measure", seconds, clock: workload.clock ?? "device" });
      if (response.kind === "measured") measured.push(response.secondsPerRun);
    }
  }
  return taking.map(({ runner, rounds: measured, result }) => ({
    label: runner.entry.label,
    rounds: measured,
    result,
  }));
}

/** As {@link measure}, of processes that do the workload once and nothing else. */
async function measureProcesses(
  workload: Workload,
  what: NonNullable<Workload["process"]>,
  runners: readonly Runner[],
  rounds: number,
): Promise<Measurement[]> {
  const measurements = new Map<string, { rounds: number[]; result: readonly number[] }>();
  for (let round = 0; round < rounds; round++) {
    for (const { entry } of runners) {
      if (round > 0 && !measurements.has(entry.label)) continue;
      try {
        const answer = await runOnce(entry, workload);
        if (answer.kind === "unsupported") continue;
        const measured = measurements.get(entry.label) ?? { rounds: [], result: answer.result };
        if (entry.referenceOnly !== true) {
          measured.rounds.push(what === "time" ? answer.milliseconds / 1000 : answer.peakBytes / 1e6);
        }
        measurements.set(entry.label, measured);
      } catch (error) {
        console.error(`  ${workload.title}: ${String(error)}`);
      }
    }
  }
  return [...measurements].map(([label, measured]) => ({ label, ...measured }));
}
