import { random, ValueError } from "@chain/array";
import { saveNpz, SerializationError, type AbstractSerializer } from "@chain/links/serializers";
import { setDatasetRoot } from "@chain/training";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { choose, generateText, type GenerateOptions, idsOf } from "../src/generate-text.js";
import { loadModel } from "../src/model-file.js";
import { modelKinds } from "../src/model.js";
import { trainPtb } from "../src/train-ptb.js";
import { WordPredictor } from "../src/word-predictor.js";
import { TextStream, toyCorpus, toyOptions, writeDataset } from "./support/toy.js";

let folder: string;
let model: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "chain-ptb-generate-"));
  model = join(folder, "model.npz");
  await trainPtb(toyOptions(folder, { epoch: 12, lr: 0.5 }), () => Promise.resolve(toyCorpus()), new TextStream());
});

afterAll(async () => {
  setDatasetRoot(null);
  await rm(folder, { recursive: true });
});

async function generate(changes: Partial<GenerateOptions> = {}): Promise<string> {
  const out = new TextStream();
  const options = { model, primetext: "this dog", length: 40, temperature: 1, seed: 0, ...changes };
  const text = await generateText(options, out);
  expect(out.text).toContain(text);
  return text;
}

describe("generating", () => {
  test("goes on in the language that was learnt", async () => {
    const text = await generate({ length: 42 });
    const lines = text.trimEnd().split("\n");
    expect(lines[0]).toBe("this dog sings");
    expect(lines).toHaveLength(11);
    const right = lines.filter((line) => /^(this \w+ sings|these \w+ sing)$/.test(line));
    expect(right.length).toBeGreaterThanOrEqual(9);
    expect(new Set(lines).size).toBeGreaterThan(3);
  });

  test("is the same with the same seed, and another with another", async () => {
    const [first, same, other] = [await generate(), await generate(), await generate({ seed: 1 })];
    expect(same).toBe(first);
    expect(other).not.toBe(first);
  });

  test("takes the most likely words at temperature 0, from a snapshot too", async () => {
    const text = await generate({ temperature: 0 });
    expect(await generate({ temperature: 0, seed: 5 })).toBe(text);
    expect(await generate({ temperature: 0, model: join(folder, "snapshot_iter_600") })).toBe(text);
    expect(text).toMatch(/^this dog sings\n/);
  });

  test("a word that the model does not know is an error that says what to do", async () => {
    await expect(generate({ primetext: "this wug" })).rejects.toThrow(ValueError);
    await expect(generate({ primetext: "this wug" })).rejects.toThrow('does not know the word "wug"');
    await expect(generate({ primetext: "This" })).rejects.toThrow('try "this"');
    await expect(generate({ primetext: "wug" })).rejects.toThrow('try "<unk>"');
    await expect(generate({ primetext: " " })).rejects.toThrow("at least one word");
  });

  test("a file that is no model is an error", async () => {
    await expect(generate({ model: join(folder, "none") })).rejects.toThrow("train a model first");
    const other = join(folder, "other");
    await writeFile(other, "something");
    await expect(generate({ model: other })).rejects.toThrow(SerializationError);
    await saveNpz(other, { serialize: (serializer: AbstractSerializer) => void serializer.value("x", 1) });
    await expect(generate({ model: other })).rejects.toThrow("does not hold a model of words");
  });
});

describe("loadModel", () => {
  test.each(modelKinds)("finds out kind and size: %s", async (kind) => {
    const file = join(folder, `${kind}.npz`);
    const saved = new WordPredictor(kind, 3, toyCorpus({ name: "brown" }));
    await saveNpz(file, saved);
    const loaded = await loadModel(file);
    const values = (of: WordPredictor): unknown =>
      of.namedParams().map(([path, param]) => [path, param.array.tolistSync()]);
    expect(values(loaded)).toEqual(values(saved));
    expect([loaded.corpus, loaded.vocabulary]).toEqual(["brown", toyCorpus().vocabulary.join(" ")]);
  });

  test("takes a model without words, as Chainer saves it, for one of the Penn Treebank", async () => {
    await writeDataset(folder);
    setDatasetRoot(folder);
    const file = join(folder, "plain.npz");
    // Eight words: the text has no <unk>.
    const saved = new WordPredictor("lstm", 3, { name: "", vocabulary: new Array<string>(8).fill("") });
    for (const name of ["corpus", "vocabulary"]) saved.deletePersistent(name);
    await saveNpz(file, saved);
    const loaded = await loadModel(file);
    expect(loaded.vocabulary.split(" ").toSorted()).toEqual(
      toyCorpus()
        .vocabulary.filter((word) => word !== "<unk>")
        .toSorted(),
    );
    const other = new WordPredictor("lstm", 3, { name: "", vocabulary: ["a"] });
    for (const name of ["corpus", "vocabulary"]) other.deletePersistent(name);
    await saveNpz(file, other);
    await expect(loadModel(file)).rejects.toThrow("is a model of 1 words, and the Penn Treebank has 8");
  });
});

describe("choose", () => {
  test.each([1, 0.5, 3])("draws with probabilities e^(score / %d)", (temperature) => {
    const scores = [0, 1, -1, 0.5];
    const weights = scores.map((score) => Math.exp(score / temperature));
    const total = weights.reduce((sum, w) => sum + w, 0);
    random.seed(1);
    const counts = [0, 0, 0, 0];
    for (let i = 0; i < 20_000; i++) {
      const id = choose(scores, temperature);
      counts[id] = (counts[id] ?? 0) + 1;
    }
    counts.forEach((count, i) => {
      const p = (weights[i] ?? 0) / total;
      // Five standard deviations.
      expect(Math.abs(count / 20_000 - p)).toBeLessThan(5 * Math.sqrt((p * (1 - p)) / 20_000));
    });
  });

  test("takes the first of the largest at temperature 0", () => {
    expect([choose([1, 3, 3], 0), choose([-5], 0), choose([2, 1], 0)]).toEqual([1, 0, 0]);
  });

  test("does not overflow", () => {
    expect(choose([-1e5, 1e5], 0.01)).toBe(1);
  });
});

test("idsOf splits at white space", () => {
  expect(idsOf(" b  a\tb\n", ["a", "b"])).toEqual([1, 0, 1]);
});
