import { random, type NdArray } from "@chain/array";
import { testMode, Variable, type Parameter } from "@chain/autograd";
import * as F from "@chain/autograd/functions";
import { MomentumSGD, MomentumSGDRule, WeightDecay } from "@chain/optimizers";
import { beforeEach, describe, expect, test } from "@jest/globals";
import { makeModel, StochasticResNet } from "../src/models/index.js";
import { StochasticBlock } from "../src/models/stochastic-block.js";

beforeEach(() => random.seed(0));

const images = (): NdArray => random.randn(4, 3, 8, 8);

function values(x: NdArray): number[] {
  return Array.from(x.dataSync());
}

function velocityOf(param: Parameter): NdArray {
  const { updateRule } = param;
  if (!(updateRule instanceof MomentumSGDRule) || updateRule.state === null) throw new Error("there is no velocity");
  return updateRule.state.v;
}

/** Copies of everything that a block's links hold. */
function stateOf(block: StochasticBlock): { readonly params: Map<string, number[]>; readonly statistics: number[][] } {
  const params = new Map(block.namedParams().map(([name, param]) => [name, values(param.array)]));
  const statistics = [block.f.c1.bn, block.f.c2.bn].flatMap(({ avg_mean: mean, avg_var: variance }) => [
    values(mean as NdArray),
    values(variance as NdArray),
  ]);
  return { params, statistics };
}

describe("StochasticResNet", () => {
  test("has the paper's numbers of blocks and parameters", () => {
    const model = new StochasticResNet(20, 0.5);
    model.forward(new Variable(images()));
    expect(model.blocks).toHaveLength(9);
    const size = model.params().reduce((sum, param) => sum + param.array.size, 0);
    // Convolutions, two numbers a channel for batch normalization, and the last layer.
    const convolutions = 9 * (3 * 16 + 6 * 16 * 16 + 16 * 32 + 5 * 32 * 32 + 32 * 64 + 5 * 64 * 64);
    expect(size).toBe(convolutions + 2 * (7 * 16 + 6 * 32 + 6 * 64) + 65 * 10);
    expect(new StochasticResNet(110, 0.5).blocks).toHaveLength(54);
    for (const depth of [2, 9, 21, -4]) expect(() => new StochasticResNet(depth, 0.5)).toThrow(`got ${depth}`);
  });

  test("blocks survive with probabilities that fall linearly to the last one's", () => {
    const survival = (depth: number, last: number): number[] =>
      new StochasticResNet(depth, last).blocks.map((block) => block.survival);
    expect(survival(8, 0.4)).toEqual([0.8, 0.6, 0.4].map((p) => expect.closeTo(p, 12) as unknown));
    expect(survival(20, 0.5)[8]).toBe(0.5);
    expect(new Set(survival(20, 1))).toEqual(new Set([1]));
  });

  test("coins come from the seeded stream: the same in every run, and as often heads as they should be", () => {
    const model = new StochasticResNet(8, 0.25);
    const x = new Variable(images());
    model.forward(x);
    const counts = [0, 0, 0];
    random.seed(7);
    const stream = new random.Generator(7);
    for (let i = 0; i < 400; i++) {
      model.forward(x);
      const kept = model.blocks.map((block) => block.kept);
      expect(kept).toEqual([0.75, 0.5, 0.25].map((p) => stream.random() < p));
      kept.forEach((is, l) => (counts[l] = (counts[l] ?? 0) + Number(is)));
    }
    // Within four standard deviations.
    [0.75, 0.5, 0.25].forEach((p, l) => {
      expect(Math.abs((counts[l] ?? 0) - 400 * p)).toBeLessThan(4 * Math.sqrt(400 * p * (1 - p)));
    });
  });

  test("at test time every block is there, scaled, and no coin is tossed", () => {
    const block = new StochasticBlock(3, 3, 1, 0.3);
    const x = new Variable(images());
    testMode(() => {
      const added = values(block.f.forward(x).array);
      const { counter } = random.getState();
      const y = values(block.forward(x).array);
      expect(random.getState().counter).toBe(counter);
      const expected = values(x.array).map((value, i) => Math.max(0, value + 0.3 * (added[i] ?? NaN)));
      expect(y).toEqual(expected.map((value) => expect.closeTo(value, 5) as unknown));
    });
  });

  test("a dropped block passes every second pixel on, and zeros in new channels", () => {
    const block = new StochasticBlock(3, 5, 2, 1e-9);
    const x = random.rand(2, 3, 5, 4);
    const y = block.forward(new Variable(x)).array;
    expect([block.kept, y.shape]).toEqual([false, [2, 5, 3, 2]]);
    expect(y.get(1, 2, 2, 1).itemSync()).toBe(x.get(1, 2, 4, 2).itemSync());
    expect(values(y.get(0, 4))).toEqual([0, 0, 0, 0, 0, 0]);
  });
});

describe("an update without a block", () => {
  test("leaves it no gradient; momentum and weight decay still move it; its statistics stay", () => {
    const model = new StochasticResNet(8, 0.5);
    const optimizer = new MomentumSGD({ lr: 0.1, momentum: 0.9 }).setup(model);
    optimizer.addHook(new WeightDecay(0.01));
    const x = images();
    const loss = (): Variable => F.softmaxCrossEntropy(model.forward(new Variable(x)), random.randint(0, 10, [4]));
    const last = model.blocks[2] as StochasticBlock;
    const velocities = (): Map<string, number[]> =>
      new Map(last.namedParams().map(([name, param]) => [name, values(velocityOf(param))]));

    // An update with the block, so that it has momentum.
    do optimizer.update(loss);
    while (!last.kept);
    let before = stateOf(last);
    let speed = velocities();
    do {
      before = stateOf(last);
      speed = velocities();
      model.cleargrads();
      loss().backward();
    } while (last.kept);
    for (const param of last.params()) expect(param.grad).toBeNull();
    for (const param of model.c0.params()) expect(param.grad).not.toBeNull();
    optimizer.update();
    const after = stateOf(last);
    expect(after.statistics).toEqual(before.statistics);
    for (const [name, old] of before.params) {
      const v = speed.get(name) ?? [];
      const expected = old.map((p, i) => p + 0.9 * (v[i] ?? NaN) - 0.1 * 0.01 * p);
      expect(after.params.get(name)).toEqual(expected.map((p) => expect.closeTo(p, 6) as unknown));
      expect(after.params.get(name)).not.toEqual(old);
    }
  });

  test("a kept block's statistics move", () => {
    const model = new StochasticResNet(8, 1);
    const [block] = model.blocks;
    if (block === undefined) throw new Error("there is no block");
    const before = stateOf(block);
    model.forward(new Variable(images()));
    expect(stateOf(block).statistics).not.toEqual(before.statistics);
  });
});

test.each(["resnet", "vgg", "cnn"] as const)("%s takes grey and coloured images", (name) => {
  for (const shape of [[2, 1, 28, 28], [2, 3, 32, 32]]) {
    const model = makeModel(name, 8, 0.5);
    const y = model.forward(new Variable(random.rand(...shape)));
    expect(y.shape).toEqual([2, 10]);
    F.sum(y).backward();
  } // prettier-ignore
});
