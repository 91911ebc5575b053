import { array, astype, multiply, scope, ValueError, type DType, type NdArray } from "@chain/array";
import type { NumericArray } from "../dataset/gather.js";
import { TupleDataset } from "./tuple-dataset.js";

/** Options of data sets of images that are held in memory. */
export interface ImageArrayOptions {
  /** Whether examples are `[image, label]` (the default) or images alone. */
  readonly withlabel?: boolean;
  /** Pixels go from 0 to this. Default: 1. */
  readonly scale?: number;
  /**
   * Floating dtype of images. Default: float32. Or uint8: pixels as they are, from 0 to 255, in a quarter of the memory,
   * for data sets whose minibatches are normalized later.
   */
  readonly dtype?: DType;
  /** Dtype of labels. Default: int32. */
  readonly labelDtype?: DType;
  /** Device that keeps the images; the default one when not given. */
  readonly device?: string;
}

/** Images with labels. */
export type LabeledImages = TupleDataset<readonly [images: NdArray, labels: NumericArray]>;

/** Images to train on and to test, with labels or without. */
export type TrainAndTestImages = [train: LabeledImages | NdArray, test: LabeledImages | NdArray];

/** Images and labels as they are stored. */
export interface RawImages {
  /** Bytes, row by row, of an array of this shape. */
  readonly pixels: Uint8Array<ArrayBuffer>;
  readonly shape: readonly number[];
  readonly labels: Uint8Array<ArrayBuffer>;
}

/**
 * Makes a data set of what was stored.
 *
 * @throws ValueError for dtypes that make no sense.
 */
export function imagesOf(raw: RawImages, options: ImageArrayOptions): LabeledImages | NdArray {
  const images = toImages(raw, options);
  return options.withlabel === false
    ? images
    : new TupleDataset(images, toLabels(raw.labels, options.labelDtype ?? "int32"));
}

/** Refuses dtypes and scales that images cannot have, before files are read. */
export function checkImageOptions({ dtype = "float32", scale }: ImageArrayOptions): void {
  if (dtype === "uint8") {
    if (scale !== undefined && scale !== 255) throw new ValueError(`images of uint8 have scale: 255, got ${scale}`);
  } else if (!dtype.startsWith("float")) {
    throw new ValueError(`dtype of images is a floating one or uint8, got ${dtype}`);
  }
}

function toImages({ pixels, shape }: RawImages, { device, dtype = "float32", scale = 1 }: ImageArrayOptions): NdArray {
  return scope(() => {
    const bytes = array(pixels, device === undefined ? {} : { device }).reshape(...shape);
    if (dtype === "uint8") return bytes;
    const wide = astype(bytes, dtype === "float64" ? "float64" : "float32");
    return astype(multiply(wide, scale / 255, { out: wide }), dtype, { copy: false });
  });
}

function toLabels(labels: Uint8Array<ArrayBuffer>, dtype: DType): NumericArray {
  switch (dtype) {
    case "uint8":
      return labels;
    case "int32":
      return Int32Array.from(labels);
    case "uint32":
      return Uint32Array.from(labels);
    case "float32":
      return Float32Array.from(labels);
    case "float64":
      return Float64Array.from(labels);
    case "bool":
    case "float16":
      throw new ValueError(`labels cannot be ${dtype}`);
  }
}
