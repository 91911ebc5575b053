import * as tf from "@tensorflow/tfjs";
import type { Session } from "../contestant.js";
import { HostEmbedding, languageModel, updateRate } from "./data.js";

const { batch, steps, words } = languageModel;

export function languageModelStep(units: number): Promise<Session> {
  const gates = (layer: number, from: "upward" | "lateral"): tf.Variable<tf.Rank.R2> =>
    tf.variable(tf.transpose(tf.tensor2d(languageModel.gates(layer, from, units), [4 * units, units])));
  const layers = [0, 1].map((layer) => ({
    wx: gates(layer, "upward"),
    wh: gates(layer, "lateral"),
    b: tf.variable(tf.zeros([4 * units])),
  }));
  const w = tf.variable(tf.transpose(tf.tensor2d(languageModel.output(units), [words, units])));
  const b = tf.variable(tf.zeros([words]));
  const embedding = new HostEmbedding(units);
  const t = tf.cast(tf.oneHot(tf.tensor1d(languageModel.next(), "int32"), words), "float32");
  const variables = [...layers.flatMap((layer) => [layer.wx, layer.wh, layer.b]), w, b];

  const loss = (vectors: tf.Tensor2D): tf.Scalar => {
    let h: tf.Tensor2D = vectors;
    for (const layer of layers) {
      const upward = tf.split(tf.add(tf.matMul(h, layer.wx), layer.b), steps);
      let state: tf.Tensor2D = tf.zeros([batch, units]);
      let output: tf.Tensor2D = tf.zeros([batch, units]);
      const outputs = upward.map((fromInput) => {
        const [a, i, f, o] = tf.split<tf.Tensor2D>(tf.add(fromInput, tf.matMul(output, layer.wh)), 4, 1);
        state = tf.add(
          tf.mul(tf.tanh(a as tf.Tensor2D), tf.sigmoid(i as tf.Tensor2D)),
          tf.mul(state, tf.sigmoid(f as tf.Tensor2D)),
        );
        output = tf.mul(tf.sigmoid(o as tf.Tensor2D), tf.tanh(state));
        return output;
      });
      h = tf.concat(outputs, 0);
    }
    const y = tf.add(tf.matMul(h, w), b);
    const logProbability = tf.sub(y, tf.logSumExp(y, 1, true));
    return tf.mul(tf.neg(tf.mean(tf.sum(tf.mul(t, logProbability), 1))), steps);
  };

  const step = (): number =>
    tf.tidy(() => {
      const vectors = tf.variable(tf.tensor2d(embedding.gather(), [steps * batch, units]));
      const { grads, value } = tf.variableGrads(() => loss(vectors), [...variables, vectors]);
      const gradients = variables.map((variable) => grads[variable.name] as tf.Tensor);
      const squares = tf.addN(gradients.map((gradient) => tf.sum(tf.square(gradient)))).dataSync()[0] ?? NaN;
      const rate = updateRate(squares + embedding.accumulate((grads[vectors.name] as tf.Tensor).dataSync()));
      variables.forEach((variable, i) => {
        variable.assign(tf.sub(variable, tf.mul(gradients[i] as tf.Tensor, rate)));
      });
      embedding.update(rate);
      vectors.dispose();
      return value.dataSync()[0] ?? NaN;
    });
  return Promise.resolve({
    run: () => void step(),
    result: () => Promise.resolve([step(), step(), step()]),
  });
}
