import { ValueError } from "@chain/array";
import { DamagedFileError, FileError } from "@chain/links/serializers";
import { describe, expect, test } from "@jest/globals";
import { encode as encodePng } from "fast-png";
import { zipSync } from "fflate";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { LabeledZippedImageDataset, MultiZippedImageDataset, ZippedImageDataset } from "../../src/datasets/index.js";
import { temporaryFolder } from "../support/folder.js";

const folder = temporaryFolder();

/** An archive of grey images of 1 × 2 pixels. */
async function writeZip(name: string, images: Readonly<Record<string, readonly [number, number]>>): Promise<string> {
  const files = Object.entries(images).map(([image, pixels]): [string, Uint8Array] => [
    image,
    encodePng({ width: 2, height: 1, channels: 1, data: Uint8Array.from(pixels) }),
  ]);
  const path = join(folder.path, name);
  await writeFile(path, zipSync({ "folder/": new Uint8Array(0), ...Object.fromEntries(files) }));
  return path;
}

describe("ZippedImageDataset", () => {
  test("has the images of an archive, without its folders", async () => {
    const file = await writeZip("two.zip", { "folder/b.png": [1, 2], "a.png": [3, 4] });
    const images = await ZippedImageDataset.open(file);
    expect([...images].map((image) => image.tolistSync())).toEqual([[[[1, 2]]], [[[3, 4]]]]);
    expect(images.getExample(0).dtype).toBe("float32");
    expect((await ZippedImageDataset.open(file, { dtype: "uint8" })).getExample(1).dtype).toBe("uint8");
  });

  test("names what is damaged, no image or not there", async () => {
    const file = join(folder.path, "bad.zip");
    const bytes = zipSync({ "text.png": new TextEncoder().encode("hello") });
    await writeFile(file, bytes);
    const images = await ZippedImageDataset.open(file);
    expect(() => images.getExample(0)).toThrow(`text.png in ${file} is neither a PNG nor a JPEG`);
    await writeFile(file, bytes.subarray(0, bytes.length - 3));
    await expect(ZippedImageDataset.open(file)).rejects.toThrow(DamagedFileError);
    await expect(ZippedImageDataset.open(join(folder.path, "none.zip"))).rejects.toThrow(FileError);
  });
});

test("MultiZippedImageDataset has one archive after the other", async () => {
  const files = [
    await writeZip("1.zip", { "a.png": [1, 2], "b.png": [3, 4] }),
    await writeZip("2.zip", { "a.png": [5, 6] }),
  ];
  const images = await MultiZippedImageDataset.open(files);
  expect([...images].map((image) => image.get(0, 0, 0).itemSync())).toEqual([1, 3, 5]);
});

describe("LabeledZippedImageDataset", () => {
  test("takes pairs, or a file with a name and a label on each line", async () => {
    const file = await writeZip("labeled.zip", { "folder/x y.png": [1, 2], "a.png": [3, 4] });
    const list = join(folder.path, "labels.txt");
    await writeFile(list, "a.png 7\nfolder/x y.png 3\n");
    for (const pairs of [list, [["a.png", 7] as const, ["folder/x y.png", 3] as const]]) {
      const images = await LabeledZippedImageDataset.open(file, pairs);
      expect([...images].map(([image, label]) => [image.get(0, 0, 0).itemSync(), label])).toEqual([[3, 7], [1, 3]]);
    } // prettier-ignore
  });

  test("refuses names that the archive does not have", async () => {
    const file = await writeZip("labeled.zip", { "a.png": [3, 4] });
    await expect(LabeledZippedImageDataset.open(file, [["b.png", 1]])).rejects.toThrow(ValueError);
    await expect(LabeledZippedImageDataset.open(file, [["b.png", 1]])).rejects.toThrow("has no image b.png");
  });
});
