import { jit, nn, numpy as np, tree, valueAndGrad } from "@jax-js/jax";
import type { Session } from "../contestant.js";
import { HostEmbedding, languageModel, updateRate } from "./data.js";

const { batch, steps, words } = languageModel;

type Array = ReturnType<typeof np.array>;
type Parameters = { layers: { wx: Array; wh: Array; b: Array }[]; w: Array; b: Array };

/** Elements of an array; its declared type names typed arrays that not every engine has. */
async function read(array: Array): Promise<ArrayLike<number>> {
  const data: unknown = await array.data();
  return data as ArrayLike<number>;
}

/** The update compiled with `jit`; in jax-js every use of an array but the last is marked with `ref`. */
export function languageModelStep(units: number): Promise<Session> {
  // Version 0.1.25 computes without end at 650 units, while it is done at 640 in seconds.
  if (units === 650) return Promise.reject(new Error("jax-js does not come to an end at 650 units"));
  const gates = (layer: number, from: "upward" | "lateral"): Array =>
    np
      .array(languageModel.gates(layer, from, units))
      .reshape([4 * units, units])
      .transpose();
  let parameters: Parameters = {
    layers: [0, 1].map((layer) => ({
      wx: gates(layer, "upward"),
      wh: gates(layer, "lateral"),
      b: np.zeros([4 * units]),
    })),
    w: np.array(languageModel.output(units)).reshape([words, units]).transpose(),
    b: np.zeros([words]),
  };
  const embedding = new HostEmbedding(units);
  const t = nn.oneHot(np.array(languageModel.next()), words);

  const loss = ({ layers, w, b: bias }: Parameters, vectors: Array, targets: Array): Array => {
    let h = vectors;
    for (const { wx, wh, b } of layers) {
      const upward = np.split(np.matmul(h, wx).add(b), steps, 0);
      let state: Array | null = null;
      let output: Array | null = null;
      const outputs: Array[] = [];
      for (const fromInput of upward) {
        const all: Array = output === null ? fromInput : fromInput.add(np.matmul(output, wh.ref));
        const [a, i, f, o] = np.split(all, 4, 1) as [Array, Array, Array, Array];
        const added: Array = np.tanh(a).mul(nn.sigmoid(i));
        if (state === null) f.dispose();
        state = state === null ? added : added.add(state.mul(nn.sigmoid(f)));
        output = nn.sigmoid(o).mul(np.tanh(state.ref));
        outputs.push(output.ref);
      }
      state?.dispose();
      output?.dispose();
      wh.dispose();
      h = np.concatenate(outputs, 0);
    }
    const y = np.matmul(h, w).add(bias);
    return np.mean(np.sum(nn.logSoftmax(y).mul(targets), 1)).mul(-steps);
  };
  const gradients = jit((p: Parameters, vectors: Array, targets: Array) => {
    const [value, [gp, gv]] = valueAndGrad(loss, { argnums: [0, 1] })(p, vectors, targets) as [
      Array,
      [Parameters, Array],
    ];
    const squares = tree.leaves(gp).map((g) => np.sum(np.square(g.ref)));
    const total = squares.reduce((sum, square) => sum.add(square));
    return [value, total, gp, gv] as const;
  });
  const update = jit((p: Parameters, g: Parameters, rate: Array) => {
    const next = tree.map<Array, Array, Parameters>((a, b) => a.sub(b.mul(rate.ref)), p, g);
    rate.dispose();
    return next;
  });
  const step = async (): Promise<number> => {
    const vectors = np.array(embedding.gather()).reshape([steps * batch, units]);
    const [value, squares, gp, gv] = gradients(tree.ref(parameters), vectors, t.ref);
    const rest = embedding.accumulate(await read(gv));
    const rate = updateRate(((await read(squares))[0] as number) + rest);
    parameters = update(parameters, gp, np.array(rate));
    embedding.update(rate);
    await parameters.w.blockUntilReady();
    return (await read(value))[0] as number;
  };
  return Promise.resolve({
    run: async () => void (await step()),
    result: async () => [await step(), await step(), await step()],
  });
}
