import { array, random, scope, setDefaultDevice, ValueError } from "@chain/array";
import { noBackpropMode, testMode } from "@chain/autograd";
import type { OutputStream } from "@chain/training";
import { loadModel } from "./model-file.js";
import type { WordPredictor } from "./word-predictor.js";

/** What generating can be told on the command line. */
export interface GenerateOptions {
  readonly model: string;
  /** The words that the text begins with. */
  readonly primetext: string;
  /** Number of words to add. */
  readonly length: number;
  /** Below 1, likely words become even more likely; at 0 the most likely one is always taken. */
  readonly temperature: number;
  readonly seed: number;
  readonly device?: string;
}

/** Has a trained model continue a text, and prints it. */
export async function generateText(options: GenerateOptions, out: OutputStream = process.stdout): Promise<string> {
  if (options.device !== undefined) await setDefaultDevice(options.device);
  const model = await loadModel(options.model);
  random.seed(options.seed);
  const vocabulary = model.vocabulary.split(" ");
  const prime = idsOf(options.primetext, vocabulary);
  const next = await sample(model, prime, options);
  const text = [...prime, ...next].map((id) => vocabulary[id] as string);
  const source = model.corpus === "ptb" ? "" : `(model of the ${model.corpus} corpus)\n`;
  const lines = text.join(" ").replaceAll(/ ?<eos> ?/g, "\n");
  out.write(`${source}${lines}\n`);
  return lines;
}

/** The ids that a model continues a text with, having read `prime`. */
export async function sample(
  model: WordPredictor,
  prime: readonly number[],
  { length, temperature }: Pick<GenerateOptions, "length" | "temperature">,
): Promise<number[]> {
  const { predictor } = model;
  const read = async (id: number): Promise<ArrayLike<number>> => {
    // The state goes on to the next word; what is returned outlives the scope.
    const [scores] = scope(() => {
      const y = testMode(() => noBackpropMode(() => predictor.forward(array([id], { dtype: "int32" }))));
      return [y.array, predictor.heldVariables()];
    });
    return scores.data();
  };
  predictor.resetState();
  const words: number[] = [];
  let scores: ArrayLike<number> = [];
  for (const id of prime) scores = await read(id);
  while (words.length < length) {
    const id = choose(scores, temperature);
    words.push(id);
    if (words.length < length) scores = await read(id);
  }
  return words;
}

/** Draws a position: its probability is proportional to e^(score / temperature). */
export function choose(scores: ArrayLike<number>, temperature: number): number {
  let best = 0;
  for (let i = 1; i < scores.length; i++) if ((scores[i] as number) > (scores[best] as number)) best = i;
  if (temperature === 0) return best;
  const largest = scores[best] as number;
  const weights = Array.from(scores, (score) => Math.exp((score - largest) / temperature));
  let rest = random.defaultGenerator().random() * weights.reduce((sum, weight) => sum + weight, 0);
  // Rounding may leave something at the end.
  const found = weights.findIndex((weight) => (rest -= weight) < 0);
  return found === -1 ? best : found;
}

/**
 * Ids of the words of a text.
 *
 * @throws ValueError if there is none, or one is not in the vocabulary.
 */
export function idsOf(text: string, vocabulary: readonly string[]): number[] {
  const words = text.split(/\s+/).filter((word) => word !== "");
  if (words.length === 0) throw new ValueError("the text to begin with needs at least one word: give --primetext");
  const ids = new Map(vocabulary.map((word, id) => [word, id]));
  return words.map((word) => {
    const id = ids.get(word);
    if (id !== undefined) return id;
    const other = [word.toLowerCase(), "<unk>"].find((candidate) => ids.has(candidate));
    throw new ValueError(
      `the model does not know the word "${word}": its ${vocabulary.length} words are those of the text it was trained on` +
        (other === undefined ? "" : `; try "${other}"`),
    );
  });
}
