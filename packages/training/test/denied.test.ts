/** What happens in folders without permission. Root has every permission, so the programs run as somebody else then. */
import { expect, test } from "@jest/globals";
import { spawnSync } from "node:child_process";
import { chmod, mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { temporaryFolder } from "./support/folder.js";

const program = fileURLToPath(new URL("support/denied.js", import.meta.url));
const folder = temporaryFolder();
const isRoot = process.getuid?.() === 0;
const nobody = isRoot ? { uid: 65534, gid: 65534 } : {};
const canTell = process.getuid !== undefined && spawnSync(process.execPath, [program, "nothing"], nobody).status === 0;

/** Lines that the program prints, as somebody who may not do everything; null if there is nobody like that. */
function run(what: string, place: string, identity: object = nobody): string[] | null {
  if (!canTell) {
    console.warn("skipped: permissions cannot be tested here, since nobody but root can run the program");
    return null;
  }
  const { status, stderr, stdout } = spawnSync(process.execPath, [program, what, place], {
    encoding: "utf8",
    timeout: 60_000,
    ...identity,
  });
  expect([status, stderr]).toEqual([0, ""]);
  return stdout.trim().split("\n");
}

async function contents(): Promise<Record<string, string>> {
  const names = await readdir(folder.path);
  const entries = names.map(async (name) => [name, await readFile(join(folder.path, name), "hex")] as const);
  return Object.fromEntries(await Promise.all(entries));
}

/** Does something while a file or a folder has the permissions of `mode`. */
async function whileDenied<T>(path: string, mode: number, body: () => T): Promise<T> {
  await chmod(path, mode);
  try {
    return body();
  } finally {
    await chmod(path, 0o755);
  }
}

test("an output folder that cannot be made is an error at the start", async () => {
  const lines = await whileDenied(folder.path, 0o555, () => run("train", join(folder.path, "result")));
  if (lines === null) return;
  expect(lines).toEqual(["iteration 0", expect.stringMatching(/^FileError: cannot make the folder .*result: EACCES/)]);
  expect(await readdir(folder.path)).toEqual([]);
});

test("a training whose folder may no longer be written to ends with an error, and loses nothing", async () => {
  if (run("train", folder.path, {}) === null) return;
  await rm(join(folder.path, "snapshot_iter_4"));
  const before = await contents();
  expect(Object.keys(before)).toEqual(["snapshot_iter_2"]);
  expect(await whileDenied(folder.path, 0o555, () => run("train", folder.path))).toEqual([
    "iteration 4",
    expect.stringMatching(/^FileError: cannot write .*snapshot_iter_4: EACCES/),
  ]);
  expect(await contents()).toEqual(before);
});

test.each(["wait", "background", "worker"])(
  "a snapshot that is cut off, as on a full disk, is an error, and loses nothing: writer %s",
  async (writer) => {
    const train = (limit: string): unknown =>
      spawnSync("sh", ["-c", `${limit} exec "$@"`, "sh", process.execPath, program, "train", folder.path, writer], {
        encoding: "utf8",
        timeout: 60_000,
      }).stdout;
    expect(train("")).toBe("iteration 4\n");
    await rm(join(folder.path, "snapshot_iter_4"));
    const before = await contents();
    expect(Object.keys(before)).toEqual(["snapshot_iter_2"]);
    // No file may be longer than a few blocks of 512 or 1024 bytes: a full disk fails in the same place.
    expect(train("ulimit -f 1;")).toMatch(/^iteration 4\nFileError: cannot write .*snapshot_iter_4: EFBIG/);
    expect(await contents()).toEqual(before);
  },
);

test("a snapshot that may not be read is an error: beginning anew would overwrite it", async () => {
  if (run("train", folder.path, {}) === null) return;
  const before = await contents();
  await chmod(folder.path, 0o777);
  const latest = join(folder.path, "snapshot_iter_4");
  expect(await whileDenied(latest, 0o000, () => run("train", folder.path))).toEqual([
    "iteration 0",
    expect.stringMatching(/^FileError: cannot read .*snapshot_iter_4: EACCES/),
  ]);
  expect(await contents()).toEqual(before);
});

test("files of data sets that may not be read are told of, not downloaded", async () => {
  const file = join(folder.path, "mnist", "train-images-idx3-ubyte");
  await mkdir(join(folder.path, "mnist"));
  await writeFile(file, "");
  await chmod(folder.path, 0o755);
  const lines = await whileDenied(file, 0o000, () => run("load", folder.path));
  if (lines === null) return;
  expect(lines).toEqual([expect.stringMatching(/^FileError: cannot read .*train-images-idx3-ubyte: EACCES/)]);
});
