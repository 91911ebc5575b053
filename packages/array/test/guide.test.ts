/** The programs of docs/backends.md are the files in `guide/`, so that they are checked, and run here. */
import { readdir, readFile } from "node:fs/promises";
import { expect, jest, test } from "@jest/globals";
import { formatReport, runConformance } from "../src/conformance/index.js";
import "./guide/reference.js";
import "./guide/with-matmul.js";

const programs = new URL("guide/", import.meta.url);
const guide = new URL("../../../docs/backends.md", import.meta.url);

test("every program of the guide is run here, and none is missing from it", async () => {
  const blocks = [...(await readFile(guide, "utf8")).matchAll(/```ts\n([\s\S]*?)```/g)].map((match) => match[1] ?? "");
  const files = (await readdir(programs)).filter((name) => name.endsWith(".ts")).toSorted();
  const texts = await Promise.all(files.map((name) => readFile(new URL(name, programs), "utf8")));
  expect(blocks.toSorted()).toEqual(texts.toSorted());
});

test("a backend that is nothing but memory passes the suite, as its program prints", async () => {
  const log = jest.spyOn(console, "log").mockImplementation(() => undefined);
  await import("./guide/check.js");
  const [text] = log.mock.calls[0] ?? [];
  log.mockRestore();
  expect(text).toMatch(/^memory-only: \d+ passed, 0 failed, 0 unsupported\n {2}\d+ kernels ran on the host$/);
});

test("the reference backend passes the suite, without the host", async () => {
  const report = await runConformance("reference");
  expect(formatReport(report)).toMatch(/^reference: \d+ passed, 0 failed, 0 unsupported$/);
});

test("a routine is used, and what it declines is composed", async () => {
  const report = await runConformance("with-matmul", "matmul: b");
  expect(formatReport(report)).toMatch(/^with-matmul: \d+ passed, 0 failed, 0 unsupported$/);
});
