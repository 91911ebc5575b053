import { expect, test } from "@jest/globals";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { FileError, readWholeFile } from "../../src/serializers/index.js";

test("readWholeFile reads pieces one after the other, whatever their size", async () => {
  const folder = await mkdtemp(join(tmpdir(), "chain-"));
  try {
    const file = join(folder, "bytes");
    const bytes = Uint8Array.from({ length: 1000 }, (_, i) => (i * 7) % 256);
    await writeFile(file, bytes);
    for (const piece of [1, 7, 500, 999, 1000, undefined]) {
      expect([...(await readWholeFile(file, piece))]).toEqual([...bytes]);
    }
    await expect(readWholeFile(join(folder, "none"))).rejects.toThrow(FileError);
  } finally {
    await rm(folder, { recursive: true });
  }
});
