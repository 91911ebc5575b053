import type { NdArray } from "@chain/array";
import {
  DownloadError,
  TransformBatchDataset,
  transforms,
  type ImageTransform,
  type OutputStream,
} from "@chain/training";
import { getCifar10, getFashionMnist, getMnist, type BatchSource, type LabeledImages } from "@chain/training/datasets";

/** Names of the data sets on the command line. */
export const datasetNames = ["cifar10", "fashion-mnist", "mnist"] as const;
export type DatasetName = (typeof datasetNames)[number];

/** A minibatch: images, labels. */
type Batch = readonly [x: NdArray, t: NdArray];

/** Images to train on, different each time, and to test. */
export interface Data {
  /** Their name for people. */
  readonly title: string;
  readonly train: BatchSource<Batch>;
  readonly test: BatchSource<Batch>;
}

const { compose, normalize, randomCrop, randomFlip } = transforms;

/** How images of a data set are prepared. Means and deviations are of the channels of the images to train on. */
const kinds = {
  cifar10: {
    title: "CIFAR-10",
    get: () => getCifar10({ dtype: "uint8" }),
    augment: compose(randomCrop(32, { pad: 4 }), randomFlip()),
    normalize: normalize([125.3, 123, 113.9], [63, 62.1, 66.7]),
  },
  "fashion-mnist": {
    title: "Fashion-MNIST",
    get: () => getFashionMnist({ dtype: "uint8", ndim: 3 }),
    augment: compose(randomCrop(28, { pad: 2 }), randomFlip()),
    normalize: normalize([72.9], [90]),
  },
  // A digit that is turned over is none.
  mnist: {
    title: "MNIST",
    get: () => getMnist({ dtype: "uint8", ndim: 3 }),
    augment: randomCrop(28, { pad: 2 }),
    normalize: normalize([33.3], [78.6]),
  },
} as const;

/**
 * Loads a data set: CIFAR-10 unless `wanted` says otherwise and, if it cannot be had, MNIST, which is said on `out`.
 */
export async function loadData(wanted: DatasetName | undefined, out: OutputStream): Promise<Data> {
  try {
    return prepare(wanted ?? "cifar10", await kinds[wanted ?? "cifar10"].get());
  } catch (error) {
    if (wanted !== undefined || !(error instanceof DownloadError)) throw error;
    out.write(
      `CIFAR-10 cannot be had: ${error.message}\n` +
        "Put cifar-10-batches-bin, unpacked, into the folder cifar10 of CHAIN_DATASET_ROOT to use it.\n" +
        "MNIST IS USED IN ITS PLACE; accuracies are not comparable with those on CIFAR-10.\n\n",
    );
    return prepare("mnist", await kinds.mnist.get());
  }
}

/** Images that are augmented where they are trained on, and normalized. */
export function prepare(name: DatasetName, [train, test]: readonly [LabeledImages, LabeledImages]): Data {
  const { augment, normalize: normalized, title } = kinds[name];
  return {
    title,
    train: transformed(train, compose(augment, normalized)),
    test: transformed(test, normalized),
  };
}

function transformed(images: LabeledImages, transform: ImageTransform): BatchSource<Batch> {
  return new TransformBatchDataset(images, ([x, t]): Batch => [transform(x as NdArray), t as NdArray]);
}
