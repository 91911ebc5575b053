import { ValueError } from "@chain/array";
import { DatasetMixin } from "../dataset/dataset.js";
import { fileSystem } from "../files.js";

/** Options of {@link TextDataset.open}. */
export interface TextDatasetOptions {
  /** Character encoding, as `TextDecoder` names it. Default: `"utf-8"`. */
  readonly encoding?: string;
  /** Which lines are examples: it gets as many strings as there are files. All, by default. */
  readonly filterFunc?: (...lines: string[]) => boolean;
}

/**
 * Lines of text files: an example is a line, or a list of lines, one of each file, without line ends.
 */
export class TextDataset extends DatasetMixin<string | string[]> {
  private constructor(
    private readonly columns: readonly (readonly string[])[],
    private readonly positions: Int32Array,
  ) {
    super();
  }

  /**
   * Reads text files.
   *
   * @throws ValueError if they have different numbers of lines, or are not in the encoding.
   */
  static async open(paths: string | readonly string[], options: TextDatasetOptions = {}): Promise<TextDataset> {
    const { readFile } = await fileSystem();
    const decoder = new TextDecoder(options.encoding ?? "utf-8", { fatal: true });
    const files = typeof paths === "string" ? [paths] : paths;
    const columns = await Promise.all(
      files.map(async (file) => {
        const bytes = await readFile(file);
        try {
          return linesOf(decoder.decode(bytes));
        } catch (error) {
          throw new ValueError(`${file} is not encoded as ${decoder.encoding}`, { cause: error });
        }
      }),
    );
    return TextDataset.fromLines(columns, options);
  }

  /** A data set of lines that are there already: one list for each file. */
  static fromLines(
    columns: readonly (readonly string[])[],
    options: Pick<TextDatasetOptions, "filterFunc"> = {},
  ): TextDataset {
    const length = columns[0]?.length ?? 0;
    if (columns.some((lines) => lines.length !== length)) {
      throw new ValueError(`files have different numbers of lines: ${columns.map((lines) => lines.length).join(", ")}`);
    }
    const all = Int32Array.from({ length }, (_, i) => i);
    const { filterFunc } = options;
    const positions =
      filterFunc === undefined ? all : all.filter((i) => filterFunc(...columns.map((lines) => lines[i] as string)));
    return new TextDataset(columns, positions);
  }

  override get length(): number {
    return this.positions.length;
  }

  override getExample(index: number): string | string[] {
    const position = this.positions[index] as number;
    const lines = this.columns.map((column) => column[position] as string);
    return lines.length === 1 ? (lines[0] as string) : lines;
  }
}

function linesOf(text: string): string[] {
  const lines = text.split(/\r\n|\n|\r/);
  if (lines.at(-1) === "") lines.pop();
  return lines;
}
