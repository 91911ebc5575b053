import { random, type NdArray } from "@chain/array";
import { testMode, Variable } from "@chain/autograd";
import * as L from "@chain/links";
import { loadNpz } from "@chain/links/serializers";
import { toOnnx } from "@chain/onnx";
import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { largestDistance, operatorsIn, runOnnx } from "../../../testing/onnx.js";
import { CNN, StochasticResNet, VGG } from "../src/models/index.js";
import { trainResNet } from "../src/train-resnet.js";
import { data, TextStream } from "./support/synthetic.js";

let folder: string;

beforeEach(async () => {
  random.seed(0);
  folder = await mkdtemp(join(tmpdir(), "chain-resnet-onnx-"));
});

afterEach(async () => {
  await rm(folder, { recursive: true });
});

const images = (count: number): NdArray => random.normal(0, 1, [count, 3, 32, 32]).astype("float32");

/** Whether a file computes the same as a function at inference. */
async function expectSame(file: Uint8Array, forward: (x: Variable) => Variable, x: NdArray): Promise<void> {
  const [scores] = (await runOnnx(file, { images: x })).values();
  const expected = testMode(() => forward(new Variable(x)));
  expect(scores?.shape).toEqual(expected.shape);
  expect(largestDistance(scores?.data ?? [], expected.dataSync())).toBeLessThan(1e-4);
}

test("--onnx writes the trained network with all its blocks, scaled by how likely they survived", async () => {
  const onnx = join(folder, "resnet.onnx");
  const out = new TextStream();
  const options = {
    model: "resnet",
    depth: 8,
    survival: 0.5,
    batchsize: 10,
    epoch: 1,
    lr: 0.05,
    autoload: false,
  } as const;
  await trainResNet({ ...options, seed: 3, out: folder, onnx }, () => Promise.resolve(data()), out);
  expect(out.text).toContain(`Written: ${onnx}\n`);
  const file = await readFile(onnx);
  expect(operatorsIn(file)).toMatchObject({ Conv: 7, BatchNormalization: 7, Relu: 7 });
  const model = new L.Classifier(new StochasticResNet(8, 0.5));
  await loadNpz(join(folder, "snapshot_iter_6"), model, { path: "updater/model:main/" });
  await expectSame(file, (x) => model.predictor.forward(x), images(3));
});

test("a run that drops blocks has no more than the others in its file", async () => {
  const model = new StochasticResNet(14, 0.5);
  for (let i = 0; i < 3; i++) model.forward(new Variable(images(4)));
  const { blocks, c0, fc } = model;
  /** Blocks that change the number of channels cannot be left out as others can. */
  const dropped = new Set([blocks[1], blocks[5]]);
  const forward = (x: Variable): Variable => {
    let h = c0.forward(x);
    for (const block of blocks) if (!dropped.has(block)) h = block.forward(h);
    return fc.forward(h.mean({ axis: [2, 3] }));
  };
  const x = images(2);
  const names = { inputNames: ["images"] };
  const whole = await toOnnx(model, [x], names);
  const partial = await toOnnx(model, [x], { forward, ...names });
  expect([operatorsIn(whole)["Conv"], operatorsIn(partial)["Conv"]]).toEqual([13, 9]);
  expect(partial.length).toBeLessThan(whole.length);
  await expectSame(whole, (given) => model.forward(given), x);
  await expectSame(partial, forward, x);
});

test.each([
  ["VGG", () => new VGG(), { Conv: 13, BatchNormalization: 14, MaxPool: 5, Relu: 14 }],
  ["a plain CNN", () => new CNN(), { Conv: 3, MaxPool: 3, Relu: 4 }],
] as const)("%s", async (_name, make, operators) => {
  const model = make();
  model.forward(new Variable(images(4)));
  const x = images(2);
  const file = await toOnnx(model, [x], { inputNames: ["images"], batch: "dynamic" });
  expect(operatorsIn(file)).toMatchObject(operators);
  await expectSame(file, (given) => model.forward(given), images(3));
});
