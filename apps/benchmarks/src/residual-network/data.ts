import { inputs } from "../contestant.js";

/**
 * One update of a ResNet of 20 layers (He et al. 2015) on images of 32 × 32: 3 stages of 3 blocks with 16, 32 and 64
 * channels, shortcuts without parameters, batch normalization, SGD with momentum and weight decay.
 */
export const residualNetwork = {
  blocks: 3,
  channels: [16, 32, 64],
  classes: 10,
  learningRate: 0.1,
  momentum: 0.9,
  weightDecay: 1e-4,
  eps: 2e-5,
  /** batch × 3 × 32 × 32 */
  images(batch: number): Float32Array<ArrayBuffer> {
    return inputs(batch * 3 * 32 * 32, 7);
  },
  labels(batch: number): Int32Array<ArrayBuffer> {
    return Int32Array.from({ length: batch }, (_, i) => (i * 7) % 10);
  },
  /** Whether each block takes part in a step of stochastic depth (Huang et al. 2016): the last one in half of them. */
  survives(step: number): boolean[] {
    const count = this.channels.length * this.blocks;
    return Array.from(inputs(count, 1000 + step), (draw, i) => (draw + 1) / 2 < 1 - (0.5 * (i + 1)) / count);
  },
  /** Weights of layer `layer` with `fanIn` inputs to each of `outputs`, in C order. */
  weights(layer: number, outputs: number, fanIn: number): Float32Array<ArrayBuffer> {
    return inputs(outputs * fanIn, 200 + layer).map((v) => v * Math.sqrt(6 / fanIn));
  },
};
