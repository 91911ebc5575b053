import { inputs } from "../contestant.js";

/** A leaf with the number of its word, or two trees. */
export type Tree = number | readonly [Tree, Tree];

/** Binary tree LSTMs (Tai et al. 2015) over trees of random shapes: every tree is another graph. */
export const treeLstm = {
  units: 64,
  trees: 10,
  leaves: 20,
  /** Trees over leaves that are numbered through; where they part is random. */
  forest(): Tree[] {
    const draws = inputs(this.trees * this.leaves, 51);
    let next = 0;
    const grow = (first: number, leaves: number): Tree => {
      if (leaves === 1) return first;
      const left = 1 + Math.floor((((draws[next++] as number) + 1) / 2) * (leaves - 1));
      return [grow(first, left), grow(first + left, leaves - left)];
    };
    return Array.from({ length: this.trees }, (_, i) => grow(i * this.leaves, this.leaves));
  },
  /** trees · leaves × units */
  words(): Float32Array<ArrayBuffer> {
    return inputs(this.trees * this.leaves * this.units, 52);
  },
  /** Weights from the input (0) and from the children (1, 2): 5 · units × units, gates in Chainer's order. */
  weights(i: number): Float32Array<ArrayBuffer> {
    return inputs(5 * this.units * this.units, 53 + i).map((v) => 0.2 * v);
  },
};
