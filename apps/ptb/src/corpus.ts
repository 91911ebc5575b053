import { DownloadError, type OutputStream } from "@chain/training";
import { getPtbWords, getPtbWordsVocabulary, type WordSequences } from "@chain/training/datasets";
import { getBrownWords } from "./brown.js";

/** Names of the texts on the command line. */
export const corpusNames = ["ptb", "brown"] as const;
export type CorpusName = (typeof corpusNames)[number];

/** A text in three parts, as ids of words. */
export interface Corpus {
  readonly name: string;
  /** Its name for people. */
  readonly title: string;
  /** Put behind the names of figures, so that nobody takes them for those of the Penn Treebank. */
  readonly label: string;
  readonly train: Int32Array;
  readonly valid: Int32Array;
  readonly test: Int32Array;
  /** Words in the order of their ids. */
  readonly vocabulary: readonly string[];
}

/**
 * Loads a text: the Penn Treebank unless `wanted` says otherwise and, if it cannot be had, the Brown corpus, which is said
 * on `out`.
 */
export async function loadCorpus(wanted: CorpusName | undefined, out: OutputStream): Promise<Corpus> {
  if (wanted !== "brown") {
    try {
      const [words, vocabulary] = [await getPtbWords(), await getPtbWordsVocabulary()];
      return describe("ptb", "Penn Treebank", "", words, [...vocabulary.keys()]);
    } catch (error) {
      if (wanted === "ptb" || !(error instanceof DownloadError)) throw error;
      out.write(
        `The Penn Treebank cannot be had: ${error.message}\n` +
          "Put ptb.train.txt, ptb.valid.txt and ptb.test.txt into the folder ptb of CHAIN_DATASET_ROOT to use it.\n" +
          "THE BROWN CORPUS IS USED IN ITS PLACE; perplexities are not comparable with those on the Penn Treebank.\n\n",
      );
    }
  }
  const { vocabulary, words } = await getBrownWords();
  return describe("brown", "Brown corpus (NOT the Penn Treebank)", " (Brown)", words, vocabulary);
}

function describe(
  name: CorpusName,
  title: string,
  label: string,
  [train, valid, test]: WordSequences,
  vocabulary: readonly string[],
): Corpus {
  return { name, title, label, train, valid, test, vocabulary };
}
