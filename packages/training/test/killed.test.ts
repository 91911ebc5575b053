/** Trainings that threads work for: they load examples, and write snapshots. */
import { expect, test } from "@jest/globals";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { killAndResume, killCount } from "../../../testing/kill-and-resume.js";
import { temporaryFolder } from "./support/folder.js";

const folder = temporaryFolder();

test.each(["worker", "background"])(
  "killed at any moment, it goes on and ends with the same bits: writer %s",
  async (writer) => {
    const program = fileURLToPath(new URL("support/threads/scenarios.js", import.meta.url));
    const report = await killAndResume(
      {
        argv: (out) => [program, "train", ...[out, 150, 2, writer].map((value) => JSON.stringify(value))],
        whole: join(folder.path, "whole"),
        killed: join(folder.path, "killed"),
      },
      killCount(),
    );
    expect(report.differences).toEqual([]);
    expect(report.resumedFrom).toHaveLength(killCount());
  },
  900_000,
);
