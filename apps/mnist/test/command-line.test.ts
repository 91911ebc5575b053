import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { spawn } from "node:child_process";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { writeDataset } from "./support/synthetic.js";

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "chain-mnist-cli-"));
});

afterEach(async () => {
  await rm(folder, { recursive: true });
});

interface Outcome {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a built program of this app; `watch` sees its output as it comes, and can send signals. */
function run(
  program: string,
  args: readonly string[],
  watch: (output: string, kill: (signal: NodeJS.Signals) => void) => void = () => {},
): Promise<Outcome> {
  const file = fileURLToPath(new URL(`../dist/${program}.js`, import.meta.url));
  const child = spawn(process.execPath, [file, ...args], { env: { ...process.env, CHAIN_DATASET_ROOT: folder } });
  const output = { stdout: "", stderr: "" };
  for (const name of ["stdout", "stderr"] as const) {
    child[name].setEncoding("utf8").on("data", (text: string) => {
      output[name] += text;
      watch(output.stdout, (signal) => void child.kill(signal));
    });
  }
  return new Promise((resolve) => void child.on("close", (status) => resolve({ status, ...output })));
}

describe("the command line", () => {
  test.each([
    ["train", ["--nothing"], "error: unknown option '--nothing'"],
    ["train", ["--batchsize", "0"], "error: option '-b, --batchsize <n>' argument '0' is invalid."],
    ["train", ["-e", "1.5"], "error: option '-e, --epoch <n>' argument '1.5' is invalid."],
    ["train", ["--frequency", "-2"], "error: option '-f, --frequency <n>' argument '-2' is invalid."],
    ["train", ["--seed", "x"], "error: option '--seed <n>' argument 'x' is invalid."],
    ["train", ["--device", "abacus"], 'unknown device "abacus"'],
    ["train", ["--resume", "none", "--out", ""], "cannot read none"],
    ["custom-loop", ["more"], "error: too many arguments."],
    ["inference", ["--image", "-1"], "error: option '-i, --image <n>' argument '-1' is invalid."],
  ])("%s %j gives one clear line", async (program, args, message) => {
    await writeDataset(folder);
    const { status, stderr } = await run(program, args);
    expect(status).toBe(1);
    expect(stderr.trim().split("\n")).toHaveLength(1);
    expect(stderr).toContain(message);
  });

  test.each(["train", "custom-loop", "inference"])("%s --help tells the flags", async (program) => {
    const { status, stdout } = await run(program, ["--help"]);
    expect(status).toBe(0);
    expect(stdout).toContain("--batchsize");
  });
});

test("Ctrl-C stops after the iteration, with a snapshot from which the training goes on", async () => {
  await writeDataset(folder);
  const out = join(folder, "result");
  const args = ["-b", "20", "-u", "16", "--seed", "1", "-o", out];
  let sent = false;
  const stopped = await run("train", [...args, "-e", "1000000"], (output, kill) => {
    if (sent || !/^3 /m.test(output)) return;
    sent = true;
    kill("SIGINT");
  });
  expect([stopped.status, stopped.stderr.trim()]).toEqual([130, "the training was interrupted by SIGINT"]);
  const iteration = Number(/Saved after iteration (\d+)/.exec(stopped.stdout)?.[1]);
  expect(await readdir(out)).toContain(`snapshot_iter_${iteration}`);

  const epochs = Math.floor(iteration / 10) + 2;
  const resumed = await run("train", [...args, "-e", String(epochs), "--autoload"]);
  expect(resumed.status).toBe(0);
  expect(resumed.stdout).toMatch(new RegExp(`^${epochs} `, "m"));
});
