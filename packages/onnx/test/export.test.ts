import { array, random, ValueError, InvalidType, ellipsis, slice, type NdArray } from "@chain/array";
import { elementwiseFunction, FunctionNode, usingConfig, Variable, type VariableLike } from "@chain/autograd";
import * as F from "@chain/autograd/functions";
import { abs, add, div, gt, where } from "@chain/array/kernel";
import * as L from "@chain/links";
import { beforeAll, describe, expect, test } from "@jest/globals";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { exportOnnx, registerConverter, toOnnx, UnsupportedFunctionError, type OnnxOptions } from "../src/index.js";
import { largestDistance, operatorsIn, runOnnx } from "../../../testing/onnx.js";

beforeAll(() => random.seed(0));

const normal = (...shape: number[]): NdArray => random.normal(0, 1, shape, { dtype: "float32" });

/** A model of a function. */
class Model extends L.Chain {
  constructor(private readonly body: (...xs: Variable[]) => unknown) {
    super();
  }

  override forward(...xs: Variable[]): unknown {
    return this.body(...xs);
  }
}

/** Exports a model, runs the file, and compares with what Chain computes from the inputs `other` or the same. */
async function check(
  model: L.Link,
  inputs: readonly VariableLike[],
  options: OnnxOptions = {},
  other: readonly VariableLike[] = inputs,
  bound = 1e-5,
): Promise<void> {
  const file = await toOnnx(model, inputs, options);
  const forward = options.forward ?? ((...xs: unknown[]) => model.forward(...xs));
  const result = usingConfig("train", false, () =>
    forward(...other.map((x) => (x instanceof Variable ? x : new Variable(x)))),
  );
  const expected = (Array.isArray(result) ? result : [result]) as Variable[];
  const names = other.map((_, i) => (other.length === 1 ? "x" : `x${i}`));
  const outputs = await runOnnx(file, Object.fromEntries(names.map((name, i) => [name, other[i] as VariableLike])));
  const given = [...outputs.values()];
  expect(given.map(({ shape }) => shape)).toEqual(expected.map(({ shape }) => [...shape]));
  expected.forEach((y, k) => {
    expect(largestDistance((given[k] as { data: ArrayLike<number> }).data, y.dataSync())).toBeLessThan(bound);
  });
}

class MLP extends L.Chain {
  readonly l1 = new L.Linear(12, 16);
  readonly l2 = new L.Linear(16, 5);

  override forward(x: Variable): Variable {
    return this.l2.forward(F.dropout(F.relu(this.l1.forward(x))));
  }
}

class Block extends L.Chain {
  readonly conv1: L.Convolution2D;
  readonly bn1: L.BatchNormalization;
  readonly conv2: L.Convolution2D;
  readonly bn2: L.BatchNormalization;

  constructor(
    private readonly from: number,
    private readonly to: number,
    private readonly stride: number,
  ) {
    super();
    this.conv1 = new L.Convolution2D(from, to, 3, { stride, pad: 1, nobias: true });
    this.bn1 = new L.BatchNormalization(to, { activation: "relu" });
    this.conv2 = new L.Convolution2D(to, to, 3, { pad: 1, nobias: true });
    this.bn2 = new L.BatchNormalization(to);
  }

  override forward(x: Variable): Variable {
    const h = this.bn2.forward(this.conv2.forward(this.bn1.forward(this.conv1.forward(x))));
    const { stride } = this;
    const fewer = F.getItem(x, [ellipsis, slice(null, null, stride), slice(null, null, stride)]);
    const more = this.to - this.from;
    const passed = F.pad(fewer, [[0, 0], [0, more], [0, 0], [0, 0]], "constant"); // prettier-ignore
    return F.relu(F.add(passed, F.mul(h, 0.8)));
  }
}

/** A residual network with running statistics that are not those it starts with. */
class ResNet extends L.Chain {
  readonly stem = new L.Convolution2D(3, 8, 3, { pad: 1 });
  readonly block1 = new Block(8, 8, 1);
  readonly block2 = new Block(8, 16, 2);
  readonly fc = new L.Linear(16, 10);

  override forward(x: Variable): Variable {
    const h = F.maxPooling2d(F.relu(this.stem.forward(x)), 3, { stride: 2 });
    const features = F.average(this.block2.forward(this.block1.forward(h)), { axis: [2, 3] });
    return F.softmax(this.fc.forward(features));
  }
}

class LanguageModel extends L.Chain {
  readonly embed = new L.EmbedID(20, 8);
  readonly lstm = new L.LSTM(8, 8);
  readonly out = new L.Linear(8, 20);

