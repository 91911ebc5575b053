import { setDatasetRoot } from "@chain/training";
import { afterEach, describe, expect, jest, test } from "@jest/globals";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { getBrownWords, numberWords, parseBrown } from "../src/brown.js";
import { loadCorpus } from "../src/corpus.js";
import { TextStream, writeDataset } from "./support/toy.js";

afterEach(() => {
  setDatasetRoot(null);
  jest.restoreAllMocks();
});

test("parseBrown reads words without their tags, a sentence a line", () => {
  const text = "\n\n\tThe/at Dog/nn-tl 's/x 1/2/cd 1,000/cd ran/vbd ./.\n\n\n\tIt/pps fell/vbd ;/.\n";
  expect(parseBrown(text)).toEqual(["the", "dog", "'s", "1/2", "N", "ran", ".", "<eos>", "it", "fell", ";", "<eos>"]);
});

describe("numberWords", () => {
  test("keeps the most frequent words, numbered as they first appear, and splits by samples", () => {
    const samples = Array.from({ length: 20 }, (_, i) => (i === 9 ? ["a", "z"] : i === 19 ? ["b"] : ["a"]));
    samples[0] = ["c", "b", "b", "a"];
    const { vocabulary, words } = numberWords(samples, 3);
    expect(vocabulary).toEqual(["<unk>", "b", "a"]);
    expect([...words[0]]).toEqual([0, 1, 1, 2, ...new Array<number>(17).fill(2)]);
    expect(words.slice(1)).toEqual([Int32Array.of(2, 0), Int32Array.of(1)]);
  });

  test("has a number for <unk> even if no word is rare", () => {
    const { vocabulary } = numberWords([["a", "b"]], 10);
    expect(vocabulary).toEqual(["a", "b", "<unk>"]);
  });
});

test("the whole corpus has 10,000 words and 1.2 million of them", async () => {
  const { vocabulary, words } = await getBrownWords();
  expect([vocabulary.length, new Set(vocabulary).size]).toEqual([10_000, 10_000]);
  const [train, valid, test_] = words.map((part) => part.length) as [number, number, number];
  // 1,161,192 tokens and 57,340 sentences, by the count of the corpus's makers.
  expect(train + valid + test_).toBe(1_161_192 + 57_340);
  expect(valid / (train + valid + test_)).toBeCloseTo(0.05, 2);
  expect(test_ / (train + valid + test_)).toBeCloseTo(0.05, 2);
  const rare = vocabulary.indexOf("<unk>");
  expect(words[0].filter((id) => id === rare).length / train).toBeLessThan(0.1);
  expect(Math.max(...words[2])).toBeLessThan(10_000);
});

describe("loadCorpus", () => {
  test("takes the Penn Treebank where it is", async () => {
    const root = await mkdtemp(join(tmpdir(), "chain-ptb-corpus-"));
    try {
      await writeDataset(root);
      setDatasetRoot(root);
      const out = new TextStream();
      const corpus = await loadCorpus(undefined, out);
      expect([corpus.name, corpus.label, corpus.train.length, out.text]).toEqual(["ptb", "", 1200, ""]);
      expect(corpus.vocabulary).toContain("<eos>");
    } finally {
      await rm(root, { recursive: true });
    }
  });

  test("says so when it cannot be had, and takes Brown; unless it has to be the Treebank", async () => {
    const root = await mkdtemp(join(tmpdir(), "chain-ptb-corpus-"));
    try {
      setDatasetRoot(root);
      jest.spyOn(globalThis, "fetch").mockRejectedValue(new TypeError("fetch failed"));
      const out = new TextStream();
      const corpus = await loadCorpus(undefined, out);
      expect([corpus.name, corpus.title, corpus.label]).toEqual([
        "brown",
        "Brown corpus (NOT the Penn Treebank)",
        " (Brown)",
      ]);
      expect(out.text).toContain("The Penn Treebank cannot be had: cannot download https://");
      expect(out.text).toContain("THE BROWN CORPUS IS USED IN ITS PLACE");
      await expect(loadCorpus("ptb", out)).rejects.toThrow("is there a connection?");
      expect((await loadCorpus("brown", new TextStream())).name).toBe("brown");
    } finally {
      await rm(root, { recursive: true });
    }
  });
});
