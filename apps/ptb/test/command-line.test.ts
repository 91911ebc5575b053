import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { spawn } from "node:child_process";
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { writeDataset } from "./support/toy.js";

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "chain-ptb-cli-"));
  await writeDataset(folder);
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
    ["train", ["--model", "transformer"], "Allowed choices are simple-rnn, lstm, gru."],
    ["train", ["--bproplen", "0"], "error: option '-l, --bproplen <n>' argument '0' is invalid."],
    ["train", ["--gradclip", "-5"], "error: option '-c, --gradclip <x>' argument '-5' is invalid."],
    ["train", ["--corpus", "moby-dick"], "Allowed choices are ptb, brown."],
    ["train", ["--device", "abacus"], 'unknown device "abacus"'],
    ["train", ["--resume", "none", "--out", ""], "cannot read none"],
    ["custom-loop", ["--seed", "x"], "error: option '--seed <n>' argument 'x' is invalid."],
    ["generate", ["--temperature", "-1"], "error: option '-t, --temperature <x>' argument '-1' is invalid."],
    ["generate", ["--model", "none"], "train a model first"],
    ["tree-lstm", ["(and true maybe)"], 'got "maybe"'],
  ])("%s %j gives one clear line", async (program, args, message) => {
    const { status, stderr } = await run(program, args);
    expect(status).toBe(1);
    expect(stderr.trim().split("\n")).toHaveLength(1);
    expect(stderr).toContain(message);
  });

  test.each([
    ["train", "--bproplen"],
    ["custom-loop", "--gradclip"],
    ["generate", "--primetext"],
    ["tree-lstm", "--depth"],
  ])("%s --help tells the flags", async (program, flag) => {
    const { status, stdout } = await run(program, ["--help"]);
    expect(status).toBe(0);
    expect(stdout).toContain(flag);
  });
});

test("trains, generates, and knows what it does not know", async () => {
  const out = join(folder, "result");
  const small = ["-u", "12", "-b", "4", "-l", "6", "--lr", "0.3", "--seed", "1", "-o", out];
  const trained = await run("train", ["-m", "gru", "-e", "2", ...small]);
  expect([trained.status, trained.stderr]).toEqual([0, ""]);
  expect(trained.stdout).toMatch(/^test perplexity: \d/m);
  const model = join(out, "model.npz");
  const generated = await run("generate", ["-m", model, "-p", "this cat", "-n", "8"]);
  expect(generated.stdout).toMatch(/^this cat/);
  const unknown = await run("generate", ["-m", model, "-p", "this wug"]);
  expect([unknown.status, unknown.stderr]).toEqual([1, expect.stringContaining('does not know the word "wug"')]);
  const judged = await run("tree-lstm", ["-i", "1", "(not true)"]);
  expect(judged.stdout).toMatch(/^\(not true\) is (true|false)$/m);
});

test("Ctrl-C stops after the iteration, with a snapshot from which the training goes on as if nothing had been", async () => {
  const out = join(folder, "result");
  const common = ["-u", "12", "-b", "4", "-l", "6", "--lr", "0.3", "--seed", "1", "--test"];
  const args = [...common, "-o", out];
  let sent = false;
  const stopped = await run("train", [...args, "-e", "1000000"], (output, kill) => {
    if (sent || !/^0 +10 /m.test(output)) return;
    sent = true;
    kill("SIGINT");
  });
  expect([stopped.status, stopped.stderr.trim()]).toEqual([130, "the training was interrupted by SIGINT"]);
  const iteration = Number(/Saved after iteration (\d+)/.exec(stopped.stdout)?.[1]);
  expect(await readdir(out)).toContain(`snapshot_iter_${iteration}`);

  const epochs = Math.floor(iteration / 50) + 1;
  const resumed = await run("train", [...args, "-e", String(epochs), "-r", join(out, `snapshot_iter_${iteration}`)]);
  const whole = join(folder, "whole");
  const uninterrupted = await run("train", [...common, "-e", String(epochs), "-o", whole]);
  expect([resumed.status, uninterrupted.status]).toEqual([0, 0]);
  const perplexity = /^test perplexity: .*$/m;
  expect(perplexity.exec(resumed.stdout)?.[0]).toBe(perplexity.exec(uninterrupted.stdout)?.[0]);
  const [a, b] = await Promise.all([out, whole].map((path) => readFile(join(path, "model.npz"))));
  expect(a?.equals(b ?? new Uint8Array())).toBe(true);
});