  override forward(x: VariableLike): Variable {
    return F.logSoftmax(this.out.forward(F.dropout(this.lstm.forward(this.embed.forward(x)))));
  }
}

describe("models", () => {
  test("a multi-layer perceptron, for a batch of any size", async () => {
    const model = new MLP();
    await check(model, [normal(4, 12)]);
    await check(model, [normal(4, 12)], { batch: "dynamic" }, [normal(7, 12)]);
  });

  test("a residual network with batch normalization", async () => {
    const model = new ResNet();
    for (let i = 0; i < 3; i++) model.forward(new Variable(normal(8, 3, 12, 12)));
    await check(model, [normal(2, 3, 12, 12)], { batch: "dynamic" }, [normal(5, 3, 12, 12)]);
  });

  test("single nodes for what ONNX has operators for", async () => {
    const model = new ResNet();
    const x = normal(2, 3, 12, 12);
    model.forward(new Variable(x));
    const count = operatorsIn(await toOnnx(model, [x]));
    expect([count["Conv"], count["BatchNormalization"], count["Relu"]]).toEqual([5, 4, 5]);
    expect([count["Sqrt"], count["Max"]]).toEqual([undefined, undefined]);
    const cell = new Model((c, gates) => F.lstm(c, gates));
    const gates = operatorsIn(await toOnnx(cell, [normal(2, 3), normal(2, 12)]));
    expect([gates["Sigmoid"], gates["Tanh"]]).toEqual([3, 2]);
    expect(operatorsIn(await toOnnx(new Model((y) => F.sigmoid(y)), [x]))).toEqual({ Sigmoid: 1, Identity: 1 });
  });

  test("a step of a language model, with its state as inputs and outputs", async () => {
    const model = new LanguageModel();
    const forward = (x: Variable, c: Variable, h: Variable): Variable[] => {
      model.lstm.setState(c, h);
      const y = model.forward(x);
      return [y, model.lstm.c as Variable, model.lstm.h as Variable];
    };
    const inputs = (batch: number): NdArray[] => [
      array(
        Array.from({ length: batch }, (_, i) => (i * 7) % 20),
        { dtype: "int32" },
      ),
      normal(batch, 8),
      normal(batch, 8),
    ];
    await check(model, inputs(3), { forward, batch: "dynamic" }, inputs(4));
  });

  test("parameters are in the file under their paths, and the file is on the disk", async () => {
    const folder = await mkdtemp(join(tmpdir(), "chain-onnx-"));
    try {
      const file = join(folder, "model.onnx");
      const x = normal(2, 12);
      await exportOnnx(new MLP(), [x], file, {
        inputNames: ["pixels"],
        outputNames: ["scores"],
      });
      const bytes = await readFile(file);
      for (const path of ["/l1/W", "/l1/b", "/l2/W", "/l2/b"]) expect(bytes.includes(path)).toBe(true);
      expect([...(await runOnnx(bytes, { pixels: x })).keys()]).toEqual(["scores"]);
    } finally {
      await rm(folder, { recursive: true });
    }
  });
});

