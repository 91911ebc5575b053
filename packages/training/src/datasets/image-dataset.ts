import { ValueError, type DType, type NdArray } from "@chain/array";
import { DatasetMixin } from "../dataset/dataset.js";
import { fileSystem } from "../files.js";
import { imageArrayDecoder } from "./image-array.js";
import { labeledPaths, linesOfFile } from "./path-lists.js";

/** Options of data sets of image files. */
export interface ImageDatasetOptions {
  /** Folder that paths are relative to. Default: the current one. */
  readonly root?: string;
  /** dtype of images, whose pixels stay what they are in the file: 0 to 255. Default: float32. */
  readonly dtype?: DType;
}

/** Loads the image at a path. */
type ImageReader = (path: string) => NdArray;

/**
 * Image files, PNG or JPEG: an example is an array of shape (channels, height, width), read when it is asked for
 * (Chainer's `ImageDataset`). Decoding needs the optional packages `fast-png` and `jpeg-js`.
 */
export class ImageDataset extends DatasetMixin<NdArray> {
  private constructor(
    private readonly paths: readonly string[],
    private readonly read: ImageReader,
  ) {
    super();
  }

  /**
   * A data set of files.
   *
   * @param paths - the files, or a text file with one of them on each line
   */
  static async open(paths: string | readonly string[], options: ImageDatasetOptions = {}): Promise<ImageDataset> {
    const names = typeof paths === "string" ? await linesOfFile(paths) : paths;
    return new ImageDataset(names, await imageReader(options));
  }

  override get length(): number {
    return this.paths.length;
  }

  override getExample(index: number): NdArray {
    return this.read(this.paths[index] as string);
  }
}

/**
 * Image files with labels: an example is `[image, label]` (Chainer's `LabeledImageDataset`); see {@link ImageDataset}.
 */
export class LabeledImageDataset extends DatasetMixin<[image: NdArray, label: number]> {
  private constructor(
    private readonly pairs: readonly (readonly [path: string, label: number])[],
    private readonly read: ImageReader,
    /** Names of the classes, where they are known. */
    readonly classes: readonly string[] | null,
  ) {
    super();
  }

  /**
   * A data set of files.
   *
   * @param pairs - files and labels, or a text file with a path and a label on each line, a space in between
   * @throws ValueError if a line is anything else, or a label no whole number
   */
  static async open(
    pairs: string | readonly (readonly [path: string, label: number])[],
    options: ImageDatasetOptions = {},
  ): Promise<LabeledImageDataset> {
    const listed = typeof pairs === "string" ? await labeledPaths(pairs) : pairs;
    return new LabeledImageDataset(listed, await imageReader(options), null);
  }

  /**
   * The images in a folder that has a folder for each class: labels number these in alphabetical order.
   *
   * @throws ValueError if there is no such folder
   */
  static async fromFolder(
    folder: string,
    options: Pick<ImageDatasetOptions, "dtype"> = {},
  ): Promise<LabeledImageDataset> {
    const { path, readdir } = await fileSystem();
    const entries = await readdir(folder, { withFileTypes: true });
    const classes = entries.filter((entry) => entry.isDirectory()).map(({ name }) => name);
    classes.sort();
    if (classes.length === 0) throw new ValueError(`${folder} has no folders: it should have one for each class`);
    const pairs = await Promise.all(
      classes.map(async (name, label) => {
        const files = (await readdir(path.join(folder, name))).filter((file) => /\.(png|jpe?g)$/i.test(file));
        return files.toSorted().map((file): [string, number] => [path.join(name, file), label]);
      }),
    );
    return new LabeledImageDataset(pairs.flat(), await imageReader({ ...options, root: folder }), classes);
  }

  override get length(): number {
    return this.pairs.length;
  }

  override getExample(index: number): [image: NdArray, label: number] {
    const [file, label] = this.pairs[index] as readonly [string, number];
    return [this.read(file), label];
  }
}

async function imageReader({ dtype, root = "." }: ImageDatasetOptions): Promise<ImageReader> {
  const [decode, { path }, { readFileSync }] = await Promise.all([
    imageArrayDecoder(dtype),
    fileSystem(),
    import("node:fs"),
  ]);
  return (name) => {
    const file = path.resolve(root, name);
    return decode(readFileSync(file), file);
  };
}
