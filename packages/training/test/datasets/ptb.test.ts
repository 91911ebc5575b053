import { ValueError } from "@chain/array";
import { afterEach, beforeEach, describe, expect, jest, test } from "@jest/globals";
import { mkdir, readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { DownloadError } from "../../src/dataset/cached-download.js";
import { setDatasetRoot } from "../../src/dataset/dataset-root.js";
import { getPtbWords, getPtbWordsVocabulary } from "../../src/datasets/index.js";
import { temporaryFolder } from "../support/folder.js";

const root = temporaryFolder();

beforeEach(async () => {
  setDatasetRoot(root.path);
  await mkdir(join(root.path, "ptb"));
});

afterEach(() => {
  setDatasetRoot(null);
  jest.restoreAllMocks();
});

async function write(part: string, text: string): Promise<void> {
  await writeFile(join(root.path, "ptb", `ptb.${part}.txt`), text);
}

describe("getPtbWords", () => {
  test("numbers words as they first appear, with <eos> at the end of every line", async () => {
    await write("train", " the cat <unk> \n the dog  sat\n\n the end");
    await write("valid", " dog <unk> \n");
    await write("test", " end the \n cat \n");
    const vocabulary = await getPtbWordsVocabulary();
    expect([...vocabulary]).toEqual([
      ["the", 0],
      ["cat", 1],
      ["<unk>", 2],
      ["<eos>", 3],
      ["dog", 4],
      ["sat", 5],
      ["end", 6],
    ]);
    const [train, valid, test_] = await getPtbWords();
    expect(train).toEqual(Int32Array.of(0, 1, 2, 3, 0, 4, 5, 3, 3, 0, 6, 3));
    expect(valid).toEqual(Int32Array.of(4, 2, 3));
    expect(test_).toEqual(Int32Array.of(6, 0, 3, 1, 3));
  });

  test("refuses words that the training part does not have", async () => {
    await write("train", "a b\n");
    await write("valid", "a c\n");
    await write("test", "a\n");
    await expect(getPtbWords()).rejects.toThrow(ValueError);
    await expect(getPtbWords()).rejects.toThrow('ptb.valid.txt has the word "c"');
  });

  test("downloads what is not there, and keeps nothing that is something else", async () => {
    const asked: unknown[] = [];
    jest.spyOn(process.stderr, "write").mockReturnValue(true);
    jest.spyOn(globalThis, "fetch").mockImplementation((url) => {
      asked.push(url);
      return Promise.resolve(new Response("something else"));
    });
    await expect(getPtbWordsVocabulary()).rejects.toThrow(DownloadError);
    await expect(getPtbWords()).rejects.toThrow("SHA-256");
    expect(asked[0]).toMatch(/^https:.*\/ptb\.train\.txt$/);
    expect(await readdir(join(root.path, "ptb"))).toEqual([]);
  });
});
