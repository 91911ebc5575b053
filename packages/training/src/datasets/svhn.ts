import { ValueError, type NdArray } from "@chain/array";
import { cachedDownload } from "../dataset/cached-download.js";
import { fileSystem } from "../files.js";
import {
  checkImageOptions,
  imagesOf,
  type ImageArrayOptions,
  type LabeledImages,
  type RawImages,
} from "./labeled-images.js";
import { readMatFile } from "./mat-file.js";

/** Options of {@link getSvhn}. */
export interface GetSvhnOptions extends ImageArrayOptions {
  /** Whether the 531,131 additional images, which are easier, come third. Default: false. */
  readonly addExtra?: boolean;
}

const site = "http://ufldl.stanford.edu/housenumbers";

/** Files, and their SHA-256. */
const files = {
  train: ["train_32x32.mat", "435e94d69a87fde4fd4d7f3dd208dfc32cb6ae8af2240d066de1df7508d083b8"],
  test: ["test_32x32.mat", "cdce80dfb2a2c4c6160906d0bd7c68ec5a99d7ca4831afa54f09182025b6a75b"],
  extra: ["extra_32x32.mat", "a133a4beb38a00fcdda90c9489e0c04f900b660ce8a316a5e854838379a71eb3"],
} as const;

const side = 32;
const channels = 3;

type WithLabel = { readonly withlabel?: true };
type WithoutLabel = { readonly withlabel: false };
type WithExtra = { readonly addExtra: true };
type WithoutExtra = { readonly addExtra?: false };

/**
 * The Street View House Numbers (Netzer et al. 2011, http://ufldl.stanford.edu/housenumbers): 73,257 colour images of
 * digits to train on and 26,032 to test, of shape (3, 32, 32), cropped (Chainer's `get_svhn`). The label of a digit is the
 * digit.
 *
 * The files `train_32x32.mat`, `test_32x32.mat` and, if it is asked for, `extra_32x32.mat` (1.3 GB) are looked for in
 * `svhn/` in the data set root, and downloaded otherwise.
 *
 * @throws ValueError for options that make no sense or damaged files, DownloadError if they cannot be had.
 */
export async function getSvhn(
  options?: GetSvhnOptions & WithLabel & WithoutExtra,
): Promise<[train: LabeledImages, test: LabeledImages]>;
export async function getSvhn(
  options: GetSvhnOptions & WithoutLabel & WithoutExtra,
): Promise<[train: NdArray, test: NdArray]>;
export async function getSvhn(
  options: GetSvhnOptions & WithLabel & WithExtra,
): Promise<[train: LabeledImages, test: LabeledImages, extra: LabeledImages]>;
export async function getSvhn(
  options: GetSvhnOptions & WithoutLabel & WithExtra,
): Promise<[train: NdArray, test: NdArray, extra: NdArray]>;
export async function getSvhn(options: GetSvhnOptions = {}): Promise<(LabeledImages | NdArray)[]> {
  checkImageOptions(options);
  const parts = [files.train, files.test, ...(options.addExtra === true ? [files.extra] : [])];
  const sets: (LabeledImages | NdArray)[] = [];
  // One after the other: they are large.
  for (const [filename, sha256] of parts) sets.push(imagesOf(await readImages(filename, sha256), options));
  return sets;
}

async function readImages(filename: string, sha256: string): Promise<RawImages> {
  const { readFile } = await fileSystem();
  const file = await cachedDownload(`${site}/${filename}`, { directory: "svhn", filename, sha256 });
  const arrays = await readMatFile(new Uint8Array(await readFile(file)), file);
  const [x, y] = [arrays.get("X"), arrays.get("y")];
  const count = y?.data.length ?? 0;
  if (x === undefined || y === undefined || x.shape.join() !== [side, side, channels, count].join()) {
    throw new ValueError(
      `${file} should have images X of shape (32, 32, 3, n) and n labels y, and has ` +
        `X (${x?.shape.join(", ") ?? "missing"}) and y (${y?.shape.join(", ") ?? "missing"}): remove it to get it again`,
    );
  }
  const labels = Uint8Array.from(y.data, (label) => (label === 10 ? 0 : label)); // 0 is stored as 10
  if (y.data.some((label) => !(label >= 1 && label <= 10))) {
    throw new ValueError(`${file} has labels other than 1 to 10: remove it to get it again`);
  }
  return { pixels: rowsOf(x.data, count), shape: [count, channels, side, side], labels };
}

/** Images column by column become images row by row; planes and images lie in their order already. */
function rowsOf(columns: ArrayLike<number>, count: number): Uint8Array<ArrayBuffer> {
  const size = side * side;
  const pixels = new Uint8Array(count * channels * size);
  for (let plane = 0; plane < pixels.length; plane += size) {
    for (let row = 0; row < side; row++) {
      for (let column = 0; column < side; column++) {
        pixels[plane + row * side + column] = columns[plane + column * side + row] as number;
      }
    }
  }
  return pixels;
}
