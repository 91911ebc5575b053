import * as tf from "@tensorflow/tfjs";
import { sample, type Session } from "../contestant.js";
import { problem } from "./layers.js";

/** Its WebAssembly backend has no gradients of convolutions. Channels come last there. */
export function convolution(index: number): Promise<Session> {
  const { x, w, values, stride, pad, groups } = problem(index);
  const ax = tf.transpose(tf.tensor4d(values("x"), [...x]), [0, 2, 3, 1]);
  const depthwise = groups > 1;
  const aw = tf.transpose(tf.tensor4d(values("w"), [...w]), depthwise ? [2, 3, 0, 1] : [2, 3, 1, 0]);
  const run = (): tf.Tensor4D => (depthwise ? tf.depthwiseConv2d(ax, aw, stride, pad) : tf.conv2d(ax, aw, stride, pad));
  return Promise.resolve({
    run: () => run().dispose(),
    result: async () => sample(await tf.transpose(run(), [0, 3, 1, 2]).data()),
  });
}
