import { random } from "@chain/array";
import type { OutputStream } from "@chain/training";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Corpus } from "../../src/corpus.js";
import type { TrainOptions } from "../../src/options.js";

/** Sentences of a little language: an article, a noun, a verb that depends on the article. */
export function sentences(count: number, seed: number): string[] {
  const generator = new random.Generator(seed);
  return Array.from({ length: count }, () => {
    const plural = generator.random() < 0.5;
    const noun = ["cat", "dog", "bird"][Math.floor(3 * generator.random())];
    return plural ? `these ${noun} sing` : `this ${noun} sings`;
  });
}

/** The same as a text in three parts. */
export function toyCorpus(changes: Partial<Corpus> = {}): Corpus {
  const vocabulary = ["this", "cat", "sings", "<eos>", "these", "dog", "sing", "bird", "<unk>"];
  const ids = (count: number, seed: number): Int32Array =>
    Int32Array.from(
      sentences(count, seed).flatMap((line) => [...line.split(" "), "<eos>"]),
      (word) => vocabulary.indexOf(word),
    );
  const parts = { train: ids(300, 1), valid: ids(40, 2), test: ids(40, 3) };
  return { name: "ptb", title: "toy", label: "", ...parts, vocabulary, ...changes };
}

/** The same as the files of the Penn Treebank below `root`. */
export async function writeDataset(root: string): Promise<void> {
  await mkdir(join(root, "ptb"), { recursive: true });
  for (const [part, count, seed] of [
    ["train", 300, 1],
    ["valid", 40, 2],
    ["test", 40, 3],
  ] as const) {
    const text = sentences(count, seed)
      .map((line) => ` ${line} \n`)
      .join("");
    await writeFile(join(root, "ptb", `ptb.${part}.txt`), text);
  }
}

export function toyOptions(out: string, changes: Partial<TrainOptions> = {}): TrainOptions {
  return {
    model: "lstm",
    unit: 24,
    batchsize: 4,
    bproplen: 6,
    epoch: 3,
    gradclip: 5,
    lr: 0.3,
    lrdecay: 1,
    out,
    autoload: false,
    test: false,
    seed: 7,
    ...changes,
  };
}

/** Keeps what is written to it. */
export class TextStream implements OutputStream {
  text = "";

  write(text: string): void {
    this.text += text;
  }
}
