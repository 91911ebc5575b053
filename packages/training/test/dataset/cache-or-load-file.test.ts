import { describe, expect, test } from "@jest/globals";
import { readdir, readFile, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { cacheOrLoadFile } from "../../src/index.js";
import { temporaryFolder } from "../support/folder.js";

const folder = temporaryFolder();

describe("cacheOrLoadFile", () => {
  test("makes a file once, in folders that are made, and loads it from then on", async () => {
    const file = join(folder.path, "a/b/numbers.json");
    const events: string[] = [];
    const numbers = (): Promise<number[]> =>
      cacheOrLoadFile(
        file,
        async (path) => {
          events.push(`create ${basename(path)}`);
          await writeFile(path, "[1,2]");
          return [1, 2];
        },
        async (path) => {
          events.push(`load ${basename(path)}`);
          return JSON.parse(await readFile(path, "utf8")) as number[];
        },
      );
    expect(await numbers()).toEqual([1, 2]);
    expect(await numbers()).toEqual([1, 2]);
    expect(events).toEqual(["create numbers.json", "load numbers.json"]);
    expect(await readdir(join(folder.path, "a/b"))).toEqual(["numbers.json"]);
  });

  test("leaves nothing behind when making it fails", async () => {
    const failing = cacheOrLoadFile(
      join(folder.path, "c/broken"),
      async (path) => {
        await writeFile(path, "half");
        throw new Error("no more");
      },
      () => "loaded",
    );
    await expect(failing).rejects.toThrow("no more");
    expect(await readdir(join(folder.path, "c"))).toEqual([]);
  });
});
