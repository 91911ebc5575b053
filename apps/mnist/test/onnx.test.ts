import { random, type NdArray } from "@chain/array";
import { testMode, Variable } from "@chain/autograd";
import * as L from "@chain/links";
import { loadNpz } from "@chain/links/serializers";
import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { largestDistance, operatorsIn, runOnnx } from "../../../testing/onnx.js";
import { MLP } from "../src/model.js";
import { trainMnist } from "../src/train-mnist.js";
import { datasets, TextStream } from "./support/synthetic.js";

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "chain-mnist-onnx-"));
});

afterEach(async () => {
  await rm(folder, { recursive: true });
});

test("--onnx writes the trained network, for any number of images", async () => {
  const onnx = join(folder, "mlp.onnx");
  const options = { batchsize: 20, epoch: 1, unit: 16, frequency: -1, autoload: false, seed: 7, out: folder, onnx };
  const out = new TextStream();
  await trainMnist(options, () => Promise.resolve(datasets()), out);
  expect(out.text).toContain(`Written: ${onnx}\n`);
  const file = await readFile(onnx);
  expect(operatorsIn(file)).toEqual({ Gemm: 3, Relu: 2, Identity: 1 });

  const model = new L.Classifier(new MLP(16));
  await loadNpz(join(folder, "snapshot_iter_10"), model, { path: "updater/model:main/" });
  const x: NdArray = random.uniform(0, 1, [5, 784]).astype("float32");
  const scores = (await runOnnx(file, { pixels: x })).get("scores");
  const expected = testMode(() => model.predictor.forward(new Variable(x)));
  expect(scores?.shape).toEqual([5, 10]);
  expect(largestDistance(scores?.data ?? [], expected.dataSync())).toBeLessThan(1e-5);
});
