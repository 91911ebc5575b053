import { ValueError, type NdArray } from "@chain/array";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { getDatasetRoot, setDatasetRoot } from "../../src/dataset/dataset-root.js";
import { getMnist } from "../../src/datasets/index.js";

let root: string;

function idx(shape: readonly number[], data: readonly number[]): Uint8Array {
  const bytes = new Uint8Array(4 + 4 * shape.length + data.length);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, 0x0800 + shape.length);
  shape.forEach((length, axis) => view.setUint32(4 + 4 * axis, length));
  bytes.set(data, 4 + 4 * shape.length);
  return bytes;
}

const pixels = Array.from({ length: 12 }, (_, i) => 20 * i);

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), "chain-mnist-"));
  await mkdir(join(root, "mnist"));
  // Three images of 2 x 2, one of them to test; half of the files are compressed.
  await writeFile(join(root, "mnist/train-images-idx3-ubyte.gz"), gzipSync(idx([2, 2, 2], pixels.slice(0, 8))));
  await writeFile(join(root, "mnist/train-labels-idx1-ubyte"), idx([2], [7, 2]));
  await writeFile(join(root, "mnist/t10k-images-idx3-ubyte"), idx([1, 2, 2], pixels.slice(8)));
  await writeFile(join(root, "mnist/t10k-labels-idx1-ubyte.gz"), gzipSync(idx([1], [9])));
  setDatasetRoot(root);
});

afterEach(async () => {
  setDatasetRoot(null);
  await rm(root, { recursive: true });
});

/** As NumPy scales in float32. */
function scaled(values: readonly number[], scale = 1): number[] {
  return values.map((value) => Math.fround(value * Math.fround(scale / 255)));
}

describe("getMnist", () => {
  test("reads images and labels", async () => {
    const [train, test_] = await getMnist();
    expect([train.length, test_.length]).toEqual([2, 1]);
    const [image, label] = train.getExample(1);
    expect([image.dtype, image.shape, label]).toEqual(["float32", [4], 2]);
    expect([...image.dataSync()]).toEqual(scaled(pixels.slice(4, 8)));
    expect(test_.getExample(0)[1]).toBe(9);
    const [x, t] = train.gather(Int32Array.of(1, 0)) as [NdArray, NdArray];
    expect([x.shape, t.dtype, t.tolistSync()]).toEqual([[2, 4], "int32", [2, 7]]);
  });

  test("has images of other shapes, scales and dtypes", async () => {
    const [images] = await getMnist({ withlabel: false, ndim: 3, scale: 255, rgbFormat: true, dtype: "float64" });
    expect([images.dtype, images.shape]).toEqual(["float64", [2, 3, 2, 2]]);
    expect([...images.dataSync()].slice(0, 12)).toEqual([0, 20, 40, 60, 0, 20, 40, 60, 0, 20, 40, 60]);
    const [two] = await getMnist({ withlabel: false, ndim: 2, scale: 2 });
    expect(two.shape).toEqual([2, 2, 2]);
    expect([...two.dataSync()].slice(0, 4)).toEqual(scaled(pixels.slice(0, 4), 2));
    const [train] = await getMnist({ labelDtype: "uint8" });
    expect((train.gather(Int32Array.of(0))[1] as NdArray).dtype).toBe("uint8");
  });

  test("refuses options that make no sense", async () => {
    await expect(getMnist({ ndim: 4 as 3 })).rejects.toThrow(ValueError);
    await expect(getMnist({ rgbFormat: true })).rejects.toThrow("ndim: 3");
    await expect(getMnist({ dtype: "int32" })).rejects.toThrow("floating");
    await expect(getMnist({ labelDtype: "bool" })).rejects.toThrow(ValueError);
  });

  test("names a damaged file", async () => {
    const file = join(root, "mnist/train-images-idx3-ubyte.gz");
    await writeFile(file, gzipSync(idx([2, 2, 2], pixels.slice(0, 8))).subarray(0, 20));
    await expect(getMnist()).rejects.toThrow(file);
    await writeFile(file, gzipSync(Buffer.from("something else")));
    await expect(getMnist()).rejects.toThrow("train-images");
  });
});

test("the data set root is what was set", async () => {
  expect(await getDatasetRoot()).toBe(root);
});
