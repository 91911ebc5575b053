import * as nx from "@chain/array";
import { Variable } from "@chain/autograd";
import * as F from "@chain/autograd/functions";
import * as L from "@chain/links";
import { sample, type Session } from "../contestant.js";
import { treeLstm, type Tree } from "./data.js";

type State = [c: Variable, h: Variable];

/** Forward and backward through all trees, a node at a time. */
export function treeLstmGradients(): Promise<Session> {
  const { units, trees, leaves } = treeLstm;
  const model = new L.NaryTreeLSTM(units, units);
  const [wx, w1, w2] = [0, 1, 2].map((i) => nx.array(treeLstm.weights(i)).reshape([5 * units, units]));
  const fromChildren = model.children().filter((link) => link !== model.W_x) as [L.Linear, L.Linear];
  for (const [link, W] of [
    [model.W_x, wx],
    [fromChildren[0], w1],
    [fromChildren[1], w2],
  ] as const) {
    link.W.array = W as nx.NdArray;
  }
  const words = nx.array(treeLstm.words()).reshape([trees * leaves, units]);
  const rows = Array.from(
    { length: trees * leaves },
    (_, i) => new Variable(words.get(nx.slice(i, i + 1)), { requiresGrad: false }),
  );
  const forest = treeLstm.forest();
  const stateOf = (tree: Tree): State => {
    if (typeof tree === "number") return model.forward(null, null, null, null, rows[tree] as Variable);
    const [[c1, h1], [c2, h2]] = tree.map(stateOf) as [State, State];
    return model.forward(c1, c2, h1, h2, null);
  };
  const run = (): void =>
    nx.scope(() => {
      model.cleargrads();
      F.sum(
        F.concat(
          forest.map((tree) => stateOf(tree)[1]),
          { axis: 0 },
        ),
      ).backward();
    });
  return Promise.resolve({
    run,
    result: async () => {
      run();
      return sample(await (fromChildren[0].W.grad as nx.NdArray).data());
    },
  });
}
