import { expect, test } from "@jest/globals";
import { NpzFile } from "@chain/links/serializers";
import { spawnSync } from "node:child_process";
import { mkdir, readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { temporaryFolder } from "../support/folder.js";

const folder = temporaryFolder();
const program = fileURLToPath(new URL("../support/worker-snapshots.js", import.meta.url));

/** What the program prints; it has to end by itself. */
function train(iterations: number, ...more: string[]): string {
  const { status, stderr, stdout } = spawnSync(process.execPath, [program, folder.path, String(iterations), ...more], {
    encoding: "utf8",
    timeout: 60_000,
  });
  expect([status, stderr]).toEqual([0, ""]);
  return stdout.trim();
}

test("a worker writes snapshots that are whole at the end, and a training goes on from them", async () => {
  expect(train(5)).toBe("done 5 false");
  expect(await readdir(folder.path)).toEqual(["snapshot_iter_4", "snapshot_iter_5"]);
  expect(train(7, "autoload")).toBe("done 7 false");
  expect((await readdir(folder.path)).toSorted()).toEqual(["snapshot_iter_6", "snapshot_iter_7"]);
  const file = new NpzFile(await readFile(join(folder.path, "snapshot_iter_7")));
  expect(file.get("updater/iteration")).toMatchObject({ data: BigInt64Array.of(7n) });
});

test("what goes wrong in the worker is thrown in the training", async () => {
  await mkdir(join(folder.path, "snapshot_iter_3"));
  expect(train(5)).toMatch(/^FileError after 4: cannot write .*snapshot_iter_3: E/);
});
