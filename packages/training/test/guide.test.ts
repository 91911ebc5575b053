/** The programs of docs/training.md are the files in `guide/`, so that they are checked, and run here. */
import { afterAll, beforeAll, beforeEach, expect, jest, test } from "@jest/globals";
import { build } from "esbuild";
import { execFile } from "node:child_process";
import { mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

const programs = new URL("guide/", import.meta.url);
const guide = new URL("../../../docs/training.md", import.meta.url);
const home = process.cwd();
let folder: string;
let printed: string[] = [];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "chain-guide-"));
  process.chdir(folder);
});

beforeEach(() => {
  printed = [];
  jest.spyOn(console, "log").mockImplementation((...words) => void printed.push(words.join(" ")));
  jest.spyOn(process.stdout, "write").mockImplementation((text) => {
    printed.push(...String(text).trimEnd().split("\n"));
    return true;
  });
});

afterAll(async () => {
  process.chdir(home);
  jest.restoreAllMocks();
  await rm(folder, { recursive: true });
});

test("every program of the guide is run here, and none is missing from it", async () => {
  const blocks = [...(await readFile(guide, "utf8")).matchAll(/```ts\n([\s\S]*?)```/g)].map((match) => match[1] ?? "");
  const files = (await readdir(programs)).filter((name) => name.endsWith(".ts")).toSorted();
  const texts = await Promise.all(files.map((name) => readFile(new URL(name, programs), "utf8")));
  expect(blocks.toSorted()).toEqual(texts.toSorted());
});

test("trainer", async () => {
  await import("./guide/trainer.js");
  expect(printed[0]).toMatch(/^epoch +main\/loss +validation\/main\/accuracy/);
  expect(printed).toHaveLength(11);
  const accuracy = Number(printed[10]?.trim().split(/ +/)[2]);
  expect(accuracy).toBeGreaterThan(0.85);
  const rows = (await readFile(join(folder, "result", "log.csv"), "utf8")).trim().split("\r\n");
  expect(rows).toHaveLength(11);
});

test("custom loop", async () => {
  await import("./guide/custom-loop.js");
  expect(printed).toEqual(["the target of 0.5 is 2.00"]);
  expect(await readdir(folder)).toContain("model.npz");
});

test("custom extension", async () => {
  await import("./guide/custom-extension.js");
  expect(printed).toEqual([
    expect.stringMatching(/^1 [\d.]+$/),
    "half of it is done",
    expect.stringMatching(/^2 [\d.]+$/),
    expect.stringMatching(/^3 [\d.]+$/),
  ]);
});

test("custom data set", async () => {
  await import("./guide/custom-dataset.js");
  expect(printed).toHaveLength(5);
  expect(new Set(printed.map((line) => line.slice(0, 30)))).toEqual(new Set(["8 to train on, 2 to test; the "]));
});

test("resume", async () => {
  await import("./guide/resume.js");
  expect(printed).toEqual(["the same weights: true"]);
  expect((await readdir(join(folder, "other"))).toSorted()).toEqual(["log", "snapshot_iter_35", "snapshot_iter_40"]);
});

test("tables", async () => {
  await import("./guide/tables.js");
  expect(printed.slice(0, 2)).toEqual(["Ada 1882,1906,1914", "initial,century A,19 E,19 G,20 H,20"]);
  expect(printed[2]).toMatch(/^2 \d{4},2 \d{4}$/);
});

test("threads", async () => {
  // Threads run what is built, so this program does as well.
  const project = join(folder, "threads");
  await mkdir(join(project, "node_modules"), { recursive: true });
  await symlink(fileURLToPath(new URL("../../", import.meta.url)), join(project, "node_modules", "@chain"), "junction");
  await writeFile(join(project, "package.json"), '{ "type": "module" }');
  const entryPoints = ["threads", "spirals"].map((name) => fileURLToPath(new URL(`${name}.ts`, programs)));
  await build({ entryPoints, outdir: project, target: "es2022" });
  const { stdout } = await promisify(execFile)(process.execPath, ["threads.js"], { cwd: project });
  const rows = stdout.trim().split("\n");
  expect(rows).toHaveLength(31);
  expect(Number(rows.at(-1)?.trim().split(/ +/)[1])).toBeGreaterThan(0.9);
});
