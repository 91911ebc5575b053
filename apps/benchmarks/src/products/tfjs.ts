import * as tf from "@tensorflow/tfjs";
import { sample, type Session } from "../contestant.js";
import { operands } from "./shapes.js";

export function product(index: number): Promise<Session> {
  const { batch, m, k, n, transposed, a: left, b: right } = operands(index);
  const a = tf.tensor3d(left, [batch, m, k]);
  const b = tf.tensor3d(right, transposed ? [batch, n, k] : [batch, k, n]);
  const run = (): tf.Tensor => tf.matMul(a, b, false, transposed);
  return Promise.resolve({
    run: () => run().dispose(),
    result: async () => {
      const tensor = run();
      const values = sample(await tensor.data());
      tensor.dispose();
      return values;
    },
  });
}
