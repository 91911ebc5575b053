import { array, InvalidType, memoryInfo, random, scope, ValueError, zeros, type NdArray } from "@chain/array";
import { Parameter, usingConfig, Variable } from "@chain/autograd";
import * as F from "@chain/autograd/functions";
import { Chain, Classifier, Linear, Link, Reporter, releaseObservation, type Observation } from "@chain/links";
import { beforeEach, describe, expect, test } from "@jest/globals";
import { createHyperparameter } from "../src/hyperparameter.js";
import { Adam, MomentumSGD, SGD, UpdateRule, WeightDecay } from "../src/index.js";

class MLP extends Chain {
  readonly l1 = new Linear(null, 4);
  readonly l2 = new Linear(null, 2);
  override forward(x: Variable): Variable {
    return this.l2.forward(F.relu(this.l1.forward(x)));
  }
}

const data = array([
  [1, 0, 1],
  [0, 1, 0],
]);
const labels = array([0, 1], { dtype: "int32" });
const x = new Variable(data);

function live(): { arrays: number; bytes: number } {
  const { arrays = 0, bytes = 0 } = memoryInfo()["cpu"] ?? {};
  return { arrays, bytes };
}

beforeEach(() => random.seed(5));

describe("update", () => {
  test("with a link: computes its loss, and goes down", () => {
    const model = new Classifier(new MLP());
    const optimizer = new SGD({ lr: 0.5 }).setup(model);
    const losses = Array.from({ length: 30 }, () => optimizer.update(model, x, labels).array.itemSync());
    expect(losses[29]).toBeLessThan((losses[0] as number) / 5);
    expect(optimizer.t).toBe(30);
  });

  test("needs memory for one set of gradients, not for the old ones and the new", () => {
    const layer = new Linear(1000, 1000);
    const optimizer = new SGD().setup(layer);
    const ones = zeros([1, 1000]);
    const peaks = [0, 1, 2].map(() => {
      optimizer.update(() => F.sum(layer.forward(ones)));
      return memoryInfo()["cpu"]?.peakBytes ?? 0;
    });
    expect(peaks[0]).toBeGreaterThan(8e6);
    expect(peaks[2]).toBeLessThan((peaks[0] as number) + 1e5);
  });

  test("with a function and its arguments", () => {
    const param = new Parameter(array([3]));
    const optimizer = new SGD({ lr: 0.1 }).setup(new Link({ param }));
    const loss = optimizer.update(
      (factor: number, offset: NdArray) => F.sum(F.add(F.mul(param, factor), offset)),
      2,
      array([1]),
    );
    expect(loss.array.itemSync()).toBe(7);
    expect(param.array.itemSync()).toBeCloseTo(2.8, 6);
    expect(loss.creator).toBeNull();
  });

  test("without: uses the gradients that are there", () => {
    const param = new Parameter(array([3]));
    const optimizer = new SGD({ lr: 1 }).setup(new Link({ param }));
    param.grad = array([2]);
    expect(optimizer.update()).toBeNull();
    expect(param.array.itemSync()).toBe(1);
    expect(param.grad?.itemSync()).toBe(2);
  });

  test("clears gradients before backward, or makes them zeros", () => {
    const param = new Parameter(array([1]));
    const optimizer = new SGD({ lr: 1 }).setup(new Link({ param }));
    param.grad = array([100]);
    optimizer.update(() => F.sum(param));
    expect(param.array.itemSync()).toBe(0);
    optimizer.useCleargrads(false);
    optimizer.update(() => F.sum(param));
    expect(param.array.itemSync()).toBe(-1);
  });

  test("a parameter without a gradient counts as having zeros: it decays and keeps its momentum", () => {
    const [used, dropped] = [new Parameter(array([1])), new Parameter(array([1]))];
    const optimizer = new MomentumSGD({ lr: 1, momentum: 0.5 }).setup(new Link({ used, dropped }));
    optimizer.addHook(new WeightDecay(0.1));
    optimizer.update(() => F.sum(F.add(used, dropped)));
    expect(dropped.array.itemSync()).toBeCloseTo(1 - 1.1, 6);
    optimizer.update(() => F.sum(used));
    // v = 0.5 · -1.1 - 0.1 · -0.1
    expect(dropped.array.itemSync()).toBeCloseTo(-0.1 - 0.55 + 0.01, 6);
    expect(dropped.grad?.itemSync()).toBeCloseTo(-0.01, 6);
  });

  test("an uninitialized parameter is left alone", () => {
    const model = new MLP();
    const optimizer = new Adam().setup(model);
    optimizer.update();
    expect(model.l1.W.isInitialized).toBe(false);
    expect(model.l1.W.updateRule).not.toBeNull();
  });

  test("disabled parameters keep their values", () => {
    const [a, b] = [new Parameter(array([1])), new Parameter(array([1]))];
    const link = new Chain({ a: new Link({ W: a }), b: new Link({ W: b }) });
    const optimizer = new SGD({ lr: 1 }).setup(link);
    (link as unknown as { a: Link }).a.disableUpdate();
    optimizer.update(() => F.sum(F.add(a, b)));
    expect([a.array.itemSync(), b.array.itemSync()]).toEqual([1, 0]);
    expect((a.updateRule as unknown as { t: number }).t).toBe(0);
  });

  test("shared parameters are updated once", () => {
    const W = new Parameter(array([1]));
    const optimizer = new SGD({ lr: 1 }).setup(new Chain({ a: new Link({ W }), b: new Link({ W }) }));
    optimizer.update(() => F.sum(W));
    expect(W.array.itemSync()).toBe(0);
  });

  test("all parameters are updated together as each by itself, to the bit", () => {
    const sizes = [3, 0, 70_000, 1, 500, 90_000];
    const make = (): Parameter[] =>
      sizes.map((size, i) => {
        const param = new Parameter(array(Float32Array.from({ length: size }, (_, k) => Math.sin(i + k))));
        param.grad = array(Float32Array.from({ length: size }, (_, k) => Math.cos(i + 3 * k)));
        return param;
      });
    const [together, apart] = [make(), make()];
    const optimizer = new Adam().setup(new Link(Object.fromEntries(together.map((param, i) => [`p${i}`, param]))));
    new Adam().setup(new Link(Object.fromEntries(apart.map((param, i) => [`p${i}`, param]))));
    for (let t = 0; t < 3; t++) {
      optimizer.update();
      for (const param of apart) param.update();
    }
    expect(together.map((param) => param.array.dataSync())).toEqual(apart.map((param) => param.array.dataSync()));
  });

  test("two parameters in the same memory are updated one after the other", () => {
    const shared = array([1, 2, 3]);
    const [a, b] = [new Parameter(shared), new Parameter(shared.reshape(3))];
    [a.grad, b.grad] = [array([1, 1, 1]), array([10, 20, 30])];
    new SGD({ lr: 1 }).setup(new Link({ a, b })).update();
    expect([...shared.dataSync()]).toEqual([-10, -19, -28]);
  });

  test("a rule that updates by itself, without preparing a run", () => {
    class Half extends UpdateRule {
      protected override readonly stateNames: readonly string[] = [];
      protected override updateCore(param: NdArray, grad: NdArray): void {
        param.set([], grad.mul(0.5));
      }
    }
    const param = new Parameter(array([3]));
    const optimizer = new SGD({ lr: 1 }).setup(new Link({ param }));
    param.updateRule = new Half(createHyperparameter({}));
    param.grad = array([8]);
    optimizer.update();
    expect(param.array.itemSync()).toBe(4);
  });

  test("a loss scale is taken out of the gradients", () => {
    const param = new Parameter(array([3]));
    const optimizer = new SGD({ lr: 1 }).setup(new Link({ param }));
    optimizer.setLossScale(1024);
    const loss = optimizer.update(() => F.sum(F.mul(param, 2)));
    expect(loss.array.itemSync()).toBe(6);
    expect([param.array.itemSync(), param.grad?.itemSync()]).toEqual([1, 2]);
    optimizer.update();
    expect(param.array.itemSync()).toBe(-1);
    expect(() => optimizer.setLossScale(0)).toThrow(ValueError);
    expect(() => optimizer.lossScaling({ scale: NaN })).toThrow(ValueError);
  });

  test("what is wrong is said", () => {
    expect(() => new SGD().update()).toThrow(/SGD has no target; call setup\(link\) first/);
    expect(() => new SGD().setup({} as Link)).toThrow(/takes a Link, got Object/);
    const optimizer = new SGD().setup(new Link());
    expect(() => optimizer.update((() => 3) as never)).toThrow(InvalidType);
  });

  test("an error in the loss leaves parameters, counts and memory as they were", () => {
    const param = new Parameter(array([1]));
    const optimizer = new SGD().setup(new Link({ param }));
    const before = live();
    expect(() =>
      optimizer.update(() => {
        F.mul(param, array([1, 2, 3]));
        throw new Error("no");
      }),
    ).toThrow("no");
    expect([optimizer.t, param.array.itemSync()]).toEqual([0, 1]);
    expect(live()).toEqual(before);
  });
});

