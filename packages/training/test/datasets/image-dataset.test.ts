import { ValueError } from "@chain/array";
import { describe, expect, test } from "@jest/globals";
import { encode as encodePng } from "fast-png";
import { encode as encodeJpeg } from "jpeg-js";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { ImageDataset, LabeledImageDataset } from "../../src/datasets/index.js";
import { temporaryFolder } from "../support/folder.js";

const folder = temporaryFolder();

async function writePng(name: string, channels: number, data: readonly number[], width = 2): Promise<void> {
  const height = data.length / channels / width;
  const image = { width, height, channels, data: Uint8Array.from(data) };
  await writeFile(join(folder.path, name), encodePng(image));
}

/** 16 × 16 pixels of one colour, which JPEG keeps almost. */
async function writeJpeg(name: string, [r, g, b]: readonly [number, number, number]): Promise<void> {
  const data = Buffer.from(Array.from({ length: 256 }, () => [r, g, b, 255]).flat());
  await writeFile(join(folder.path, name), encodeJpeg({ width: 16, height: 16, data }, 100).data);
}

describe("ImageDataset", () => {
  test("reads PNG and JPEG, channels first", async () => {
    await writePng("rgb.png", 3, [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18]);
    await writePng("grey.png", 1, [9, 8]);
    await writeJpeg("red.jpg", [200, 30, 40]);
    const images = await ImageDataset.open(["rgb.png", "grey.png", "red.jpg"], { root: folder.path });
    expect(images.length).toBe(3);
    const rgb = images.getExample(0);
    expect([rgb.dtype, rgb.tolistSync()]).toEqual([
      "float32",
      [1, 2, 3].map((c) => [[c, c + 3], [c + 6, c + 9], [c + 12, c + 15]]),
    ]); // prettier-ignore
    expect(images.getExample(1).tolistSync()).toEqual([[[9, 8]]]);
    const red = images.getExample(2);
    expect(red.shape).toEqual([3, 16, 16]);
    [200, 30, 40].forEach((value, c) => expect(Math.abs(red.get(c, 7, 7).itemSync() - value)).toBeLessThan(3));
  });

  test("a palette gives its colours", async () => {
    // Written by Pillow: three pixels of two colours, (10, 20, 30) and (40, 50, 60).
    const bytes =
      "iVBORw0KGgoAAAANSUhEUgAAAAMAAAABCAMAAAAsPuSGAAAC+lBMVEUKFB4oMjwAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAD1KJObAAAADElEQVR4nGNgZGAEAAAIAAMO2OzxAAAAAElFTkSuQmCC";
    await writeFile(join(folder.path, "palette.png"), Buffer.from(bytes, "base64"));
    const images = await ImageDataset.open(["palette.png"], { root: folder.path });
    expect(images.getExample(0).tolistSync()).toEqual([[[40, 10, 40]], [[50, 20, 50]], [[60, 30, 60]]]);
  });

  test("takes a list in a file, and another dtype", async () => {
    await writePng("a b.png", 1, [1, 2]);
    await writeFile(join(folder.path, "list.txt"), "a b.png\n\na b.png\n");
    const images = await ImageDataset.open(join(folder.path, "list.txt"), { root: folder.path, dtype: "uint8" });
    expect([images.length, images.getExample(1).dtype]).toEqual([2, "uint8"]);
  });

  test("names files that are damaged, or no images", async () => {
    await writePng("good.png", 1, [1, 2]);
    await writeFile(join(folder.path, "bad.png"), Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 1, 2, 3));
    await writeFile(join(folder.path, "bad.jpg"), Uint8Array.of(0xff, 0xd8, 1, 2, 3));
    await writeFile(join(folder.path, "text.png"), "hello");
    const images = await ImageDataset.open(["bad.png", "bad.jpg", "text.png", "none.png"], { root: folder.path });
    expect(() => images.getExample(0)).toThrow("bad.png is damaged");
    expect(() => images.getExample(1)).toThrow("bad.jpg is damaged");
    expect(() => images.getExample(2)).toThrow("text.png is neither a PNG nor a JPEG");
    expect(() => images.getExample(3)).toThrow("none.png");
  });
});

describe("LabeledImageDataset", () => {
  test("takes pairs, or a file with a path and a label on each line", async () => {
    await writePng("x y.png", 1, [1, 2]);
    const list = join(folder.path, "pairs.txt");
    await writeFile(list, "x y.png 3\nx y.png 12\n");
    for (const pairs of [list, [["x y.png", 3], ["x y.png", 12]] as const]) {
      const images = await LabeledImageDataset.open(pairs, { root: folder.path });
      expect([...images].map(([image, label]) => [image.shape, label])).toEqual([[[1, 1, 2], 3], [[1, 1, 2], 12]]);
    } // prettier-ignore
    await writeFile(list, "x.png three\n");
    await expect(LabeledImageDataset.open(list)).rejects.toThrow(ValueError);
  });

  test("a folder for each class", async () => {
    for (const name of ["dog", "cat"]) await mkdir(join(folder.path, name));
    await writePng("dog/2.png", 1, [5, 6]);
    await writePng("dog/1.PNG", 1, [3, 4]);
    await writePng("cat/a.png", 1, [1, 2]);
    await writeFile(join(folder.path, "dog/notes.txt"), "no image");
    const images = await LabeledImageDataset.fromFolder(folder.path);
    expect(images.classes).toEqual(["cat", "dog"]);
    expect([...images].map(([image, label]) => [image.get(0, 0, 0).itemSync(), label])).toEqual([
      [1, 0],
      [3, 1],
      [5, 1],
    ]);
    await expect(LabeledImageDataset.fromFolder(join(folder.path, "cat"))).rejects.toThrow("one for each class");
  });
});
