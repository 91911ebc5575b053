/** jax-js on its WebAssembly backend or, by `CHAIN_BENCH_DEVICE`, on WebGPU; training steps are compiled with `jit`. */
import { inputs, mlp, sample, UnderWay, type Contestant, type Session } from "../contestant.js";
import { operands } from "../products/shapes.js";

const device = process.env["CHAIN_BENCH_DEVICE"] === "webgpu" ? "webgpu" : "wasm";
// jax-js asks the browser which backends there are; Node 20 has no navigator.
if (device === "webgpu") await import("./browser-gpu.js");
else Object.assign(globalThis, { navigator: globalThis.navigator ?? { userAgent: "" } });
const { defaultDevice, init, jit, nn, numpy: np, tree, valueAndGrad } = await import("@jax-js/jax");
await init(device);
defaultDevice(device);
const { convolution } = await import("../convolution/jax.js");
const { languageModelStep } = await import("../language-model/jax.js");

type Array = ReturnType<typeof np.array>;

/** An operation; results are computed when somebody waits for them, so wait, and throw them away. */
function operation(compute: () => Array): Promise<Session> {
  const underWay = new UnderWay();
  return Promise.resolve({
    run: () => {
      const result = compute();
      return underWay.add(result.blockUntilReady().then(() => result.dispose()));
    },
    finish: () => underWay.finish(),
    result: async () => sample(await read(compute())),
  });
}

/** Elements of an array; its declared type names typed arrays that not every engine has. */
async function read(array: Array): Promise<ArrayLike<number>> {
  const data: unknown = await array.data();
  return data as ArrayLike<number>;
}

function vector(size: number, seed: number): Array {
  return np.array(inputs(size, seed));
}

type Parameters = { w: Array; b: Array }[];

/** The perceptron's parameters. */
function initial(): Parameters {
  return [0, 1, 2].map((i) => {
    const [outputs, columns] = [mlp.sizes[i + 1] as number, mlp.sizes[i] as number];
    return { w: np.array(mlp.weights(i)).reshape([outputs, columns]).transpose(), b: np.zeros([outputs]) };
  });
}

function scores(parameters: Parameters, images: Array): Array {
  let h = images;
  parameters.forEach(({ w, b }, i) => {
    h = np.matmul(h, w).add(b);
    if (i < 2) h = nn.relu(h);
  });
  return h;
}

export const contestant: Contestant = {
  convolution,
  languageModelStep,
  product: (index) => {
    const { batch, m, k, n, transposed, a: left, b: right } = operands(index);
    const a = np.array(left).reshape([batch, m, k]);
    const b = np.array(right).reshape(transposed ? [batch, n, k] : [batch, k, n]);
    const columns = transposed ? np.swapaxes(b, 1, 2) : b;
    return operation(() => np.matmul(a.ref, columns.ref));
  },
  matmul: (n) => {
    const a = vector(n * n, 1).reshape([n, n]);
    const b = vector(n * n, 2).reshape([n, n]);
    return operation(() => np.matmul(a.ref, b.ref));
  },
  add: (size) => {
    const x = vector(size, 1);
    const y = vector(size, 2);
    return operation(() => x.ref.add(y.ref));
  },
  exp: (size) => {
    const x = vector(size, 1);
    return operation(() => np.exp(x.ref));
  },
  sum: (size) => {
    const x = np.array(inputs(size, 1).map(Math.abs));
    return operation(() => np.sum(x.ref));
  },
  sumAxis0: (size) => {
    const x = np.array(inputs(size, 1).map(Math.abs)).reshape([size / 100, 100]);
    return operation(() => np.sum(x.ref, 0));
  },
  tanh: (size) => {
    const x = vector(size, 1);
    return operation(() => np.tanh(x.ref));
  },
  max: (size) => {
    const x = vector(size, 1);
    return operation(() => np.max(x.ref));
  },
  meanAxis1: (size) => {
    const x = np.array(inputs(size, 1).map(Math.abs)).reshape([size / 100, 100]);
    return operation(() => np.mean(x.ref, 1));
  },
  dispatch: (count) => {
    const x = vector(2, 1);
    return operation(() => {
      let h = x.ref;
      for (let i = 0; i < count; i++) h = h.add(1);
      return h;
    });
  },
  mlpInference: (batch) => {
    const x = np.array(mlp.images(batch)).reshape([batch, 784]);
    const parameters = initial();
    const run = jit(scores);
    return operation(() => run(tree.ref(parameters), x.ref));
  },
  mlpStep: () => {
    const zeros = (): Parameters =>
      [0, 1, 2].map((i) => {
        const [outputs, columns] = [mlp.sizes[i + 1] as number, mlp.sizes[i] as number];
        return { w: np.zeros([columns, outputs]), b: np.zeros([outputs]) };
      });
    const x = np.array(mlp.images()).reshape([mlp.batch, 784]);
    const t = nn.oneHot(np.array(mlp.labels()), 10);
    const loss = (parameters: Parameters, images: Array, targets: Array): Array => {
      return np.mean(np.sum(nn.logSoftmax(scores(parameters, images)).mul(targets), 1)).neg();
    };
    const step = jit(
      (p: Parameters, m: Parameters, v: Parameters, images: Array, targets: Array, alpha: Array, scale: Array) => {
        const [value, gradients] = valueAndGrad(loss)(tree.ref(p), images, targets) as [Array, Parameters];
        const next = { p: [] as Parameters, m: [] as Parameters, v: [] as Parameters };
        gradients.forEach((gradient, i) => {
          const [p1, m1, v1] = [{}, {}, {}] as [Parameters[0], Parameters[0], Parameters[0]];
          for (const key of ["w", "b"] as const) {
            const g = gradient[key];
            m1[key] = (m[i] as Parameters[0])[key].mul(0.9).add(g.ref.mul(0.1));
            v1[key] = (v[i] as Parameters[0])[key].mul(0.999).add(np.square(g).mul(0.001));
            const update = alpha.ref.mul(m1[key].ref).div(np.sqrt(v1[key].ref.mul(scale.ref)).add(1e-8));
            p1[key] = (p[i] as Parameters[0])[key].sub(update);
          }
          next.p.push(p1);
          next.m.push(m1);
          next.v.push(v1);
        });
        return [value, next.p, next.m, next.v] as const;
      },
    );
    let [p, m, v] = [initial(), zeros(), zeros()];
    let count = 0;
    const run = async (): Promise<Array> => {
      count++;
      const alpha = np.array(0.001 / (1 - 0.9 ** count));
      const scale = np.array(1 / (1 - 0.999 ** count));
      const [value, p1, m1, v1] = step(p, m, v, x.ref, t.ref, alpha, scale);
      [p, m, v] = [p1, m1, v1];
      await (p1[0] as Parameters[0]).w.blockUntilReady();
      return value;
    };
    const nextLoss = async (): Promise<number> => (await read(await run()))[0] as number;
    return Promise.resolve({
      run: async () => (await run()).dispose(),
      result: async () => [await nextLoss(), await nextLoss(), await nextLoss()],
    });
  },
};