describe("functions", () => {
  const softsign = elementwiseFunction("softsign", (x) => div(x, add(1, abs(x))));
  const counted = elementwiseFunction("counted", (x, y) => add(gt(x, y), where(x, 1, y)));
  const cases: [name: string, body: (...xs: Variable[]) => unknown, ...shapes: number[][]][] = [
    ["arithmetic", (x, y) => F.div(F.sub(F.mul(F.add(x, 2), y), F.pow(x, 2)), F.add(F.exp(y), 1)), [3, 4], [4]],
    ["a number first", (x) => F.sub(1, F.div(2, F.add(F.square(x), 1))), [5]],
    ["sigmoid and tanh", (x) => F.tanh(F.sigmoid(x)), [3, 4]],
    [
      "leakyRelu, elu, clippedRelu, softplus",
      (x) => [F.leakyRelu(x), F.elu(x), F.clippedRelu(x, { z: 0.5 }), F.softplus(x)],
      [3, 4],
    ],
    ["an elementwise function of one's own", (x) => softsign(x), [6]],
    ["truth values as numbers", (x, y) => counted(x, y), [6], [6]],
    ["reshape", (x) => [F.reshape(x, [3, 8]), F.reshape(x, [-1, 2, 4]), F.reshape(x, [24])], [3, 4, 2]],
    ["transpose", (x) => [F.transpose(x), F.transpose(x, [1, -1, 0])], [2, 3, 4]],
    ["concat", (x, y) => [F.concat([x, y]), F.concat([x, x], { axis: -2 })], [2, 3], [2, 4]],
    ["splitAxis", (x) => [...F.splitAxis(x, 3, 1), ...F.splitAxis(x, [1, 4], -1)], [2, 6]],
    ["getItem", (x) => [F.getItem(x, [1, slice(null, null, -2)]), F.getItem(x, [ellipsis, -1])], [2, 5, 3]],
    ["pad", (x) => F.pad(x, [[1, 2], [0, 3]], "constant", { constantValues: 1.5 }), [2, 3]], // prettier-ignore
    ["broadcastTo", (x) => F.broadcastTo(x, [4, 2, 3]), [2, 1]],
    [
      "sum and average",
      (x) => [F.sum(x), F.sum(x, { axis: [-1, 0], keepdims: true }), F.average(x, { axis: 1 })],
      [2, 3, 4],
    ],
    [
      "matmul",
      (x, y) => [F.matmul(x, y), F.matmul(x, x, { transa: true }), F.matmul(y, y, { transb: true })],
      [2, 3, 4],
      [2, 4, 5],
    ],
    ["softmax", (x) => [F.softmax(x), F.logSoftmax(x, { axis: -1 })], [2, 3, 4]],
    ["linear without bias", (x, W) => F.linear(x, W), [2, 3], [4, 3]],
    ["convolution1d, in groups", (x, W) => F.convolution1d(x, W, { groups: 2, dilate: 2 }), [2, 4, 9], [6, 2, 3]],
    [
      "convolution2d",
      (x, W, b) => F.convolution2d(x, W, b, { stride: [2, 1], pad: [0, 1] }),
      [2, 3, 6, 5],
      [4, 3, 3, 2],
      [4],
    ],
    [
      "convolution2d, covering all",
      (x, W) => F.convolution2d(x, W, { stride: 2, coverAll: true }),
      [1, 2, 6, 6],
      [3, 2, 3, 3],
    ],
    [
      "maxPooling2d",
      (x) => [F.maxPooling2d(x, 2), F.maxPooling2d(x, 3, { stride: 2, pad: 1, coverAll: false })],
      [2, 3, 5, 7],
    ],
    [
      "averagePooling2d",
      (x) => [F.averagePooling2d(x, 2), F.averagePooling2d(x, 3, { stride: 2, pad: 1 })],
      [2, 3, 5, 7],
    ],
    ["averagePooling2d without border", (x) => F.averagePooling2d(x, 3, { pad: 1, padValue: null }), [2, 3, 5, 7]],
    [
      "maxPooling1d, averagePooling3d",
      (x) => [F.maxPooling1d(x, 3, { stride: 2 }), F.averagePooling1d(x, 2)],
      [2, 3, 8],
    ],
    [
      "pooling in three dimensions",
      (x) => [F.maxPooling3d(x, 2), F.averagePooling3d(x, 2, { stride: [1, 2, 1] })],
      [1, 2, 4, 5, 4],
    ],
    ["spatialPyramidPooling2d", (x) => F.spatialPyramidPooling2d(x, 3), [2, 3, 5, 7]],
    ["resizeImages", (x) => [F.resizeImages(x, [4, 9]), F.resizeImages(x, [2, 2], { mode: "nearest" })], [2, 3, 3, 5]],
    [
      "unpooling2d",
      (x) => [
        F.unpooling2d(x, 2, { coverAll: false }),
        F.unpooling2d(x, 3, { stride: 2, pad: 1 }),
        F.unpooling2d(x, 2, { outsize: [5, 7] }),
      ],
      [2, 3, 3, 4],
    ],
    [
      "layerNormalization and groupNormalization",
      (x, gamma, beta) => [
        F.layerNormalization(F.reshape(x, [8, 6]), gamma, beta),
        F.groupNormalization(x, 3, gamma, beta),
      ],
      [4, 6, 2],
      [6],
      [6],
    ],
    [
      "logsumexp and cumsum",
      (x) => [F.logsumexp(x), F.logsumexp(x, { axis: -1 }), F.cumsum(x, { axis: 1 })],
      [2, 5, 3],
    ],
    ["global pooling", (x) => [F.max(x, { axis: [2, 3] }), F.average(x, { axis: [2, 3] })], [2, 3, 4, 5]],
    [
      "deconvolution2d",
      (x, W, b) => [
        F.deconvolution2d(x, W, b, { stride: [2, 1], pad: [1, 0] }),
        F.deconvolution2d(x, W, { stride: 2, pad: 1, outsize: [8, 10] }),
      ],
      [2, 4, 4, 5],
      [4, 3, 3, 4],
      [3],
    ],
    [
      "deconvolution in groups, dilated, and shorter than windows reach",
      (x, W) => [
        F.deconvolution1d(x, W, { groups: 2, dilate: 2 }),
        F.deconvolution1d(x, W, { groups: 2, stride: 3, outsize: [13] }),
      ],
      [2, 4, 5],
      [4, 3, 3],
    ],
    [
      "batchNormalization along the last axis",
      (x, gamma, beta, mean) => F.fixedBatchNormalization(x, gamma, beta, mean, F.exp(mean), { axis: [0, 1] }),
      [2, 4, 3],
      [3],
      [3],
      [3],
    ],
    [
      "batchNormalization of every element",
      (x, gamma, beta, mean) => F.fixedBatchNormalization(x, gamma, beta, mean, F.exp(mean), { activation: "relu" }),
      [5, 2, 3],
      [2, 3],
      [2, 3],
      [2, 3],
    ],
    ["an input as output", (x) => [F.identity(x), x], [3]],
  ];
  test.each(cases)("%s", async (_name, body, ...shapes) => {
    await check(
      new Model(body),
      shapes.map((shape) => normal(...shape)),
    );
  });

  test("embedId with ids that are ignored", async () => {
    const W = new Variable(normal(5, 3));
    const ids = array([[0, -1], [4, 2]], { dtype: "int32" }); // prettier-ignore
    await check(new Model((x) => F.embedId(x, W, { ignoreLabel: -1 })), [ids]);
  });

  test("arrays of the model's own are constants", async () => {
    const offset = normal(3);
    await check(new Model((x) => F.add(x, offset)), [normal(2, 3)], { batch: "dynamic" }, [normal(4, 3)]);
  });
});

