import type { NdArray } from "@chain/array";
import { getIdxImages, type GreyImageOptions, type IdxSource } from "./idx-images.js";
import type { LabeledImages, TrainAndTestImages } from "./labeled-images.js";

const source: IdxSource = {
  directory: "fashion-mnist",
  // Where Debian's package dataset-fashion-mnist puts it.
  places: () => Promise.resolve(["/usr/share/datasets/fashion-mnist"]),
  mirror: "https://raw.githubusercontent.com/zalandoresearch/fashion-mnist/master/data/fashion",
  checked: "content",
  sha256: {
    trainImages: "c59f468a2f672dc815687fe0f83887768d799fd8a3f3276145d20f83aa44d888",
    trainLabels: "bad3541b69d912435c50bb6ba87bec294ff4f6a2e1246121d8633921760443d9",
    testImages: "5b4141f0afbad91edebe8549f8fcffe087ea10ca49f1dbef5c9a5cd8815ce37b",
    testLabels: "0402a96d92fd2663957122ceb108a494c5af83dab82d92729df917d7dec38c34",
  },
};

/**
 * Fashion-MNIST (Xiao, Rasul and Vollgraf, https://arxiv.org/abs/1708.07747): articles of clothing in MNIST's layout,
 * 60,000 images to train on and 10,000 to test (Chainer's `get_fashion_mnist`).
 *
 * The files are looked for in `fashion-mnist/` in the data set root (as they are, or with `.gz`), then where Debian's
 * package `dataset-fashion-mnist` has them, and are downloaded otherwise.
 *
 * @throws ValueError for options that make no sense, DownloadError if the files cannot be had.
 */
export async function getFashionMnist(
  options?: GreyImageOptions & { readonly withlabel?: true },
): Promise<[train: LabeledImages, test: LabeledImages]>;
export async function getFashionMnist(
  options: GreyImageOptions & { readonly withlabel: false },
): Promise<[train: NdArray, test: NdArray]>;
export async function getFashionMnist(options: GreyImageOptions = {}): Promise<TrainAndTestImages> {
  return getIdxImages(source, options);
}

/** Names of Fashion-MNIST's classes, in the order of its labels. */
export function getFashionMnistLabels(): string[] {
  return ["T-shirt/top", "Trouser", "Pullover", "Dress", "Coat", "Sandal", "Shirt", "Sneaker", "Bag", "Ankle boot"];
}
