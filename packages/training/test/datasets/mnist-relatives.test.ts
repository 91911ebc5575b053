import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { mkdir, readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { DownloadError } from "../../src/dataset/cached-download.js";
import { setDatasetRoot } from "../../src/dataset/dataset-root.js";
import {
  getFashionMnist,
  getFashionMnistLabels,
  getKuzushijiMnist,
  getKuzushijiMnistLabels,
} from "../../src/datasets/index.js";
import { temporaryFolder } from "../support/folder.js";

const folder = temporaryFolder();
const originalFetch = globalThis.fetch;

beforeEach(() => setDatasetRoot(folder.path));

afterEach(() => {
  setDatasetRoot(null);
  globalThis.fetch = originalFetch;
});

function idx(shape: readonly number[], data: readonly number[]): Uint8Array {
  return Uint8Array.of(0, 0, 8, shape.length, ...shape.flatMap((length) => [0, 0, 0, length]), ...data);
}

async function write(directory: string): Promise<void> {
  const path = join(folder.path, directory);
  await mkdir(path);
  await writeFile(join(path, "train-images-idx3-ubyte.gz"), gzipSync(idx([2, 1, 2], [0, 51, 102, 255])));
  await writeFile(join(path, "train-labels-idx1-ubyte"), idx([2], [9, 1]));
  await writeFile(join(path, "t10k-images-idx3-ubyte"), idx([1, 1, 2], [1, 2]));
  await writeFile(join(path, "t10k-labels-idx1-ubyte"), idx([1], [4]));
}

const relatives = [
  ["fashion-mnist", getFashionMnist],
  ["kuzushiji-mnist", getKuzushijiMnist],
] as const;

describe.each(relatives)("%s", (directory, get) => {
  test("is read from the data set root", async () => {
    await write(directory);
    const [train, test_] = await get({ ndim: 3 });
    const [image, label] = train.getExample(1);
    expect([image.shape, label, test_.length]).toEqual([[1, 1, 2], 1, 1]);
    expect([...image.dataSync()]).toEqual([102, 255].map((pixel) => Math.fround(pixel * Math.fround(1 / 255))));
    const [bytes] = await get({ withlabel: false, dtype: "uint8", ndim: 3, rgbFormat: true });
    expect(bytes.tolistSync()).toEqual([[[[0, 51]], [[0, 51]], [[0, 51]]], [[[102, 255]], [[102, 255]], [[102, 255]]]]); // prettier-ignore
  });

  test("refuses files that do not belong together", async () => {
    await write(directory);
    await writeFile(join(folder.path, directory, "train-labels-idx1-ubyte"), idx([3], [1, 2, 3]));
    await expect(get()).rejects.toThrow("do not belong together");
  });
});

test("keeps nothing of a download that is another file", async () => {
  globalThis.fetch = (): Promise<Response> => Promise.resolve(new Response(gzipSync("something else")));
  await expect(getKuzushijiMnist()).rejects.toThrow(DownloadError);
  expect(await readdir(join(folder.path, "kuzushiji-mnist"))).toEqual([]);
});

test("there is a name for each of ten classes", () => {
  expect(getFashionMnistLabels()).toHaveLength(10);
  expect(getFashionMnistLabels()[9]).toBe("Ankle boot");
  expect(getKuzushijiMnistLabels()).toHaveLength(10);
  expect(getKuzushijiMnistLabels()[2]).toEqual(["す", "su"]);
});
