import { ValueError, type NdArray } from "@chain/array";
import { cachedDownload } from "../dataset/cached-download.js";
import { getDatasetDirectory } from "../dataset/dataset-root.js";
import { gunzip } from "../dataset/gunzip.js";
import { writeFileAtomically } from "@chain/links/serializers";
import { fileSystem, makeDirectory } from "../files.js";
import {
  checkImageOptions,
  imagesOf,
  type ImageArrayOptions,
  type LabeledImages,
  type RawImages,
  type TrainAndTestImages,
} from "./labeled-images.js";

/** Options of {@link getCifar10} and {@link getCifar100}. */
export interface GetCifarOptions extends ImageArrayOptions {
  /** Axes of an image: 3 for `(3, 32, 32)` (the default), 1 for `(3072)`. */
  readonly ndim?: 1 | 3;
}

/** A data set in the binary layout: labels, then the red, the green and the blue plane of each image. */
interface CifarSource {
  /** Folder below the data set root. */
  readonly directory: string;
  readonly archive: string;
  /** SHA-256 of the archive. */
  readonly sha256: string;
  /** Folder in the archive. */
  readonly folder: string;
  readonly train: readonly string[];
  readonly test: readonly string[];
  /** Labels of an image; the last one is taken. */
  readonly labels: number;
  readonly classes: number;
}

const site = "https://www.cs.toronto.edu/~kriz";
const planes = 3 * 32 * 32;

const cifar10: CifarSource = {
  directory: "cifar10",
  archive: "cifar-10-binary.tar.gz",
  sha256: "c4a38c50a1bc5f3a1c5537f2155ab9d68f9f25eb1ed8d9ddda3db29a59bca1dd",
  folder: "cifar-10-batches-bin",
  train: [1, 2, 3, 4, 5].map((i) => `data_batch_${i}.bin`),
  test: ["test_batch.bin"],
  labels: 1,
  classes: 10,
};

const cifar100: CifarSource = {
  directory: "cifar100",
  archive: "cifar-100-binary.tar.gz",
  sha256: "58a81ae192c23a4be8b1804d68e518ed807d710a4eb253b1f2a199162a40d8ec",
  folder: "cifar-100-binary",
  train: ["train.bin"],
  test: ["test.bin"],
  labels: 2,
  classes: 100,
};

/**
 * CIFAR-10 (Krizhevsky, "Learning Multiple Layers of Features from Tiny Images", 2009): colour images of ten classes,
 * 50,000 to train on and 10,000 to test (Chainer's `get_cifar10`).
 *
 * The files of the binary version are looked for in `cifar10/cifar-10-batches-bin/` in the data set root; otherwise the
 * archive is downloaded (162 MB), checked and unpacked there.
 *
 * @throws ValueError for options that make no sense or damaged files, DownloadError if they cannot be had.
 */
export async function getCifar10(
  options?: GetCifarOptions & { readonly withlabel?: true },
): Promise<[train: LabeledImages, test: LabeledImages]>;
export async function getCifar10(
  options: GetCifarOptions & { readonly withlabel: false },
): Promise<[train: NdArray, test: NdArray]>;
export async function getCifar10(options: GetCifarOptions = {}): Promise<TrainAndTestImages> {
  return getCifar(cifar10, options);
}

/**
 * CIFAR-100: as {@link getCifar10}, with a hundred classes (the fine labels; Chainer's `get_cifar100`). The files are
 * looked for in `cifar100/cifar-100-binary/`.
 *
 * @throws ValueError for options that make no sense or damaged files, DownloadError if they cannot be had.
 */
export async function getCifar100(
  options?: GetCifarOptions & { readonly withlabel?: true },
): Promise<[train: LabeledImages, test: LabeledImages]>;
export async function getCifar100(
  options: GetCifarOptions & { readonly withlabel: false },
): Promise<[train: NdArray, test: NdArray]>;
export async function getCifar100(options: GetCifarOptions = {}): Promise<TrainAndTestImages> {
  return getCifar(cifar100, options);
}

async function getCifar(source: CifarSource, options: GetCifarOptions): Promise<TrainAndTestImages> {
  const { ndim = 3 } = options;
  if (![1, 3].includes(ndim)) throw new ValueError(`ndim is 1 or 3, got ${JSON.stringify(ndim)}`);
  checkImageOptions(options);
  const { path, readFile } = await fileSystem();
  const folder = path.join(await getDatasetDirectory(source.directory, { createDirectory: false }), source.folder);
  const part = async (names: readonly string[]): Promise<TrainAndTestImages[0]> => {
    const files = names.map((name) => path.join(folder, name));
    const contents = await Promise.all(files.map(async (file) => new Uint8Array(await readFile(file))));
    return imagesOf(parseRecords(source, files, contents, ndim), options);
  };
  if (!(await isComplete(folder, source))) await unpackArchive(source, folder);
  return [await part(source.train), await part(source.test)];
}

async function isComplete(folder: string, { test, train }: CifarSource): Promise<boolean> {
  const { access, path } = await fileSystem();
  const found = [...train, ...test].map((name) => access(path.join(folder, name)));
  return (await Promise.allSettled(found)).every(({ status }) => status === "fulfilled");
}

/** Downloads the archive and writes the files that are needed; which ones and where, the archive has no say in. */
async function unpackArchive(source: CifarSource, folder: string): Promise<void> {
  const { archive, directory, sha256 } = source;
  const [{ path, readFile, rm }, { parseTar }] = await Promise.all([fileSystem(), import("nanotar")]);
  const downloaded = await cachedDownload(`${site}/${archive}`, { directory, filename: archive, sha256 });
  const members = parseTar(await gunzip(new Uint8Array(await readFile(downloaded))));
  await makeDirectory(folder);
  for (const name of [...source.train, ...source.test]) {
    const member = members.find((item) => item.name === `${source.folder}/${name}`);
    if (member?.data === undefined) throw new ValueError(`${downloaded} has no ${name}: remove it to get it again`);
    await writeFileAtomically(path.join(folder, name), member.data);
  }
  await rm(downloaded);
}

function parseRecords(
  { classes, labels: labelCount }: CifarSource,
  files: readonly string[],
  contents: readonly Uint8Array<ArrayBuffer>[],
  ndim: 1 | 3,
): RawImages {
  const size = labelCount + planes;
  contents.forEach(({ length }, i) => {
    if (length === 0 || length % size !== 0) {
      throw new ValueError(`${files[i]} should be made of records of ${size} bytes and has ${length}: remove it`);
    }
  });
  const count = contents.reduce((sum, { length }) => sum + length / size, 0);
  const pixels = new Uint8Array(count * planes);
  const labels = new Uint8Array(count);
  let image = 0;
  for (const [i, bytes] of contents.entries()) {
    for (let record = 0; record < bytes.length; record += size, image++) {
      const label = bytes[record + labelCount - 1] as number;
      if (label >= classes)
        throw new ValueError(`${files[i]} has label ${label}, there are ${classes} classes: remove it`);
      labels[image] = label;
      pixels.set(bytes.subarray(record + labelCount, record + size), image * planes);
    }
  }
  return { pixels, shape: ndim === 1 ? [count, planes] : [count, 3, 32, 32], labels };
}
