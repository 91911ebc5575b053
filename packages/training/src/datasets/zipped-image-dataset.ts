import { ValueError, type DType, type NdArray } from "@chain/array";
import { readWholeFile, ZipReader } from "@chain/links/serializers";
import { DatasetMixin } from "../dataset/dataset.js";
import { ConcatenatedDataset } from "./concatenated-dataset.js";
import { imageArrayDecoder } from "./image-array.js";
import { labeledPaths } from "./path-lists.js";

/** Options of data sets of images in ZIP archives. */
export interface ZippedImageDatasetOptions {
  /** dtype of images, whose pixels stay what they are in the file: 0 to 255. Default: float32. */
  readonly dtype?: DType;
}

/** The images of an archive that is kept in memory as it is; each is unpacked when it is asked for. */
class ZippedImages {
  private constructor(
    readonly file: string,
    readonly names: readonly string[],
    readonly read: (name: string) => NdArray,
  ) {}

  static async open(file: string, { dtype }: ZippedImageDatasetOptions): Promise<ZippedImages> {
    const [bytes, decode] = await Promise.all([readWholeFile(file), imageArrayDecoder(dtype)]);
    const archive = new ZipReader(bytes);
    const names = archive.names().filter((name) => !name.endsWith("/"));
    return new ZippedImages(file, names, (name) => decode(archive.read(name), `${name} in ${file}`));
  }
}

/**
 * The images in a ZIP archive, PNG or JPEG, in the archive's order: an example is an array of shape (channels, height,
 * width) (Chainer's `ZippedImageDataset`). Decoding needs the optional packages `fast-png` and `jpeg-js`.
 */
export class ZippedImageDataset extends DatasetMixin<NdArray> {
  private constructor(private readonly images: ZippedImages) {
    super();
  }

  /** @throws DamagedFileError if the file is no sound ZIP archive. */
  static async open(zipFile: string, options: ZippedImageDatasetOptions = {}): Promise<ZippedImageDataset> {
    return new ZippedImageDataset(await ZippedImages.open(zipFile, options));
  }

  override get length(): number {
    return this.images.names.length;
  }

  override getExample(index: number): NdArray {
    return this.images.read(this.images.names[index] as string);
  }
}

/** The images in several ZIP archives, one archive after the other (Chainer's `MultiZippedImageDataset`). */
export class MultiZippedImageDataset extends ConcatenatedDataset<NdArray> {
  /** @throws DamagedFileError if one of the files is no sound ZIP archive. */
  static async open(
    zipFiles: readonly string[],
    options: ZippedImageDatasetOptions = {},
  ): Promise<MultiZippedImageDataset> {
    const datasets = await Promise.all(zipFiles.map((file) => ZippedImageDataset.open(file, options)));
    return new MultiZippedImageDataset(...datasets);
  }
}

/** Images in a ZIP archive with labels: an example is `[image, label]` (Chainer's `LabeledZippedImageDataset`). */
export class LabeledZippedImageDataset extends DatasetMixin<[image: NdArray, label: number]> {
  private constructor(
    private readonly images: ZippedImages,
    private readonly pairs: readonly (readonly [name: string, label: number])[],
  ) {
    super();
  }

  /**
   * A data set of images in an archive.
   *
   * @param pairs - names in the archive and labels, or a text file with a name and a label on each line, a space in between
   * @throws DamagedFileError if the file is no sound ZIP archive.
   * @throws ValueError if a line is anything else, or the archive has no such image.
   */
  static async open(
    zipFile: string,
    pairs: string | readonly (readonly [name: string, label: number])[],
    options: ZippedImageDatasetOptions = {},
  ): Promise<LabeledZippedImageDataset> {
    const [images, listed] = await Promise.all([
      ZippedImages.open(zipFile, options),
      typeof pairs === "string" ? labeledPaths(pairs) : pairs,
    ]);
    const there = new Set(images.names);
    for (const [name] of listed) if (!there.has(name)) throw new ValueError(`${zipFile} has no image ${name}`);
    return new LabeledZippedImageDataset(images, listed);
  }

  override get length(): number {
    return this.pairs.length;
  }

  override getExample(index: number): [image: NdArray, label: number] {
    const [name, label] = this.pairs[index] as readonly [string, number];
    return [this.images.read(name), label];
  }
}
