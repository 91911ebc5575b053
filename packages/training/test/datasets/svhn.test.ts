/** The files in `golden/svhn` were written by SciPy 1.17's `savemat`, with and without compression; pixels follow a formula. */
import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { cp, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { DownloadError, setDatasetRoot, type LabeledImages } from "../../src/index.js";
import { getSvhn } from "../../src/datasets/index.js";
import { readMatFile } from "../../src/datasets/mat-file.js";
import { temporaryFolder } from "../support/folder.js";

const stored = fileURLToPath(new URL("../golden/svhn", import.meta.url));
const folder = temporaryFolder();
const originalFetch = globalThis.fetch;

beforeEach(async () => {
  setDatasetRoot(folder.path);
  await cp(stored, join(folder.path, "svhn"), { recursive: true });
});

afterEach(() => {
  globalThis.fetch = originalFetch;
  setDatasetRoot(null);
});

/** Pixels of images number `first` and on, (n, 3, 32, 32). */
function pixels(first: number, count: number): number[] {
  const values: number[] = [];
  for (let n = first; n < first + count; n++) {
    for (let c = 0; c < 3; c++) {
      for (let h = 0; h < 32; h++) {
        for (let w = 0; w < 32; w++) values.push((7 * h + 3 * w + 50 * c + 11 * n) % 256);
      }
    }
  }
  return values;
}

function labelsOf(images: LabeledImages): number[] {
  return Array.from(images, ([, label]) => label);
}

test("images are bytes in rows, labels are digits", async () => {
  const [train, test_] = await getSvhn({ dtype: "uint8" });
  const [x, t] = train.gather(Int32Array.of(0, 1, 2, 3));
  expect([x?.shape, x?.dtype, t?.dtype]).toEqual([[4, 3, 32, 32], "uint8", "int32"]);
  expect([...(x?.dataSync() ?? [])]).toEqual(pixels(0, 4));
  expect(labelsOf(train)).toEqual([1, 0, 9, 2]);
  const [image, label] = test_.at(1);
  expect([[...image.dataSync()], label]).toEqual([pixels(101, 1), 5]);
  expect(labelsOf(test_)).toEqual([0, 5]);
});

test("the additional images come third; pixels are scaled", async () => {
  const [train, , extra] = await getSvhn({ addExtra: true, withlabel: false, scale: 255 });
  expect([train.shape, extra.shape, extra.dtype]).toEqual([[4, 3, 32, 32], [1, 3, 32, 32], "float32"]); // prettier-ignore
  const values = pixels(200, 1);
  expect([...extra.dataSync()].every((value, i) => Math.abs(value - (values[i] ?? NaN)) < 1e-4)).toBe(true);
  const [unit] = await getSvhn({ withlabel: false });
  expect(unit.dataSync()[1]).toBeCloseTo(3 / 255, 6);
});

test("files that are not there are downloaded, and have to be the right ones", async () => {
  setDatasetRoot(join(folder.path, "other"));
  const asked: string[] = [];
  globalThis.fetch = (address) => {
    asked.push(address instanceof Request ? address.url : address.toString());
    return Promise.resolve(new Response("something else"));
  };
  await expect(getSvhn()).rejects.toThrow(DownloadError);
  expect(asked).toEqual(["http://ufldl.stanford.edu/housenumbers/train_32x32.mat"]);
  await expect(getSvhn({ dtype: "int32" })).rejects.toThrow("dtype of images");
});

test("damaged files are told of, and so are others", async () => {
  const file = join(folder.path, "svhn", "train_32x32.mat");
  const whole = new Uint8Array(await readFile(file));
  const damage = async (bytes: Uint8Array): Promise<unknown> => {
    await writeFile(file, bytes);
    return getSvhn();
  };
  for (const [bytes, message] of [
    [whole.subarray(0, 100), "it is too short"],
    [whole.subarray(0, 132), "it is cut off"],
    [whole.subarray(0, 900), "it is cut off"],
    [whole.with(125, 2), "version 7.3, which is HDF5"],
    [whole.with(126, 77).with(127, 73), "no header of version 5, little-endian"],
    [whole.slice().fill(0, 300, 320), "cannot be read as a MAT file"],
  ] as const) {
    await expect(damage(bytes)).rejects.toThrow(message);
    await expect(damage(bytes)).rejects.toThrow(file);
  }
  const plain = new Uint8Array(await readFile(join(stored, "test_32x32.mat")));
  const [five, eleven] = [5, 11].map((label) => new Uint8Array(Float64Array.of(label).buffer));
  plain.set(eleven ?? [], Buffer.from(plain).indexOf(five ?? ""));
  await expect(damage(plain)).rejects.toThrow("labels other than 1 to 10");
});

test("variables that are no numeric arrays are passed over", async () => {
  const arrays = await readMatFile(new Uint8Array(await readFile(join(stored, "extra_32x32.mat"))), "extra");
  expect([...arrays].map(([name, { shape }]) => [name, shape])).toEqual([
    ["X", [32, 32, 3, 1]],
    ["y", [1, 1]],
  ]);
});
