/** Training on a device that cannot be read at once, as a GPU: nothing between forward and update may need to. */
import { array, getBackend, random, registerBackend } from "@chain/array";
import { noBackpropMode, testMode, Variable } from "@chain/autograd";
import * as F from "@chain/autograd/functions";
import { Chain, Classifier, DictSummary, Linear, releaseObservation, Reporter, type Observation } from "@chain/links";
import { fromNpz, toNpz } from "@chain/links/serializers";
import { expect, test } from "@jest/globals";
import * as O from "../src/index.js";

registerBackend("deferred", () => ({ ...getBackend("js"), name: "deferred", readSync: undefined }));

class MLP extends Chain {
  readonly l1 = new Linear(null, 8);
  readonly l2 = new Linear(8, 2);
  override forward(x: Variable): Variable {
    return this.l2.forward(F.tanh(this.l1.forward(x)));
  }
}

test("optimizers, hooks, reports, saving and loading", async () => {
  random.seed(2);
  const device = "deferred";
  const model = await new Classifier(new MLP()).toDeviceAsync(device);
  const optimizer = new O.Adam({ alpha: 0.05 }).setup(model);
  optimizer.addHook(new O.GradientClipping(1));
  optimizer.addHook(new O.GradientLARS({ threshold: 100 }));
  optimizer.addHook(new O.GradientNoise(1e-6));
  optimizer.addHook(new O.WeightDecay(1e-6));
  const x = new Variable(
    array(
      [
        [1, 0, 1],
        [0, 1, 0],
      ],
      { device },
    ),
  );
  const t = array([0, 1], { dtype: "int32", device });
  const reporter = new Reporter();
  reporter.addObserver("main", model);
  const summary = new DictSummary();
  for (let i = 0; i < 40; i++) {
    const observation: Observation = {};
    reporter.scope(observation, () => optimizer.update(model, x, t));
    summary.add(observation);
    releaseObservation(observation);
  }
  const means = await summary.computeMean();
  expect(Object.keys(means)).toEqual(["main/loss", "main/accuracy"]);
  const loss = testMode(() => noBackpropMode(() => model.forward(x, t)));
  const final = await loss.item();
  expect(final).toBeLessThan((means["main/loss"] as number) / 2);

  const bytes = await toNpz(model);
  const copy = new Classifier(new MLP());
  fromNpz(bytes, copy);
  const host = copy.forward(
    new Variable(
      array([
        [1, 0, 1],
        [0, 1, 0],
      ]),
    ),
    array([0, 1], { dtype: "int32" }),
  );
  expect(host.array.itemSync()).toBeCloseTo(final, 5);
  fromNpz(bytes, model);
  expect(await model.forward(x, t).item()).toBe(final);
});
