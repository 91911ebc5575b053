import { inputs } from "../contestant.js";

/**
 * One update of a language model, that of the Penn Treebank example without dropout: a word's vector, two layers of LSTM,
 * scores of all words; 35 steps of 20 texts; gradients clipped by their norm; plain SGD.
 */
export const languageModel = {
  steps: 35,
  batch: 20,
  words: 10_000,
  learningRate: 0.1,
  clip: 5,
  /** Words and those that follow, steps × batch. */
  ids(): Int32Array<ArrayBuffer> {
    return Int32Array.from(inputs(700, 11), (v) => Math.floor(((v + 1) / 2) * 10_000) % 10_000);
  },
  next(): Int32Array<ArrayBuffer> {
    return Int32Array.from(inputs(700, 12), (v) => Math.floor(((v + 1) / 2) * 100) % 100);
  },
  /** words × units */
  embedding(units: number): Float32Array<ArrayBuffer> {
    return inputs(10_000 * units, 21).map((v) => 0.1 * v);
  },
  /** Weights of a layer: gate (candidate, input, forget, output) × units × units it comes from. */
  gates(layer: number, from: "upward" | "lateral", units: number): Float32Array<ArrayBuffer> {
    return inputs(4 * units * units, 31 + 2 * layer + (from === "upward" ? 0 : 1)).map((v) => 0.1 * v);
  },
  /** words × units */
  output(units: number): Float32Array<ArrayBuffer> {
    return inputs(10_000 * units, 41).map((v) => 0.1 * v);
  },
};

/** Vectors of words for libraries whose gradient of a look-up is slow or lacking: rows are looked up and updated by hand. */
export class HostEmbedding {
  private readonly ids = languageModel.ids();
  private readonly table: Float32Array<ArrayBuffer>;
  private readonly gradients = new Map<number, Float32Array<ArrayBuffer>>();

  constructor(private readonly units: number) {
    this.table = languageModel.embedding(units);
  }

  /** The vectors of all words of the window, one after the other. */
  gather(): Float32Array<ArrayBuffer> {
    const { ids, table, units } = this;
    const rows = new Float32Array(ids.length * units);
    ids.forEach((id, i) => rows.set(table.subarray(id * units, (id + 1) * units), i * units));
    return rows;
  }

  /** Adds up the gradients of each word's vector; the sum of all their squares. */
  accumulate(gradient: ArrayLike<number>): number {
    const { gradients, ids, units } = this;
    gradients.clear();
    ids.forEach((id, i) => {
      const row = gradients.get(id) ?? new Float32Array(units);
      gradients.set(id, row);
      for (let j = 0; j < units; j++) row[j] = (row[j] as number) + (gradient[i * units + j] as number);
    });
    let squares = 0;
    for (const row of gradients.values()) for (const value of row) squares += value * value;
    return squares;
  }

  update(rate: number): void {
    const { gradients, table, units } = this;
    for (const [id, row] of gradients) {
      for (let j = 0; j < units; j++) {
        table[id * units + j] = (table[id * units + j] as number) - rate * (row[j] as number);
      }
    }
  }
}

/** What gradients are multiplied by, given the sum of their squares. */
export function updateRate(squares: number): number {
  const { clip, learningRate } = languageModel;
  return learningRate * Math.min(1, clip / Math.sqrt(squares));
}
