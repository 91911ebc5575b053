/** TensorFlow.js on its WebAssembly backend or, by `CHAIN_BENCH_DEVICE`, on WebGPU. */
import * as tf from "@tensorflow/tfjs";
import { inputs, mlp, sample, type Contestant, type Session } from "../contestant.js";
import { convolution } from "../convolution/tfjs.js";
import { languageModelStep } from "../language-model/tfjs.js";
import { maxPooling } from "../pooling/tfjs.js";
import { operands } from "../products/shapes.js";

/** Resolves when a GPU has done what it was handed; the processor is done when a call returns. */
let finish = (): Promise<void> => Promise.resolve();
if (process.env["CHAIN_BENCH_DEVICE"] === "webgpu") {
  await import("./browser-gpu.js");
  const { WebGPUBackend } = await import("@tensorflow/tfjs-backend-webgpu");
  // Small operations would run on the processor.
  tf.env().set("WEBGPU_CPU_FORWARD", false);
  await tf.setBackend("webgpu");
  const backend = tf.backend();
  if (!(backend instanceof WebGPUBackend)) throw new Error(`the backend is ${tf.getBackend()}, expected webgpu`);
  finish = async () => {
    backend.submitQueue();
    await backend.queue.onSubmittedWorkDone();
  };
} else {
  await import("@tensorflow/tfjs-backend-wasm");
  await tf.setBackend("wasm");
}
await tf.ready();

/** An operation that runs when it is called and whose result is thrown away. */
function operation(compute: () => tf.Tensor): Promise<Session> {
  return Promise.resolve({
    run: () => compute().dispose(),
    finish: () => finish(),
    result: async () => {
      const tensor = compute();
      const values = sample(await tensor.data());
      tensor.dispose();
      return values;
    },
  });
}

type Layers = readonly { readonly w: tf.Variable; readonly b: tf.Variable }[];

function mlpLayers(): Layers {
  return [0, 1, 2].map((i) => ({
    w: tf.variable(tf.transpose(tf.tensor2d(mlp.weights(i), [mlp.sizes[i + 1] as number, mlp.sizes[i] as number]))),
    b: tf.variable(tf.zeros([mlp.sizes[i + 1] as number])),
  }));
}

function scores(layers: Layers, x: tf.Tensor2D): tf.Tensor {
  let h: tf.Tensor = x;
  layers.forEach(({ w, b }, i) => {
    h = tf.add(tf.matMul(h as tf.Tensor2D, w as unknown as tf.Tensor2D), b);
    if (i < 2) h = tf.relu(h);
  });
  return h;
}

export const contestant: Contestant = {
  languageModelStep,
  convolution,
  maxPooling,
  product: (index) => {
    const { batch, m, k, n, transposed, a: left, b: right } = operands(index);
    const a = tf.tensor3d(left, [batch, m, k]);
    const b = tf.tensor3d(right, transposed ? [batch, n, k] : [batch, k, n]);
    return operation(() => tf.matMul(a, b, false, transposed));
  },
  copy: (size) => {
    const x = tf.tensor1d(inputs(size, 1));
    return operation(() => tf.add(x, 0));
  },
  matmul: (n) => {
    const a = tf.tensor2d(inputs(n * n, 1), [n, n]);
    const b = tf.tensor2d(inputs(n * n, 2), [n, n]);
    return operation(() => tf.matMul(a, b));
  },
  add: (size) => {
    const x = tf.tensor1d(inputs(size, 1));
    const y = tf.tensor1d(inputs(size, 2));
    return operation(() => tf.add(x, y));
  },
  exp: (size) => {
    const x = tf.tensor1d(inputs(size, 1));
    return operation(() => tf.exp(x));
  },
  sum: (size) => {
    const x = tf.tensor1d(inputs(size, 1).map(Math.abs));
    return operation(() => tf.sum(x));
  },
  sumAxis0: (size) => {
    const x = tf.tensor2d(inputs(size, 1).map(Math.abs), [size / 100, 100]);
    return operation(() => tf.sum(x, 0));
  },
  tanh: (size) => {
    const x = tf.tensor1d(inputs(size, 1));
    return operation(() => tf.tanh(x));
  },
  max: (size) => {
    const x = tf.tensor1d(inputs(size, 1));
    return operation(() => tf.max(x));
  },
  meanAxis1: (size) => {
    const x = tf.tensor2d(inputs(size, 1).map(Math.abs), [size / 100, 100]);
    return operation(() => tf.mean(x, 1));
  },
  argmax: (size) => {
    const x = tf.tensor1d(inputs(size, 1));
    return operation(() => tf.argMax(x));
  },
  dispatch: (count) => {
    const x = tf.tensor1d(inputs(2, 1));
    return operation(() =>
      tf.tidy(() => {
        let h: tf.Tensor = x;
        for (let i = 0; i < count; i++) h = tf.add(h, 1);
        return h;
      }),
    );
  },
  mlpInference: (batch) => {
    const layers = mlpLayers();
    const x = tf.tensor2d(mlp.images(batch), [batch, 784]);
    return operation(() => tf.tidy(() => scores(layers, x)));
  },
  mlpStep: () => {
    const layers = mlpLayers();
    const x = tf.tensor2d(mlp.images(), [mlp.batch, 784]);
    const t = tf.cast(tf.oneHot(tf.tensor1d(mlp.labels(), "int32"), 10), "float32");
    const optimizer = tf.train.adam(0.001);
    const loss = (): tf.Scalar => {
      const h = scores(layers, x);
      const logProbability = tf.sub(h, tf.logSumExp(h, 1, true));
      return tf.neg(tf.mean(tf.sum(tf.mul(t, logProbability), 1)));
    };
    const step = async (): Promise<number> => {
      const value = optimizer.minimize(loss, true);
      const number = (await value?.data())?.[0] ?? NaN;
      value?.dispose();
      return number;
    };
    return Promise.resolve({
      run: () => optimizer.minimize(loss)?.dispose(),
      finish: () => finish(),
      result: async () => [await step(), await step(), await step()],
    });
  },
};
