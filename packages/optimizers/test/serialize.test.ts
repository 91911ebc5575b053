import { array, random } from "@chain/array";
import { Parameter, Variable } from "@chain/autograd";
import * as F from "@chain/autograd/functions";
import { Chain, Classifier, Linear, Link } from "@chain/links";
import { fromNpz, NpzFile, SerializationError, toNpz } from "@chain/links/serializers";
import { describe, expect, test } from "@jest/globals";
import * as O from "../src/index.js";

class MLP extends Chain {
  readonly l1 = new Linear(null, 4);
  readonly l2 = new Linear(4, 2);
  override forward(x: Variable): Variable {
    return this.l2.forward(F.tanh(this.l1.forward(x)));
  }
}

const x = new Variable(
  array([
    [1, 0, 1],
    [0, 1, 0],
  ]),
);
const t = array([0, 1], { dtype: "int32" });

/** A model with its optimizer, saved as one. */
class Training {
  readonly model = new Classifier(new MLP());
  constructor(readonly optimizer: O.GradientMethod) {
    optimizer.setup(this.model);
  }

  step(times: number): this {
    for (let i = 0; i < times; i++) this.optimizer.update(this.model, x, t);
    return this;
  }

  weights(): number[] {
    return this.model.params().flatMap((param) => Array.from(param.dataSync()));
  }

  serialize(serializer: Parameters<Link["serialize"]>[0]): void {
    this.optimizer.serialize(serializer.child("optimizer:main"));
    this.model.serialize(serializer.child("model:main"));
  }
}

const optimizers: [string, () => O.GradientMethod][] = [
  ["SGD", () => new O.SGD({ lr: 0.1 })],
  ["MomentumSGD", () => new O.MomentumSGD()],
  ["AdaGrad", () => new O.AdaGrad()],
  ["AdaDelta", () => new O.AdaDelta()],
  ["RMSprop", () => new O.RMSprop()],
  ["RMSpropGraves", () => new O.RMSpropGraves()],
  ["SMORMS3", () => new O.SMORMS3()],
  ["MSVAG", () => new O.MSVAG()],
  ["Adam", () => new O.Adam()],
  ["AMSBound", () => new O.AMSBound()],
];

describe.each(optimizers)("%s", (_, make) => {
  test("a run that was saved and loaded goes on exactly as one that was not", async () => {
    random.seed(1);
    const whole = new Training(make()).step(3);
    const bytes = await toNpz(whole);
    whole.step(4);
    const resumed = new Training(make());
    fromNpz(bytes, resumed);
    expect(resumed.optimizer.t).toBe(3);
    resumed.step(4);
    expect(resumed.weights()).toEqual(whole.weights());
  });
});

test("keys are Chainer's", async () => {
  const training = new Training(new O.Adam()).step(1);
  training.optimizer.newEpoch();
  const npz = new NpzFile(await toNpz(training.optimizer));
  const rule = (path: string): string[] => ["t", "m", "v"].map((key) => `predictor/${path}/${key}`);
  expect(npz.keys()).toEqual(["t", "epoch", ...rule("l1/W"), ...rule("l1/b"), ...rule("l2/W"), ...rule("l2/b")]);
  expect(npz.header("predictor/l1/W/m")).toMatchObject({ descr: "<f4", shape: [4, 3] });
  expect(npz.header("t")).toMatchObject({ descr: "<i8", shape: [] });
});

test("a snapshot from before the first update loads, and the state begins with the first", async () => {
  const bytes = await toNpz(new Training(new O.Adam()).optimizer);
  const other = new Training(new O.Adam());
  fromNpz(bytes, other.optimizer);
  expect(other.optimizer.t).toBe(0);
  other.step(1);
  expect(other.optimizer.t).toBe(1);
});

test("state of another shape is refused, and nothing has changed", async () => {
  const param = new Parameter(array([1, 2, 3]));
  const saved = new O.MomentumSGD().setup(new Link({ param }));
  param.grad = array([1, 1, 1]);
  saved.update();
  const bytes = await toNpz(saved);
  const other = new Parameter(array([1, 2]));
  const optimizer = new O.MomentumSGD().setup(new Link({ param: other }));
  expect(() => fromNpz(bytes, optimizer)).toThrow(SerializationError);
  expect(() => fromNpz(bytes, optimizer)).toThrow(/"param\/v": the stored array has shape \(3\)/);
  expect([optimizer.t, (other.updateRule as O.MomentumSGDRule).state]).toEqual([0, null]);
});

test("the float32 copy of a float16 parameter is saved too", async () => {
  const make = (): { param: Parameter; optimizer: O.SGD; step(): void } => {
    const param = new Parameter(array([1], { dtype: "float16" }));
    const optimizer = new O.SGD({ lr: 1e-4 });
    optimizer.useFp32Update();
    optimizer.setup(new Link({ param }));
    const step = (): void => {
      param.grad = array([1], { dtype: "float16" });
      optimizer.update();
    };
    return { param, optimizer, step };
  };
  const whole = make();
  for (let i = 0; i < 7; i++) whole.step();
  const bytes = await toNpz(whole.optimizer);
  const resumed = make();
  fromNpz(bytes, resumed.optimizer);
  for (let i = 0; i < 3; i++) {
    whole.step();
    resumed.step();
  }
  expect(resumed.param.array.itemSync()).toBe(whole.param.array.itemSync());
});
