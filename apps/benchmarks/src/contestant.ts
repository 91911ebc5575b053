/** One workload set up in one library: ready to be run again and again. */
export interface Session {
  /** Does the work once, to completion; or hands it to a device, for {@link finish} to wait for. */
  run(): void | Promise<void>;
  /** Resolves when the device has done everything that it was handed. */
  finish?(): Promise<void>;
  /** Some numbers of the result, for comparison with the other contestants'. */
  result(): Promise<number[]>;
}

/** What a library can be measured at: a function a workload, which sets it up for a size. */
export type Contestant = Partial<Record<WorkloadName, (size: number) => Promise<Session>>>;

export type WorkloadName =
  | "copy"
  | "matmul"
  | "product"
  | "add"
  | "exp"
  | "sum"
  | "sumAxis0"
  | "tanh"
  | "max"
  | "meanAxis1"
  | "variance"
  | "argmax"
  | "convolution"
  | "convolutionGradInput"
  | "convolutionGradWeight"
  | "maxPooling"
  | "maxPoolingGrad"
  | "mlpStep"
  | "mlpInference"
  | "languageModelStep"
  | "residualNetworkStep"
  | "stochasticResidualNetworkStep"
  | "residualNetworkInference"
  | "tinyRnn"
  | "treeLstm"
  | "clippedUpdate"
  | "loadExamples"
  | "dispatch"
  | "chainForward"
  | "chainForwardBackward";

/** Results that a device still computes: a few, so that memory for them does not run out. */
export class UnderWay {
  private readonly work: Promise<unknown>[] = [];

  /** Adds work, after waiting for the oldest where there is much. */
  async add(work: Promise<unknown>): Promise<void> {
    this.work.push(work);
    if (this.work.length > 8) await this.work.shift();
  }

  async finish(): Promise<void> {
    await Promise.all(this.work.splice(0));
  }
}

/** Deterministic numbers in [-1, 1), the same for every contestant. */
export function inputs(length: number, seed: number): Float32Array<ArrayBuffer> {
  const values = new Float32Array(length);
  let state = seed >>> 0;
  for (let i = 0; i < length; i++) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    values[i] = state / 2 ** 31 - 1;
  }
  return values;
}

/** A handful of elements spread over a result. */
export function sample(values: ArrayLike<number>): number[] {
  const step = Math.max(1, Math.floor(values.length / 7));
  return Array.from({ length: Math.min(7, values.length) }, (_, i) => values[i * step] as number);
}

/** The multi-layer perceptron of the MLP step: sizes, batch and initial weights. */
export const mlp = {
  batch: 100,
  sizes: [784, 1000, 1000, 10],
  /** Weights of layer `i`, `outputs × inputs` in C order. */
  weights(i: number): Float32Array<ArrayBuffer> {
    const [rows, columns] = [this.sizes[i + 1] as number, this.sizes[i] as number];
    return inputs(rows * columns, 100 + i).map((v) => v * Math.sqrt(3 / columns));
  },
  images(batch = 100): Float32Array<ArrayBuffer> {
    return inputs(batch * 784, 7).map((v) => Math.abs(v));
  },
  labels(): Int32Array<ArrayBuffer> {
    return Int32Array.from({ length: this.batch }, (_, i) => (i * 7) % 10);
  },
};
