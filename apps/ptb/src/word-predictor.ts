import * as L from "@chain/links";
import type { Corpus } from "./corpus.js";
import { createModel, wordLoss, type LanguageModel, type ModelKind } from "./model.js";

/**
 * What is trained, saved and loaded: a language model with its loss, and what it has learnt the words of, so that a
 * saved model can be used without the text. Its parameters are called as in Chainer's example, `predictor/l1/upward/W`.
 */
export class WordPredictor extends L.Classifier<LanguageModel> {
  /** Name of the text it is trained on. */
  corpus: string;
  /** The words in the order of their ids, separated by spaces. */
  vocabulary: string;

  constructor(kind: ModelKind, units: number, { name, vocabulary }: Pick<Corpus, "name" | "vocabulary">) {
    super(createModel(kind, vocabulary.length, units), { lossfun: wordLoss });
    this.computeAccuracy = false;
    this.corpus = name;
    this.vocabulary = vocabulary.join(" ");
    this.registerPersistent("corpus");
    this.registerPersistent("vocabulary");
  }

  resetState(): void {
    this.predictor.resetState();
  }
}
