/** Chain itself, on the processor or, by `CHAIN_BENCH_DEVICE=webgpu`, on a GPU. */
import * as nx from "@chain/array";
import { noBackpropMode, Variable } from "@chain/autograd";
import * as F from "@chain/autograd/functions";
import * as L from "@chain/links";
import { Adam, GradientClipping } from "@chain/optimizers";
import { inputs, mlp, sample, type Contestant, type Session } from "../contestant.js";
import * as convolutions from "../convolution/chain.js";
import { loadExamples } from "../data-loading/chain.js";
import { languageModelStep } from "../language-model/chain.js";
import * as poolings from "../pooling/chain.js";
import { operands } from "../products/shapes.js";
import { residualNetworkInference, residualNetworkStep } from "../residual-network/chain.js";
import { tinyRnn } from "../tiny-rnn/chain.js";
import { treeLstmGradients } from "../tree-lstm/chain.js";

const device = await nx.openDevice(process.env["CHAIN_BENCH_DEVICE"] ?? nx.getDefaultDevice());
await nx.setDefaultDevice(device.name);

/** Calls return before a GPU has done its part. */
const finish = (): Promise<void> => device.synchronize();

/** An operation that runs when it is called and whose result is thrown away. */
function operation(compute: () => nx.NdArray): Promise<Session> {
  return Promise.resolve({
    run: () => compute().dispose(),
    finish,
    result: async () => sample(await compute().data()),
  });
}

class MLP extends L.Chain {
  readonly l1 = new L.Linear(mlp.sizes[0] as number, mlp.sizes[1] as number, { initialW: weights(0) });
  readonly l2 = new L.Linear(mlp.sizes[1] as number, mlp.sizes[2] as number, { initialW: weights(1) });
  readonly l3 = new L.Linear(mlp.sizes[2] as number, mlp.sizes[3] as number, { initialW: weights(2) });

  override forward(x: Variable): Variable {
    return this.l3.forward(F.relu(this.l2.forward(F.relu(this.l1.forward(x)))));
  }
}

function weights(i: number): nx.NdArray {
  return nx.array(mlp.weights(i)).reshape([mlp.sizes[i + 1] as number, mlp.sizes[i] as number]);
}

/** `h.add(1)` chained on two elements. */
function chained(length: number, backward: boolean): Promise<Session> {
  const x = new Variable(nx.array([1, 2]));
  const run = (): Variable => {
    let h = x;
    for (let i = 0; i < length; i++) h = h.add(1);
    if (backward) {
      h.grad = nx.onesLike(h.array);
      h.backward();
      x.cleargrad();
    }
    return h;
  };
  return Promise.resolve({
    run: () => nx.scope(() => void run()),
    finish,
    result: async () => sample(await run().array.data()),
  });
}

/** Updates of `count` weights by Adam, with gradients whose norm is clipped. */
function clippedUpdate(count: number): Promise<Session> {
  const matrix = (seed: number): nx.NdArray => nx.array(inputs(128 * 128, seed)).reshape([128, 128]);
  const layers = Array.from(
    { length: count },
    (_, i) => new L.Linear(128, 128, { nobias: true, initialW: matrix(200 + i) }),
  );
  const optimizer = new Adam().setup(new L.ChainList(...layers));
  optimizer.addHook(new GradientClipping(1));
  layers.forEach(({ W }, i) => (W.grad = matrix(300 + i)));
  const run = (): void => void optimizer.update();
  return Promise.resolve({
    run,
    result: async () => {
      run();
      return sample(await (layers[0] as L.Linear).W.array.data());
    },
  });
}

export const contestant: Contestant = {
  ...convolutions,
  ...poolings,
  languageModelStep,
  loadExamples,
  residualNetworkStep: (batch) => residualNetworkStep(batch, finish),
  stochasticResidualNetworkStep: (batch) => residualNetworkStep(batch, finish, true),
  residualNetworkInference: (batch) => residualNetworkInference(batch, finish),
  treeLstm: treeLstmGradients,
  copy: (size) => {
    const x = nx.array(inputs(size, 1));
    return operation(() => nx.copy(x));
  },
  matmul: (n) => {
    const a = nx.array(inputs(n * n, 1)).reshape([n, n]);
    const b = nx.array(inputs(n * n, 2)).reshape([n, n]);
    return operation(() => nx.matmul(a, b));
  },
  product: (index) => {
    const { batch, m, k, n, transposed, a: left, b: right } = operands(index);
    const stack = batch === 1 ? [] : [batch];
    const a = nx.array(left).reshape([...stack, m, k]);
    const b = nx.array(right).reshape(transposed ? [...stack, n, k] : [...stack, k, n]);
    const columns = transposed ? nx.swapaxes(b, -2, -1) : b;
    return operation(() => nx.matmul(a, columns));
  },
  add: (size) => {
    const x = nx.array(inputs(size, 1));
    const y = nx.array(inputs(size, 2));
    return operation(() => nx.add(x, y));
  },
  exp: (size) => {
    const x = nx.array(inputs(size, 1));
    return operation(() => nx.exp(x));
  },
  sum: (size) => {
    const x = nx.array(inputs(size, 1).map(Math.abs));
    return operation(() => nx.sum(x));
  },
  sumAxis0: (size) => {
    const x = nx.array(inputs(size, 1).map(Math.abs)).reshape([size / 100, 100]);
    return operation(() => nx.sum(x, { axis: 0 }));
  },
  tanh: (size) => {
    const x = nx.array(inputs(size, 1));
    return operation(() => nx.tanh(x));
  },
  max: (size) => {
    const x = nx.array(inputs(size, 1));
    return operation(() => nx.max(x));
  },
  meanAxis1: (size) => {
    const x = nx.array(inputs(size, 1).map(Math.abs)).reshape([size / 100, 100]);
    return operation(() => nx.mean(x, { axis: 1 }));
  },
  variance: (size) => {
    const x = nx.array(inputs(size, 1));
    return operation(() => nx.var(x));
  },
  argmax: (size) => {
    const x = nx.array(inputs(size, 1));
    return operation(() => nx.argmax(x));
  },
  mlpStep: () => {
    const model = nx.scope(() => new MLP());
    const optimizer = new Adam().setup(model);
    const x = new Variable(nx.array(mlp.images()).reshape([mlp.batch, 784]), { requiresGrad: false });
    const t = nx.array(mlp.labels());
    const step = (): Variable => optimizer.update(() => F.softmaxCrossEntropy(model.forward(x), t));
    return Promise.resolve({
      run: () => void step(),
      finish,
      result: async () => [await step().item(), await step().item(), await step().item()],
    });
  },
  mlpInference: (batch) => {
    const model = nx.scope(() => new MLP());
    const x = nx.array(mlp.images(batch)).reshape([batch, 784]);
    const scores = (): nx.NdArray => noBackpropMode(() => model.forward(new Variable(x)).array);
    return Promise.resolve({
      run: () => nx.scope(() => void scores()),
      finish,
      result: async () => sample(await nx.scope(() => nx.keep(scores())).data()),
    });
  },
  clippedUpdate,
  tinyRnn,
  dispatch: (count) => {
    const x = nx.array(inputs(2, 1));
    const chain = (): nx.NdArray => {
      let h = x;
      for (let i = 0; i < count; i++) h = nx.add(h, 1);
      return h;
    };
    return Promise.resolve({
      run: () => nx.scope(() => void chain()),
      finish,
      result: async () => sample(await chain().data()),
    });
  },
  chainForward: (size) => chained(size, false),
  chainForwardBackward: (size) => chained(size, true),
};
