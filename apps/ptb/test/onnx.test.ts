import { array, type NdArray } from "@chain/array";
import { noBackpropMode, testMode, type Variable } from "@chain/autograd";
import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { largestDistance, operatorsIn, runOnnx } from "../../../testing/onnx.js";
import { modelKinds } from "../src/model.js";
import { trainPtb } from "../src/train-ptb.js";
import { TextStream, toyCorpus, toyOptions } from "./support/toy.js";

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "chain-ptb-onnx-"));
});

afterEach(async () => {
  await rm(folder, { recursive: true });
});

interface State {
  readonly shape: readonly number[];
  readonly data: ArrayLike<number>;
}

/** A text for each of two readers, step by step. */
const texts = [
  [0, 4],
  [1, 5],
  [2, 6],
  [3, 3],
  [0, 4],
];

test.each(modelKinds)("--onnx writes a step of a trained %s, which reads a text as the model does", async (model) => {
  const onnx = join(folder, "step.onnx");
  const options = toyOptions(folder, { model, epoch: 1, test: true, onnx });
  const trained = (await trainPtb(options, () => Promise.resolve(toyCorpus()), new TextStream())).model.predictor;
  const file = await readFile(onnx);
  if (model === "lstm") expect(operatorsIn(file)).toMatchObject({ Gather: 1, Sigmoid: 6, Tanh: 4 });

  trained.resetState();
  const read = (words: NdArray): Variable => testMode(() => noBackpropMode(() => trained.forward(words)));
  read(array([7, 7], { dtype: "int32" }));
  let given = trained.state().map((state): State => ({ shape: state.shape, data: state.dataSync() }));
  expect(given).toHaveLength({ "simple-rnn": 1, lstm: 4, gru: 2 }[model]);
  for (const step of texts) {
    const words = array(step, { dtype: "int32" });
    const scores = read(words);
    const inputs = given.map(({ shape, data }, i): [string, NdArray] => [
      `state${i}`,
      array(Float32Array.from(data)).reshape(shape),
    ]);
    const results = await runOnnx(file, { words, ...Object.fromEntries(inputs) });
    expect(largestDistance(results.get("scores")?.data ?? [], scores.dataSync())).toBeLessThan(1e-5);
    given = given.map((_, i) => results.get(`next${i}`) as State);
  }
});
