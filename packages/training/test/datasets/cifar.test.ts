import { ValueError, type NdArray } from "@chain/array";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { createTar } from "nanotar";
import { mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { DownloadError } from "../../src/dataset/cached-download.js";
import { setDatasetRoot } from "../../src/dataset/dataset-root.js";
import { getCifar10, getCifar100 } from "../../src/datasets/index.js";
import { temporaryFolder } from "../support/folder.js";

const folder = temporaryFolder();
const originalFetch = globalThis.fetch;

beforeEach(() => setDatasetRoot(folder.path));

afterEach(() => {
  setDatasetRoot(null);
  globalThis.fetch = originalFetch;
});

const planes = 3 * 32 * 32;

function pixel(image: number, i: number): number {
  return (31 * image + 7 * i) % 256;
}

/** Records of the binary layout, numbered from `first`. */
function records(first: number, labels: readonly (readonly number[])[]): Uint8Array {
  return Uint8Array.from(
    labels.flatMap((label, record) => [
      ...label,
      ...Array.from({ length: planes }, (_, i) => pixel(first + record, i)),
    ]),
  );
}

/** Files of CIFAR-10: two images in each part, labels 0 to 9 and 3, 4. */
function cifar10(): Record<string, Uint8Array> {
  const batches = Array.from({ length: 5 }, (_, i): [string, Uint8Array] => [
    `data_batch_${i + 1}.bin`,
    records(2 * i, [[2 * i], [2 * i + 1]]),
  ]);
  return { ...Object.fromEntries(batches), "test_batch.bin": records(10, [[3], [4]]) };
}

async function write(directory: string, files: Record<string, Uint8Array>): Promise<string> {
  const path = join(folder.path, directory);
  await mkdir(path, { recursive: true });
  for (const [name, bytes] of Object.entries(files)) await writeFile(join(path, name), bytes);
  return path;
}

describe("getCifar10", () => {
  test("reads images and labels from the data set root", async () => {
    await write("cifar10/cifar-10-batches-bin", cifar10());
    const [train, test_] = await getCifar10();
    expect([train.length, test_.length]).toEqual([10, 2]);
    const [image, label] = train.getExample(7);
    expect([image.dtype, image.shape, label]).toEqual(["float32", [3, 32, 32], 7]);
    const expected = Array.from({ length: planes }, (_, i) => Math.fround(pixel(7, i) * Math.fround(1 / 255)));
    expect([...image.dataSync()]).toEqual(expected);
    expect([test_.getExample(0)[1], test_.getExample(1)[1]]).toEqual([3, 4]);
    const [x, t] = train.gather(Int32Array.of(9, 0)) as [NdArray, NdArray];
    expect([x.shape, t.dtype, t.tolistSync()]).toEqual([[2, 3, 32, 32], "int32", [9, 0]]);
  });

  test("has other shapes, scales and dtypes", async () => {
    await write("cifar10/cifar-10-batches-bin", cifar10());
    const [flat] = await getCifar10({ withlabel: false, ndim: 1, scale: 255, dtype: "float64" });
    expect([flat.dtype, flat.shape, flat.get(1, 5).itemSync()]).toEqual(["float64", [10, planes], pixel(1, 5)]);
    const [bytes] = await getCifar10({ withlabel: false, dtype: "uint8" });
    expect([bytes.dtype, bytes.shape, bytes.get(2, 0, 0, 9).itemSync()]).toEqual([
      "uint8",
      [10, 3, 32, 32],
      pixel(2, 9),
    ]);
  });

  test("refuses options that make no sense", async () => {
    await expect(getCifar10({ ndim: 2 as 3 })).rejects.toThrow("ndim is 1 or 3");
    await expect(getCifar10({ dtype: "int32" })).rejects.toThrow(ValueError);
    await expect(getCifar10({ dtype: "uint8", scale: 1 })).rejects.toThrow("scale: 255");
  });

  test("names a file that is cut off, or has other labels", async () => {
    const files = cifar10();
    const path = await write("cifar10/cifar-10-batches-bin", {
      ...files,
      "data_batch_2.bin": (files["data_batch_2.bin"] as Uint8Array).subarray(1),
    });
    await expect(getCifar10()).rejects.toThrow(join(path, "data_batch_2.bin"));
    await writeFile(join(path, "data_batch_2.bin"), records(2, [[2], [10]]));
    await expect(getCifar10()).rejects.toThrow("label 10");
  });

  test("unpacks the archive, of which it writes no more than the files it needs", async () => {
    const members = Object.entries({ ...cifar10(), "../../outside": new Uint8Array(3) });
    const tar = createTar(members.map(([name, data]) => ({ name: `cifar-10-batches-bin/${name}`, data })));
    await write("cifar10", { "cifar-10-binary.tar.gz": gzipSync(tar) });
    const [train] = await getCifar10();
    expect(train.getExample(9)[1]).toBe(9);
    expect(await readdir(folder.path)).toEqual(["cifar10"]);
    expect(await readdir(join(folder.path, "cifar10"))).toEqual(["cifar-10-batches-bin"]);
    const written = await readdir(join(folder.path, "cifar10/cifar-10-batches-bin"));
    expect(written.toSorted()).toEqual(Object.keys(cifar10()).toSorted());
    const file = join(folder.path, "cifar10/cifar-10-batches-bin/test_batch.bin");
    expect(new Uint8Array(await readFile(file))).toEqual(cifar10()["test_batch.bin"]);
  });

  test("says which file an archive lacks", async () => {
    const tar = createTar([{ name: "cifar-10-batches-bin/data_batch_1.bin", data: new Uint8Array(3073) }]);
    await write("cifar10", { "cifar-10-binary.tar.gz": gzipSync(tar) });
    await expect(getCifar10()).rejects.toThrow("data_batch_2.bin");
  });

  test("keeps nothing of a download that is another file", async () => {
    globalThis.fetch = (): Promise<Response> => Promise.resolve(new Response("something else"));
    await expect(getCifar10()).rejects.toThrow(DownloadError);
    expect(await readdir(join(folder.path, "cifar10"))).toEqual([]);
  });
});

test("getCifar100 has the fine labels", async () => {
  const train = records(0, [
    [1, 99],
    [2, 0],
  ]);
  await write("cifar100/cifar-100-binary", { "train.bin": train, "test.bin": records(2, [[19, 42]]) });
  const [trained, tested] = await getCifar100({ dtype: "uint8" });
  expect([trained.getExample(0)[1], trained.getExample(1)[1], tested.getExample(0)[1]]).toEqual([99, 0, 42]);
  expect(trained.getExample(1)[0].get(0, 0, 3).itemSync()).toBe(pixel(1, 3));
  await write("cifar100/cifar-100-binary", { "test.bin": records(2, [[1, 100]]) });
  await expect(getCifar100()).rejects.toThrow("label 100");
  await rm(join(folder.path, "cifar100/cifar-100-binary/test.bin"));
  globalThis.fetch = (): Promise<Response> => Promise.reject(new TypeError("no network"));
  await expect(getCifar100()).rejects.toThrow("is there a connection?");
});
