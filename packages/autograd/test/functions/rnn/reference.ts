/** Plain float64 arithmetic on lists, to compare with. */

export type Vector = readonly number[];
export type Matrix = readonly Vector[];

export function sigmoid(x: number): number {
  return 1 / (1 + Math.exp(-x));
}

/** Matrix times vector, plus a bias. */
export function affine(W: Matrix, x: Vector, b: Vector): number[] {
  return W.map((row, i) => row.reduce((sum, w, j) => sum + w * (x[j] as number), b[i] as number));
}

/** One step of one sequence: from the states (the output first) and the input to the next states. */
export type Step = (ws: readonly Matrix[], bs: readonly Vector[], states: readonly Vector[], x: Vector) => number[][];

export const lstmStep: Step = (ws, bs, [h, c], x) => {
  const sums = [0, 1, 2, 3].map((g) => {
    const lateral = affine(ws[g + 4] as Matrix, h as Vector, bs[g + 4] as Vector);
    return affine(ws[g] as Matrix, x, bs[g] as Vector).map((value, u) => value + (lateral[u] as number));
  });
  const [i, f, a, o] = sums as [number[], number[], number[], number[]];
  const next = (c as Vector).map(
    (value, u) => sigmoid(f[u] as number) * value + sigmoid(i[u] as number) * Math.tanh(a[u] as number),
  );
  return [next.map((value, u) => sigmoid(o[u] as number) * Math.tanh(value)), next];
};

export const gruStep: Step = (ws, bs, [h], x) => {
  const upward = [0, 1, 2].map((g) => affine(ws[g] as Matrix, x, bs[g] as Vector));
  const lateral = [3, 4, 5].map((g) => affine(ws[g] as Matrix, h as Vector, bs[g] as Vector));
  const at = (list: number[][], g: number, u: number): number => list[g]?.[u] as number;
  return [
    (h as Vector).map((value, u) => {
      const r = sigmoid(at(upward, 0, u) + at(lateral, 0, u));
      const z = sigmoid(at(upward, 1, u) + at(lateral, 1, u));
      return (1 - z) * Math.tanh(at(upward, 2, u) + r * at(lateral, 2, u)) + z * value;
    }),
  ];
};

export function rnnStep(activation: (x: number) => number): Step {
  return (ws, bs, [h], x) => {
    const lateral = affine(ws[1] as Matrix, h as Vector, bs[1] as Vector);
    return [affine(ws[0] as Matrix, x, bs[0] as Vector).map((value, u) => activation(value + (lateral[u] as number)))];
  };
}

/** What a network of several layers makes of one sequence. */
export interface Sequence {
  /** By layer and direction, then by kind: the last states. */
  readonly states: number[][][];
  readonly ys: Vector[];
}

/**
 * Runs all layers over one sequence, in one direction or in both.
 *
 * @param ws - By layer and direction.
 * @param states - By layer and direction, then by kind: the first states.
 */
export function runSequence(
  step: Step,
  directions: number,
  ws: readonly (readonly Matrix[])[],
  bs: readonly (readonly Vector[])[],
  states: readonly (readonly Vector[])[],
  xs: Matrix,
): Sequence {
  const last: number[][][] = [];
  let inputs: Vector[] = [...xs];
  for (let layer = 0; layer < ws.length / directions; layer++) {
    const sides = Array.from({ length: directions }, (_, side) => {
      const index = layer * directions + side;
      let state = (states[index] ?? []).map((values) => [...values]);
      const ordered = side === 0 ? inputs : [...inputs].reverse();
      const outputs = ordered.map((x) => {
        state = step(ws[index] ?? [], bs[index] ?? [], state, x);
        return state[0] as number[];
      });
      last.push(state);
      return side === 0 ? outputs : outputs.reverse();
    });
    inputs = inputs.map((_, t) => sides.flatMap((outputs) => outputs[t] as number[]));
  }
  return { states: last, ys: inputs };
}
