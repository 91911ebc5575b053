import { ValueError } from "@chain/array";
import { cachedDownload } from "../dataset/cached-download.js";
import { getDatasetRoot } from "../dataset/dataset-root.js";
import { gunzip } from "../dataset/gunzip.js";
import { fileSystem } from "../files.js";
import { readIfThere } from "./read-if-there.js";
import { parseIdx, type IdxData } from "./idx.js";
import { checkImageOptions, imagesOf, type ImageArrayOptions, type TrainAndTestImages } from "./labeled-images.js";

/** Options of MNIST and its relatives. */
export interface GreyImageOptions extends ImageArrayOptions {
  /** Axes of an image: 1 for `(784)` (the default), 2 for `(28, 28)`, 3 for `(1, 28, 28)`. */
  readonly ndim?: 1 | 2 | 3;
  /** Repeats the grey channel to give `(3, 28, 28)`; needs `ndim: 3`. Default: false. */
  readonly rgbFormat?: boolean;
}

const names = {
  trainImages: "train-images-idx3-ubyte",
  trainLabels: "train-labels-idx1-ubyte",
  testImages: "t10k-images-idx3-ubyte",
  testLabels: "t10k-labels-idx1-ubyte",
} as const;

type IdxFile = keyof typeof names;

/** Where four files in MNIST's layout come from. */
export interface IdxSource {
  /** Folder below the data set root. */
  readonly directory: string;
  /** Other folders that may have the files. */
  readonly places: () => Promise<readonly string[]>;
  /** Address of the folder from which they are downloaded, each with `.gz`. */
  readonly mirror: string;
  /** What checksums are of: the files that are downloaded, or their contents. */
  readonly checked: "download" | "content";
  /** Their SHA-256. */
  readonly sha256: Readonly<Record<IdxFile, string>>;
}

/** Reads a data set of grey images in MNIST's layout, from where it is, or downloads it. */
export async function getIdxImages(source: IdxSource, options: GreyImageOptions): Promise<TrainAndTestImages> {
  const { ndim = 1, rgbFormat = false } = options;
  if (![1, 2, 3].includes(ndim)) throw new ValueError(`ndim is 1, 2 or 3, got ${JSON.stringify(ndim)}`);
  if (rgbFormat && ndim !== 3) throw new ValueError("rgbFormat needs ndim: 3");
  checkImageOptions(options);
  const places = await source.places();
  const part = async (imageFile: IdxFile, labelFile: IdxFile): Promise<TrainAndTestImages[0]> => {
    const images = await readIdx(source, imageFile, places);
    const { data: labels } = await readIdx(source, labelFile, places);
    const [count = 0, height = 0, width = 0] = images.shape;
    if (images.shape.length !== 3 || labels.length !== count) {
      throw new ValueError(
        `${names[imageFile]} and ${names[labelFile]} do not belong together: (${images.shape.join(", ")}) images, ` +
          `${labels.length} labels; remove them to get them again`,
      );
    }
    const pixels = rgbFormat ? repeatPlanes(images.data, height * width) : images.data;
    const channels = rgbFormat ? 3 : 1;
    const shape = { 1: [height * width], 2: [height, width], 3: [channels, height, width] }[ndim];
    return imagesOf({ pixels, shape: [count, ...shape], labels }, options);
  };
  return [await part("trainImages", "trainLabels"), await part("testImages", "testLabels")];
}

async function readIdx(source: IdxSource, file: IdxFile, places: readonly string[]): Promise<IdxData> {
  const { path, readFile } = await fileSystem();
  const name = names[file];
  for (const place of [path.join(await getDatasetRoot(), source.directory), ...places]) {
    const plain = path.join(place, name);
    const content = (await readIfThere(plain)) ?? (await unpackIfThere(`${plain}.gz`));
    if (content !== null) return parseIdx(content, plain);
  }
  const { checked, directory, mirror, sha256 } = source;
  const gzipped = checked === "content";
  const options = { directory, gunzip: gzipped, sha256: sha256[file] };
  const downloaded = await cachedDownload(`${mirror}/${name}.gz`, options);
  const content = gzipped ? new Uint8Array(await readFile(downloaded)) : await unpackIfThere(downloaded);
  if (content === null) throw new ValueError(`${downloaded} is gone`);
  return parseIdx(content, downloaded);
}

async function unpackIfThere(file: string): Promise<Uint8Array<ArrayBuffer> | null> {
  const packed = await readIfThere(file);
  if (packed === null) return null;
  try {
    return await gunzip(packed);
  } catch (error) {
    throw new ValueError(`${file} is damaged: remove it to get it again`, { cause: error });
  }
}

/** Every plane three times. */
function repeatPlanes(pixels: Uint8Array<ArrayBuffer>, size: number): Uint8Array<ArrayBuffer> {
  const repeated = new Uint8Array(3 * pixels.length);
  for (let from = 0; from < pixels.length; from += size) {
    const plane = pixels.subarray(from, from + size);
    for (let channel = 0; channel < 3; channel++) repeated.set(plane, 3 * from + channel * size);
  }
  return repeated;
}
