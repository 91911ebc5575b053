/** A file that Chainer's `save_npz` wrote, loaded into the same model. */
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { array, type DType } from "@chain/array";
import { Variable } from "@chain/autograd";
import * as F from "@chain/autograd/functions";
import { expect, test } from "@jest/globals";
import { Chain, Classifier, Linear } from "../../src/index.js";
import { fromNpz, loadNpz, NpzFile, toNpz } from "../../src/serializers/index.js";

interface GoldenArray {
  readonly shape: readonly number[];
  readonly dtype: DType;
  readonly data: readonly number[];
}

interface Expected {
  readonly input: GoldenArray;
  readonly labels: GoldenArray;
  readonly output: GoldenArray;
  readonly loss: GoldenArray;
  readonly accuracy: GoldenArray;
  readonly entries: Readonly<Record<string, { dtype: string; shape: number[] }>>;
}

const { mlp } = JSON.parse(readFileSync(new URL("mlp-expected.json", import.meta.url), "utf8")) as { mlp: Expected };
const file = new URL("mlp.npz", import.meta.url);

class MLP extends Chain {
  readonly l1 = new Linear(null, 20);
  readonly l2 = new Linear(null, 10);
  override forward(x: Variable): Variable {
    return this.l2.forward(F.relu(this.l1.forward(x)));
  }
}

function variable({ shape, dtype, data }: GoldenArray): Variable {
  return new Variable(array([...data], { dtype }).reshape(shape));
}

test("gives the same outputs, loss and accuracy as there", async () => {
  const model = new Classifier(new MLP());
  await loadNpz(fileURLToPath(file), model);
  const loss = model.forward(variable(mlp.input), variable(mlp.labels));
  model.y?.dataSync().forEach((y, i) => expect(y).toBeCloseTo(mlp.output.data[i] as number, 5));
  expect(loss.array.itemSync()).toBeCloseTo(mlp.loss.data[0] as number, 4);
  expect(model.accuracy?.array.itemSync()).toBe(mlp.accuracy.data[0]);
});

test("a part of it loads by its path", async () => {
  const whole = new Classifier(new MLP());
  await loadNpz(file, whole);
  const part = new MLP();
  await loadNpz(file, part, { path: "predictor/" });
  expect(part.l1.W.dataSync()).toEqual(whole.predictor.l1.W.dataSync());
});

test("saved again, it has the same entries with the same headers", async () => {
  const model = new Classifier(new MLP());
  await loadNpz(file, model);
  const saved = new NpzFile(await toNpz(model));
  expect(saved.keys()).toEqual(Object.keys(mlp.entries));
  const original = new NpzFile(readFileSync(file));
  for (const key of saved.keys()) {
    expect(saved.header(key)).toEqual(original.header(key));
    expect(saved.get(key)).toEqual(original.get(key));
  }
});

test("another model is refused", () => {
  expect(() => fromNpz(readFileSync(file), new Chain({ l3: new Linear(2, 2) }))).toThrow(/no entry "l3\/W"/);
});
