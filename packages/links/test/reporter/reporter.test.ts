import { array, memoryInfo, scope, ValueError } from "@chain/array";
import { usingConfig, Variable } from "@chain/autograd";
import * as F from "@chain/autograd/functions";
import { describe, expect, test } from "@jest/globals";
import {
  Classifier,
  getCurrentReporter,
  Linear,
  readObservation,
  releaseObservation,
  report,
  Reporter,
  reportScope,
  type Observation,
} from "../../src/index.js";

describe("Reporter", () => {
  test("takes values under the observer's name", async () => {
    const reporter = new Reporter();
    const [main, child] = [new Linear(1, 1), new Linear(1, 1)];
    reporter.addObserver("main", main);
    reporter.addObservers("main", [["/child", child]]);
    const observation: Observation = {};
    reporter.scope(observation, () => {
      report({ loss: array(1.5) }, main);
      report({ x: 2 }, child);
      report({ plain: 3 });
    });
    expect(await readObservation(observation)).toEqual({ "main/loss": 1.5, "main/child/x": 2, plain: 3 });
  });

  test("without one that is current, nothing happens", () => {
    expect(getCurrentReporter()).toBeNull();
    report({ x: 1 }, {});
    expect(() => reportScope({}, () => undefined)).toThrow(ValueError);
  });

  test("refuses observers that it does not know, and values that are no numbers", () => {
    const reporter = new Reporter();
    reporter.scope({}, () => {
      expect(() => report({ x: 1 }, new Linear(1, 1))).toThrow(/a Linear reported values, but is no observer/);
      expect(() => report({ x: array([1, 2]) })).toThrow(/"x" has 2 elements/);
    });
  });

  test("scopes nest and end when the body throws or its promise settles", async () => {
    const [outer, inner] = [new Reporter(), new Reporter()];
    const [a, b, c]: Observation[] = [{}, {}, {}];
    outer.scope(a as Observation, () => {
      inner.scope(b as Observation, () => report({ x: 1 }));
      reportScope(c as Observation, () => report({ x: 2 }));
      report({ x: 3 });
    });
    expect([a, b, c]).toEqual([{ x: 3 }, { x: 1 }, { x: 2 }]);
    expect(() =>
      outer.scope({}, () => {
        throw new Error("no");
      }),
    ).toThrow("no");
    expect(getCurrentReporter()).toBeNull();
    const d: Observation = {};
    await outer.scope(d, async () => {
      await Promise.resolve();
      report({ x: 4 });
    });
    expect(d).toEqual({ x: 4 });
    expect(getCurrentReporter()).toBeNull();
  });

  test("values outlive the scope they are made in, and are freed with the observation", async () => {
    const before = memoryInfo()["cpu"]?.arrays ?? 0;
    const observation: Observation = {};
    scope(() => new Reporter().scope(observation, () => report({ x: F.sum(new Variable(array([1, 2]))) })));
    expect(memoryInfo()["cpu"]?.arrays).toBe(before + 1);
    expect(await readObservation(observation)).toEqual({ x: 3 });
    releaseObservation(observation);
    expect(observation).toEqual({});
    expect(memoryInfo()["cpu"]?.arrays).toBe(before);
  });

  test("variables lose their graph, unless it is to be kept", () => {
    const observation: Observation = {};
    const y = F.mul(new Variable(array(2)), 3);
    const reporter = new Reporter();
    reporter.scope(observation, () => report({ y }));
    expect(observation["y"]).not.toBeInstanceOf(Variable);
    usingConfig("keepGraphOnReport", true, () => reporter.scope(observation, () => report({ y })));
    expect((observation["y"] as Variable).creator).toBe(y.creator);
    expect(y.creator).not.toBeNull();
  });

  test("what is reported stays its owner's", async () => {
    const state = array([7, 8]);
    const observation: Observation = {};
    const reporter = new Reporter();
    scope(() => reporter.scope(observation, () => report({ all: state.get(1), variable: new Variable(state.get(0)) })));
    state.fill(0);
    expect(await readObservation(observation)).toEqual({ all: 8, variable: 7 });
    releaseObservation(observation);
    expect(await state.tolist()).toEqual([0, 0]);
  });
});

describe("Classifier", () => {
  const x = array([
    [1, 0],
    [0, 1],
  ]);
  const t = array([0, 0], { dtype: "int32" });
  const identity = (): Linear => new Linear(2, 2, { initialW: x, nobias: true });

  test("reports loss and accuracy", async () => {
    const model = new Classifier(identity());
    const reporter = new Reporter();
    reporter.addObserver("main", model);
    const observation: Observation = {};
    const loss = reporter.scope(observation, () => model.forward(x, t));
    // By hand: -log softmax of the label's score is log(1 + e^-1) and log(1 + e).
    const expected = (Math.log(1 + Math.exp(-1)) + Math.log(1 + Math.E)) / 2;
    expect(loss.array.itemSync()).toBeCloseTo(expected, 6);
    const { "main/loss": reported, "main/accuracy": accuracy } = await readObservation(observation);
    expect(reported).toBeCloseTo(expected, 6);
    expect(accuracy).toBe(0.5);
    expect([model.loss, model.accuracy?.array.itemSync(), model.y?.shape]).toEqual([loss, 0.5, [2, 2]]);
  });

  test("leaves the accuracy out when told to", () => {
    const model = new Classifier(identity());
    model.computeAccuracy = false;
    model.forward(x, t);
    expect(model.accuracy).toBeNull();
  });

  test("takes the label from another position, or by name", () => {
    const lossfun = F.softmaxCrossEntropy as (y: Variable, label: Variable) => Variable;
    const expected = new Classifier(identity()).forward(x, t).array.itemSync();
    expect(new Classifier(identity(), { labelKey: 0 }).forward(t, x).array.itemSync()).toBe(expected);
    expect(new Classifier(identity(), { labelKey: -2 }).forward(t, x).array.itemSync()).toBe(expected);
    expect(new Classifier(identity(), { labelKey: "t" }).forward(x, { t }).array.itemSync()).toBe(expected);
    const named = new Classifier(identity(), { labelKey: "t", lossfun: lossfun as never });
    expect(named.forward(x, { t }).array.itemSync()).toBe(expected);
    expect(() => new Classifier(identity(), { labelKey: 2 }).forward(x, t)).toThrow(/no argument 2/);
    expect(() => new Classifier(identity(), { labelKey: "t" }).forward(x, { label: t })).toThrow(/no label "t"/);
  });

  test("other losses and accuracies", () => {
    const model = new Classifier(identity(), {
      lossfun: (y) => F.sum(y),
      accfun: (y) => F.sum(F.mul(y, 2)),
    });
    expect(model.forward(x, t).array.itemSync()).toBe(2);
    expect(model.accuracy?.array.itemSync()).toBe(4);
  });
});
