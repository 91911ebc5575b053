import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { killAndResume, killCount } from "../../../testing/kill-and-resume.js";
import { writeMnist } from "./support/mnist-files.js";

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "chain-resnet-killed-"));
  await writeMnist(folder);
});

afterEach(async () => {
  await rm(folder, { recursive: true });
});

test("killed at any moment, it goes on and ends with the same bits", async () => {
  const program = fileURLToPath(new URL("../dist/train.js", import.meta.url));
  const flags = ["--dataset", "mnist", "--depth", "14", "-b", "50", "-e", "12", "--seed", "1", "--autoload"];
  const report = await killAndResume(
    {
      argv: (out) => [program, ...flags, "-o", out],
      env: { CHAIN_DATASET_ROOT: folder },
      whole: join(folder, "whole"),
      killed: join(folder, "killed"),
    },
    killCount(),
  );
  expect(report.differences).toEqual([]);
  expect(report.resumedFrom).toHaveLength(killCount());
}, 900_000);
