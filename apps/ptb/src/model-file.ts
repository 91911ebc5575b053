import { ValueError } from "@chain/array";
import { fromNpz, NpzFile, SerializationError } from "@chain/links/serializers";
import { getPtbWordsVocabulary } from "@chain/training/datasets";
import { readFile } from "node:fs/promises";
import type { ModelKind } from "./model.js";
import { WordPredictor } from "./word-predictor.js";

/** Where a model is in what can have been saved: the model itself, or a snapshot of a training. */
const places = ["", "updater/model:main/"];

/** A parameter that only this kind of model has. */
const marks: Readonly<Record<ModelKind, string>> = {
  lstm: "predictor/l1/upward/W",
  gru: "predictor/l1/W_r/W",
  "simple-rnn": "predictor/x2h/W",
};

/**
 * Loads a trained model, of any kind and size. One that Chainer's example has saved does not say what it is about; its
 * words are those of the Penn Treebank.
 *
 * @throws SerializationError if the file is missing, damaged, or not a model of words.
 */
export async function loadModel(file: string): Promise<WordPredictor> {
  let bytes: Uint8Array;
  try {
    bytes = await readFile(file);
  } catch (error) {
    throw new SerializationError(`cannot read ${file}: train a model first, or say which one with --model`, {
      cause: error,
    });
  }
  const npz = new NpzFile(bytes);
  const path = places.find((place) => npz.has(`${place}predictor/embed/W`));
  const kind = (Object.keys(marks) as ModelKind[]).find((name) => npz.has(`${path}${marks[name]}`));
  if (path === undefined || kind === undefined) throw new SerializationError(`${file} does not hold a model of words`);
  const [words = 0, units = 0] = npz.header(`${path}predictor/embed/W`).shape;
  const own = npz.has(`${path}vocabulary`);
  const vocabulary = own ? new Array<string>(words).fill("") : [...(await getPtbWordsVocabulary()).keys()];
  if (vocabulary.length !== words) {
    throw new ValueError(`${file} is a model of ${words} words, and the Penn Treebank has ${vocabulary.length}`);
  }
  const model = new WordPredictor(kind, units, { name: "ptb", vocabulary });
  fromNpz(bytes, model, { path, ignoreNames: own ? [] : ["corpus", "vocabulary"].map((name) => path + name) });
  return model;
}