describe("memory", () => {
  test("every loss can be read, but only the last one computed with", async () => {
    const param = new Parameter(0, { shape: 2 });
    const optimizer = new SGD({ lr: 1 }).setup(new Link({ param }));
    const losses = Array.from({ length: 4 }, () => optimizer.update(() => F.sum(F.mul(param, 2))));
    expect(await Promise.all(losses.map((loss) => loss.item()))).toEqual([0, -8, -16, -24]);
    expect(losses[0]?.array.tolistSync()).toBe(0);
    expect(losses[3]?.array.mul(2).itemSync()).toBe(-48);
    expect(() => losses[0]?.array.mul(2)).toThrow("used after its memory had been freed");
  });

  test("a step leaves parameters, gradients, state, what links hold, and the loss", () => {
    const model = new Classifier(new MLP());
    const optimizer = new Adam().setup(model);
    optimizer.update(model, x, labels);
    const before = live();
    for (let i = 0; i < 500; i++) optimizer.update(model, x, labels);
    expect(live()).toEqual(before);
    expect(model.y?.shape).toEqual([2, 2]);
    expect(model.y?.dataSync()).toHaveLength(4);
    expect(model.loss?.array.itemSync()).toBeGreaterThan(0);
    expect(model.predictor.l1.W.grad?.dataSync()).toHaveLength(12);
  });

  test("with hooks, with reports that are released, in a scope: flat as well", () => {
    const model = new Classifier(new MLP());
    const optimizer = new Adam().setup(model);
    optimizer.addHook(new WeightDecay(1e-4));
    const reporter = new Reporter();
    reporter.addObserver("main", model);
    const step = (): void => {
      const observation: Observation = {};
      reporter.scope(observation, () => optimizer.update(model, x, labels));
      expect(Object.keys(observation)).toEqual(["main/loss", "main/accuracy"]);
      releaseObservation(observation);
    };
    scope(step);
    const before = live();
    for (let i = 0; i < 100; i++) scope(step);
    expect(live()).toEqual(before);
  });

  test("a hand-written loop in a scope is flat, and trains the same", () => {
    const train = (step: (model: Classifier<MLP>, optimizer: Adam) => void): number[] => {
      random.seed(9);
      const model = new Classifier(new MLP());
      const optimizer = new Adam().setup(model);
      step(model, optimizer);
      const before = live();
      for (let i = 0; i < 100; i++) step(model, optimizer);
      expect(live().arrays).toBeLessThanOrEqual(before.arrays);
      return Array.from(model.predictor.l1.W.dataSync());
    };
    const written = train((model, optimizer) =>
      scope(() => {
        const loss = model.forward(x, labels);
        model.cleargrads();
        loss.backward();
        optimizer.update();
      }),
    );
    expect(written).toEqual(train((model, optimizer) => void optimizer.update(model, x, labels)));
  });

  test("state in a link's fields goes from step to step, cut from the graph of the step before", () => {
    class Recurrent extends Chain {
      readonly W = new Parameter(array([[0.5]]));
      h: Variable | null = null;
      override forward(input: Variable): Variable {
        const h = this.h === null ? input : F.add(F.matmul(this.h, this.W), input);
        this.h = h;
        return F.sum(h);
      }
    }
    const model = new Recurrent();
    const optimizer = new SGD({ lr: 0 }).setup(model);
    const one = new Variable(array([[1]]));
    const losses = Array.from({ length: 4 }, () => optimizer.update(model, one).array.itemSync());
    expect(losses).toEqual([1, 1.5, 1.75, 1.875]);
    expect(model.h?.creator).toBeNull();
    expect(model.W.grad?.itemSync()).toBe(1.75); // of the last step alone
    const before = live();
    for (let i = 0; i < 20; i++) optimizer.update(model, one);
    expect(live()).toEqual(before);
  });

  test("gradients that functions pass on as views are the parameter's own afterwards", () => {
    const param = new Parameter(zeros([2, 3]));
    const optimizer = new SGD().setup(new Link({ param }));
    optimizer.update(() => F.sum(F.transpose(param)));
    expect(param.grad?.base).toBeNull();
    expect(param.grad?.dataSync()).toEqual(new Float32Array(6).fill(1));
  });

  test("the graph of the loss is kept when it is configured to be", () => {
    const param = new Parameter(array([1]));
    const optimizer = new SGD().setup(new Link({ param }));
    const loss = usingConfig("keepGraphOnReport", true, () => optimizer.update(() => F.sum(F.mul(param, 2))));
    expect(loss.creator).not.toBeNull();
  });
});

test("epochs are counted by the user or by the updater, not by both", () => {
  const optimizer = new SGD().setup(new Link());
  optimizer.newEpoch();
  optimizer.newEpoch({ auto: true });
  expect(optimizer.epoch).toBe(2);
  expect(() => optimizer.newEpoch()).toThrow(ValueError);
  optimizer.setup(new Link());
  expect(optimizer.epoch).toBe(0);
});

test("parameters on two devices are each updated where they are", () => {
  const [a, b] = [new Parameter(array([1])), new Parameter(array([1], { device: "js" }))];
  const optimizer = new Adam({ alpha: 0.5 }).setup(new Link({ a, b }));
  const step = (): void => {
    a.grad = array([1]);
    b.grad = array([1], { device: "js" });
    optimizer.update();
  };
  step();
  expect([a.device, b.device]).toEqual(["cpu", "js"]);
  expect(a.array.itemSync()).toBeCloseTo(b.array.itemSync(), 6);
  a.toDevice("js"); // its state follows
  a.grad = array([1], { device: "js" });
  b.grad = array([1], { device: "js" });
  optimizer.update();
  expect(a.array.itemSync()).toBeCloseTo(b.array.itemSync(), 6);
});