/** x², as a function of one's own. */
class Square extends FunctionNode {
  override forward([x]: readonly [NdArray]): NdArray[] {
    return [x.mul(x)];
  }
}

describe("what cannot be exported", () => {
  test("a function without a converter is named, until one is registered", async () => {
    const model = new Model((x) => new Square().apply([x])[0]);
    await expect(toOnnx(model, [normal(3)])).rejects.toThrow(UnsupportedFunctionError);
    await expect(toOnnx(model, [normal(3)])).rejects.toThrow(
      /Square cannot be exported.*registerConverter\(Square, …\)/,
    );
    registerConverter(Square, (_node, [x], graph) => graph.op("Mul", [x as string, x as string]));
    await check(model, [normal(3)]);
  });

  test("an operation without an operator is named", async () => {
    await expect(toOnnx(new Model((x) => F.digamma(x)), [normal(3)])).rejects.toThrow(
      /digamma cannot be exported.*"digamma"/,
    );
  });

  test("batch normalization by the statistics of the batch", async () => {
    const model = new Model((x) => F.batchNormalization(x, new Variable(normal(3)), new Variable(normal(3))));
    await expect(toOnnx(model, [normal(4, 3)])).rejects.toThrow(/batchNormalization cannot be exported.*train false/);
  });

  test("an index that ONNX has no words for", async () => {
    const model = new Model((x) => F.getItem(x, [[0, 2]]));
    await expect(toOnnx(model, [normal(3)])).rejects.toThrow(UnsupportedFunctionError);
  });

  test.each<[string, (x: Variable) => unknown]>([
    ["a sum over the batch", (x) => F.average(x, { axis: 0 })],
    ["a constant of the batch's size", (x) => F.add(x, normal(x.shape[0] as number, 3))],
    ["parts of the batch", (x) => F.splitAxis(x, 2, 0)],
  ])("a batch of any size with %s", async (_name, body) => {
    await expect(toOnnx(new Model(body), [normal(4, 3)], { batch: "dynamic" })).rejects.toThrow(/depends on the size/);
  });

  test("an input that is not used, or only its array", async () => {
    await expect(toOnnx(new Model((x) => F.exp(x)), [normal(3), normal(3)])).rejects.toThrow(
      /no output depends on input 1/,
    );
    const cut = new Model((x, y) => F.add(F.exp(x.array), y));
    await expect(toOnnx(cut, [normal(3), normal(3)])).rejects.toThrow(/exp is computed from an input/);
    const ids = array([0, 1], { dtype: "int32" });
    const moved = new Model((x) => F.embedId(F.reshape(x, [2, 1]), new Variable(normal(3, 2))));
    await expect(toOnnx(moved, [ids])).rejects.toThrow(/reshape is computed from an input/);
  });

  test("a model that returns no Variables, and names that do not fit", async () => {
    await expect(toOnnx(new Model(() => 3), [normal(3)])).rejects.toThrow(InvalidType);
    await expect(toOnnx(new Model(() => []), [normal(3)])).rejects.toThrow(InvalidType);
    await expect(toOnnx(new MLP(), [normal(2, 12)], { inputNames: ["a", "b"] })).rejects.toThrow(ValueError);
  });
});
