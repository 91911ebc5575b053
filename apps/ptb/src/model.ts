import { copyto, random, ValueError } from "@chain/array";
import type { Variable, VariableLike } from "@chain/autograd";
import * as F from "@chain/autograd/functions";
import * as L from "@chain/links";

/** Names of the models on the command line. */
export const modelKinds = ["simple-rnn", "lstm", "gru"] as const;
export type ModelKind = (typeof modelKinds)[number];

/** Learning rates that suit them. Nothing bounds what a simple RNN forgets and keeps: at 1 it does not learn. */
export const learningRates: Readonly<Record<ModelKind, number>> = { "simple-rnn": 0.1, lstm: 1, gru: 1 };

/**
 * Predicts the next word of a text that it reads from left to right; what it has read so far is in its state.
 */
export abstract class LanguageModel extends L.Chain {
  /**
   * Reads words, ids of shape (batch) for one step or (steps, batch) for several, and gives the scores of the words that
   * may come next: (batch, vocabulary), or (steps · batch, vocabulary), the rows of one step after those of another.
   */
  abstract override forward(x: VariableLike): Variable;

  /** Forgets what it has read. */
  abstract resetState(): void;

  /** What it remembers of what it has read, each of shape (batch, units); nothing before it has read any. */
  abstract state(): Variable[];

  /** Makes it remember what {@link state} gave. */
  abstract setState(state: readonly Variable[]): void;
}

/**
 * The network of the article that introduced Chainer: one hidden layer, `h = tanh(W x + U h)`, where x is the word's
 * vector and the h on the right the one of the word before.
 */
export class SimpleRNN extends LanguageModel {
  readonly embed: L.EmbedID;
  readonly x2h: L.Linear;
  readonly h2h: L.Linear;
  readonly h2y: L.Linear;
  h: Variable | null = null;

  constructor(vocabulary: number, units: number) {
    super();
    this.embed = new L.EmbedID(vocabulary, units);
    this.x2h = new L.Linear(units, units);
    this.h2h = new L.Linear(units, units);
    this.h2y = new L.Linear(units, vocabulary);
    initialize(this);
  }

  override resetState(): void {
    this.h = null;
  }

  override state(): Variable[] {
    return this.h === null ? [] : [this.h];
  }

  override setState([h]: readonly Variable[]): void {
    this.h = h ?? null;
  }

  override forward(x: VariableLike): Variable {
    const hs = steps(this.x2h.forward(rows(this.embed.forward(x))), x).map((fromWord) => {
      this.h = F.tanh(this.h === null ? fromWord : F.add(fromWord, this.h2h.forward(this.h)));
      return this.h;
    });
    return this.h2y.forward(F.concat(hs, { axis: 0 }));
  }
}

/**
 * Chainer's example: two layers of recurrent units, with dropout before and after each (Zaremba et al. 2014). All that
 * does not depend on the state is computed for all steps at once.
 */
export class RNNForLM extends LanguageModel {
  readonly embed: L.EmbedID;
  readonly l1: L.LSTM | L.GRU;
  readonly l2: L.LSTM | L.GRU;
  readonly l3: L.Linear;

  constructor(vocabulary: number, units: number, kind: "lstm" | "gru") {
    super();
    const layer = (): L.LSTM | L.GRU => (kind === "lstm" ? new L.LSTM(units, units) : new L.GRU(units, units));
    this.embed = new L.EmbedID(vocabulary, units);
    this.l1 = layer();
    this.l2 = layer();
    this.l3 = new L.Linear(units, vocabulary);
    initialize(this);
  }

  override resetState(): void {
    this.l1.resetState();
    this.l2.resetState();
  }

  override state(): Variable[] {
    const all = [this.l1, this.l2].flatMap((layer) => (layer instanceof L.LSTM ? [layer.c, layer.h] : [layer.h]));
    return all.filter((state) => state !== null);
  }

  override setState(state: readonly Variable[]): void {
    this.resetState();
    const rest = [...state];
    for (const layer of [this.l1, this.l2]) {
      const [first, second] = rest.splice(0, layer instanceof L.LSTM ? 2 : 1);
      if (first === undefined) return;
      if (!(layer instanceof L.LSTM)) layer.setState(first);
      else if (second !== undefined) layer.setState(first, second);
    }
  }

  override forward(x: VariableLike): Variable {
    let h = rows(this.embed.forward(x));
    for (const layer of [this.l1, this.l2]) {
      h = F.concat(layer.forward(steps(F.dropout(h), x)), { axis: 0 });
    }
    return this.l3.forward(F.dropout(h));
  }
}

/** Makes a model by its name. */
export function createModel(kind: ModelKind, vocabulary: number, units: number): LanguageModel {
  return kind === "simple-rnn" ? new SimpleRNN(vocabulary, units) : new RNNForLM(vocabulary, units, kind);
}

/** The loss per word, in nats: the cross entropy of scores, as a {@link LanguageModel} gives them, and ids of any shape. */
export function wordLoss(y: Variable, t: VariableLike): Variable {
  return F.softmaxCrossEntropy(y, F.reshape(t, [-1]));
}

/** Uniform numbers between -0.1 and 0.1 in all parameters. */
function initialize(model: LanguageModel): void {
  for (const { array } of model.params()) {
    copyto(array, random.uniform(-0.1, 0.1, array.shape, { dtype: array.dtype, device: array.device }));
  }
}

/** (…, units) as (all words, units). */
function rows(h: Variable): Variable {
  return F.reshape(h, [-1, h.shape.at(-1) as number]);
}

/** The rows of each step, of what has one for every word in `x`. */
function steps(h: Variable, x: VariableLike): Variable[] {
  if (x.ndim > 2) throw new ValueError(`words have shape (batch) or (steps, batch), got (${x.shape.join(", ")})`);
  return x.ndim === 1 ? [h] : F.splitAxis(h, x.shape[0] as number, 0);
}
