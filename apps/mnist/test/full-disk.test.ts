import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { spawnSync } from "node:child_process";
import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { writeDataset } from "./support/synthetic.js";

const program = fileURLToPath(new URL("../dist/train.js", import.meta.url));
let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "chain-mnist-disk-"));
  await writeDataset(folder);
});

afterEach(async () => {
  await rm(folder, { recursive: true });
});

/** Trains; no file may become larger than `limit` blocks of 512 bytes, as if the disk were full. */
function train(args: readonly string[], limit?: number): { status: number | null; stderr: string } {
  const command = `${limit === undefined ? "" : `ulimit -f ${limit}; `}exec "$@"`;
  const flags = ["-b", "20", "-u", "16", "-f", "1", "--seed", "1", ...args];
  const { status, stderr } = spawnSync("sh", ["-c", command, "sh", process.execPath, program, ...flags], {
    env: { ...process.env, CHAIN_DATASET_ROOT: folder },
    encoding: "utf8",
  });
  return { status, stderr };
}

test("when the disk is full there is one clear line, and what was written stays", async () => {
  const out = join(folder, "result");
  expect(train(["-e", "2", "-o", out])).toEqual({ status: 0, stderr: "" });
  const snapshot = await readFile(join(out, "snapshot_iter_20"));
  expect(snapshot.length).toBeGreaterThan(100 * 512);
  const { status, stderr } = train(["-e", "4", "-o", out, "--autoload"], 100);
  expect(status).toBe(1);
  expect(stderr.trim()).toMatch(/^cannot write .*snapshot_iter_30: .*EFBIG/);
  expect(stderr.trim().split("\n")).toHaveLength(1);
  expect(await readFile(join(out, "snapshot_iter_20"))).toEqual(snapshot);
  expect((await readdir(out)).filter((name) => name.startsWith("."))).toEqual([]);
  const log = JSON.parse(await readFile(join(out, "log"), "utf8")) as unknown[];
  expect(log).toHaveLength(4); // one before the training, and three epochs
  expect(train(["-e", "4", "-o", out, "--autoload"])).toEqual({ status: 0, stderr: "" });
});

test("a folder that cannot be made is a clear line, before anything is trained", async () => {
  await writeFile(join(folder, "file"), "");
  const { status, stderr } = train(["-e", "1", "-o", join(folder, "file", "result")]);
  expect(status).toBe(1);
  expect(stderr.trim()).toMatch(/^cannot make the folder .*result: ENOTDIR/);
});
