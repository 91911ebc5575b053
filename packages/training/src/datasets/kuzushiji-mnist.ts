import type { NdArray } from "@chain/array";
import { getIdxImages, type GreyImageOptions, type IdxSource } from "./idx-images.js";
import type { LabeledImages, TrainAndTestImages } from "./labeled-images.js";

const source: IdxSource = {
  directory: "kuzushiji-mnist",
  places: () => Promise.resolve([]),
  mirror: "http://codh.rois.ac.jp/kmnist/dataset/kmnist",
  checked: "download",
  sha256: {
    trainImages: "51467d22d8cc72929e2a028a0428f2086b092bb31cfb79c69cc0a90ce135fde4",
    trainLabels: "e38f9ebcd0f3ebcdec7fc8eabdcdaef93bb0df8ea12bee65224341c8183d8e17",
    testImages: "edd7a857845ad6bb1d0ba43fe7e794d164fe2dce499a1694695a792adfac43c5",
    testLabels: "20bb9a0ef54c7db3efc55a92eef5582c109615df22683c380526788f98e42a1c",
  },
};

/**
 * Kuzushiji-MNIST (Clanuwat et al., https://arxiv.org/abs/1812.01718): cursive Japanese characters in MNIST's layout,
 * 60,000 images to train on and 10,000 to test (Chainer's `get_kuzushiji_mnist`).
 *
 * The files are looked for in `kuzushiji-mnist/` in the data set root (as they are, or with `.gz`), and are downloaded
 * otherwise.
 *
 * @throws ValueError for options that make no sense, DownloadError if the files cannot be had.
 */
export async function getKuzushijiMnist(
  options?: GreyImageOptions & { readonly withlabel?: true },
): Promise<[train: LabeledImages, test: LabeledImages]>;
export async function getKuzushijiMnist(
  options: GreyImageOptions & { readonly withlabel: false },
): Promise<[train: NdArray, test: NdArray]>;
export async function getKuzushijiMnist(options: GreyImageOptions = {}): Promise<TrainAndTestImages> {
  return getIdxImages(source, options);
}

/** Names of Kuzushiji-MNIST's classes, in the order of its labels: the modern character, and how it is read. */
export function getKuzushijiMnistLabels(): [character: string, reading: string][] {
  return [
    ["お", "o"],
    ["き", "ki"],
    ["す", "su"],
    ["つ", "tsu"],
    ["な", "na"],
    ["は", "ha"],
    ["ま", "ma"],
    ["や", "ya"],
    ["れ", "re"],
    ["を", "wo"],
  ];
}
