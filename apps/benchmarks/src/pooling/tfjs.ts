import * as tf from "@tensorflow/tfjs";
import { sample, type Session } from "../contestant.js";
import { problem } from "./windows.js";

/** Channels come last there. */
export function maxPooling(index: number): Promise<Session> {
  const { shape, kernel, stride, x: numbers } = problem(index);
  const x = tf.transpose(tf.tensor4d(numbers(), [...shape]), [0, 2, 3, 1]);
  const run = (): tf.Tensor4D => tf.maxPool(x, kernel, stride, "valid");
  return Promise.resolve({
    run: () => run().dispose(),
    result: async () => sample(await tf.transpose(run(), [0, 3, 1, 2]).data()),
  });
}
