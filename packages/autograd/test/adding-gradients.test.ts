/** Gradients that functions add to those that their inputs have already, instead of making arrays of their own. */
import * as nx from "@chain/array";
import { memoryInfo, scope, setItem, transpose, type NdArray } from "@chain/array";
import { backward, FunctionNode, grad, type GradientSum, TimerHook, Variable, type Gradients } from "@chain/autograd";
import * as F from "@chain/autograd/functions";
import { describe, expect, test } from "@jest/globals";
import { elements, integers, numbers } from "./functions/support.js";

/** x · factor, which can add its gradient; writes down how it was asked for it. */
class Scale extends FunctionNode {
  constructor(
    private readonly factor: number,
    private readonly asked: string[],
    private readonly able = true,
  ) {
    super();
  }

  override forward([x]: readonly [NdArray]): NdArray[] {
    return [F.mul(x, this.factor).array];
  }

  override backward(_indexes: readonly number[], [gy]: readonly [Variable]): Gradients {
    this.asked.push(`backward ${this.factor}`);
    return [F.mul(gy, this.factor)];
  }

  override addGradient(_index: number, [gy]: readonly [Variable], sum: GradientSum): boolean {
    this.asked.push(`add ${this.factor}`);
    if (this.able) setItem(sum.array, [], nx.add(sum.array, nx.multiply(gy.array, this.factor)));
    return this.able;
  }
}

const scaled = (x: Variable, factor: number, asked: string[], able = true): Variable =>
  new Scale(factor, asked, able).apply([x])[0] as Variable;

describe("a function is asked to add", () => {
  test("from the second gradient on", () => {
    const asked: string[] = [];
    const x = new Variable(numbers([3]));
    F.sum(F.add(scaled(x, 2, asked), scaled(x, 3, asked), scaled(x, 5, asked))).backward();
    expect(elements(x.grad as NdArray)).toEqual([10, 10, 10]);
    expect(asked.filter((how) => how.startsWith("backward"))).toHaveLength(1);
    expect(asked.filter((how) => how.startsWith("add"))).toHaveLength(2);
  });

  test("and runs backward if it cannot", () => {
    const asked: string[] = [];
    const x = new Variable(numbers([3]));
    F.sum(F.add(scaled(x, 2, asked, false), scaled(x, 3, asked, false))).backward();
    expect(elements(x.grad as NdArray)).toEqual([5, 5, 5]);
    expect(asked.filter((how) => how.startsWith("backward"))).toHaveLength(2);
  });

  test("not while a graph of the gradients is recorded", () => {
    const asked: string[] = [];
    const x = new Variable(numbers([3]));
    const y = F.sum(F.add(scaled(x, 2, asked), scaled(x, 3, asked)));
    const [gx] = grad([y], [x], { enableDoubleBackprop: true });
    expect(elements(gx as Variable)).toEqual([5, 5, 5]);
    expect(asked.some((how) => how.startsWith("add"))).toBe(false);
  });

  test("not while hooks watch, which see whole gradients", () => {
    const asked: string[] = [];
    const x = new Variable(numbers([3]));
    const y = F.sum(F.add(scaled(x, 2, asked), scaled(x, 3, asked)));
    new TimerHook().withHook(() => y.backward());
    expect(elements(x.grad as NdArray)).toEqual([5, 5, 5]);
    expect(asked.some((how) => how.startsWith("add"))).toBe(false);
  });
});

describe("nothing is added to arrays that others see:", () => {
  test("a gradient that two variables share", () => {
    // add() gives both operands the same gradient; x gets more afterwards.
    const [x, y] = [new Variable(numbers([2])), new Variable(numbers([2]))];
    const deeper = scaled(x, 3, []);
    F.sum(F.mul(F.add(F.add(x, y), deeper), 2)).backward();
    expect(elements(x.grad as NdArray)).toEqual([8, 8]);
    expect(elements(y.grad as NdArray)).toEqual([2, 2]);
  });

  test("a gradient that was set by hand", () => {
    const x = new Variable(numbers([2]));
    const y = F.add(F.add(x, scaled(x, 3, [])), scaled(x, 5, []));
    const gy = numbers([2], { seed: 5 });
    const before = elements(gy);
    y.grad = gy;
    y.backward();
    expect(elements(gy)).toEqual(before);
    expect(elements(x.grad as NdArray)).toEqual(before.map((g) => g + 3 * g + 5 * g));
  });

  test("a gradient that is kept for an inner variable", () => {
    const x = new Variable(numbers([2]));
    const inner = F.mul(x, 2);
    const left = F.mul(inner, 3);
    const y = F.sum(F.add(left, scaled(inner, 5, [])));
    backward(y, { retainGrad: true });
    expect(elements(left.grad as NdArray)).toEqual([1, 1]);
    expect(elements(inner.grad as NdArray)).toEqual([8, 8]);
    expect(elements(x.grad as NdArray)).toEqual([16, 16]);
  });
});

/** Gradients without a graph, in which functions may add, and with one, in which they do not. */
function bothWays(loss: (...xs: Variable[]) => Variable, arrays: readonly NdArray[]): void {
  const run = (enableDoubleBackprop: boolean): number[][] => {
    const xs = arrays.map((x) => new Variable(x));
    backward(loss(...xs), { enableDoubleBackprop });
    return xs.map((x) => elements(x.grad as NdArray));
  };
  const [added, apart] = [run(false), run(true)];
  added.forEach((values, i) => values.forEach((value, k) => expect(value).toBeCloseTo(apart[i]?.[k] as number, 10)));
}

describe("functions that are used several times add their gradients:", () => {
  const weights = [1, 2, 3, 4].map((seed) => numbers([4, 5], { seed }));

  test("linear, by weights, bias and input", () => {
    bothWays(
      (x, W, b) => {
        let h = x;
        for (const weight of weights) h = F.mul(F.tanh(F.linear(h, W, b)), weight);
        return F.sum(F.mul(F.add(h, F.linear(x, W), F.linear(x, W, b)), weights[0] as NdArray));
      },
      [numbers([4, 5], { seed: 7 }), numbers([5, 5], { seed: 8 }), numbers([5], { seed: 9 })],
    );
  });

  test("linear, of one row and of several, by a bias that is used elsewhere, too", () => {
    const rows = (n: number): NdArray => numbers([n, 5], { seed: 20 + n });
    bothWays(
      (W, b) => {
        const [one, several] = [F.linear(rows(1), W, b), F.linear(rows(3), W, b)];
        const more = F.linear(rows(1), W, b);
        return F.sum(F.add(F.sum(F.square(one)), F.sum(F.square(several)), F.sum(F.mul(more, b))));
      },
      [numbers([4, 5], { seed: 8 }), numbers([4], { seed: 9 })],
    );
  });

  test("linear with arrays that want no gradient", () => {
    const [x, W] = [numbers([4, 5]), numbers([3, 5], { seed: 2 })];
    bothWays((w) => F.sum(F.mul(F.linear(x, w), F.linear(weights[1] as NdArray, w))), [W]);
    bothWays((v) => F.sum(F.mul(F.linear(v, W), F.linear(v, W))), [x]);
  });

  test("linear, by transposed weights", () => {
    bothWays(
      (x, W) => F.sum(F.mul(F.linear(x, F.transpose(W)), F.linear(F.tanh(x), F.transpose(W)))),
      [numbers([2, 5]), transpose(numbers([3, 5], { seed: 2 }))],
    );
  });

  test("embedId", () => {
    const ids = [integers([1, 2, 1, 0]), integers([3, 3, 3, 1]), integers([-1, 2, 0, -1])] as const;
    bothWays(
      (W) => {
        const rows = ids.map((list, i) => F.mul(F.embedId(list, W, { ignoreLabel: -1 }), weights[i] as NdArray));
        return F.sum(F.add(...(rows as [Variable, Variable, Variable])));
      },
      [numbers([4, 5])],
    );
    bothWays((W) => F.sum(F.mul(F.embedId(ids[0], W), F.embedId(ids[1], W))), [numbers([4, 5])]);
  });

  test("getItem", () => {
    bothWays(
      (x) => {
        const parts = [F.getItem(x, [0]), F.getItem(x, [2]), F.getItem(x, [[1, 1, 2], 1]).sum()];
        return F.sum(F.mul(F.add(F.mul(parts[0] as Variable, parts[1] as Variable), 1), parts[2] as Variable));
      },
      [numbers([3, 4])],
    );
  });
});

describe("products that wait for each other", () => {
  const weigh = (y: Variable, seed: number): Variable => F.sum(F.mul(y, numbers(y.shape, { seed })));

  test.each([
    ["few", 3, 4],
    ["as many rows as are collected", 64, 4],
    ["more than are collected", 40, 30],
    ["each of too many rows", 3, 300],
    ["of different numbers of rows", 5, null],
  ])("%s: linear and matmul", (_, steps, rows) => {
    const [m, n] = [40, 70];
    const xs = Array.from({ length: steps }, (_step, i) =>
      numbers([rows ?? [1, 250, 7, 300, 2][i] ?? 1, n], { seed: i + 1 }),
    );
    bothWays(
      (W) => xs.map((x, i) => weigh(F.linear(x, W), i)).reduce((sum, y) => F.add(sum, y)),
      [numbers([m, n], { seed: 90 })],
    );
    for (const transb of [false, true]) {
      bothWays(
        (W) => xs.map((x, i) => weigh(F.matmul(x, W, { transb }), i)).reduce((sum, y) => F.add(sum, y)),
        [numbers(transb ? [m, n] : [n, m], { seed: 90 })],
      );
    }
  });

  test("matmul of other kinds", () => {
    const [a, stack] = [numbers([3, 4], { seed: 3 }), numbers([2, 3, 4], { seed: 4 })];
    bothWays(
      (W) => F.add(weigh(F.matmul(a, W, { transa: true }), 1), weigh(F.matmul(a, W, { transa: true }), 2)),
      [numbers([3, 5])],
    );
    bothWays(
      (W) => F.add(weigh(F.matmul(stack, W), 1), weigh(F.matmul(stack, W), 2), weigh(F.matmul(a, W), 3)),
      [numbers([4, 5])],
    );
    bothWays((W) => F.add(weigh(F.matmul(W, a), 1), weigh(F.matmul(W, a), 2)), [numbers([5, 3])]);
  });

  test("weights that are computed get all of them before they are passed on", () => {
    bothWays(
      (V) => {
        const W = F.tanh(V);
        const [x, y] = [numbers([2, 5], { seed: 2 }), numbers([3, 5], { seed: 3 })];
        return F.add(
          weigh(F.linear(x, W), 4),
          weigh(F.linear(y, W), 5),
          weigh(F.mul(W, W), 6),
          weigh(F.linear(x, V), 7),
        );
      },
      [numbers([4, 5])],
    );
  });

  test("gradients of a chain of steps", () => {
    bothWays(
      (x, W) => {
        let h: Variable = x;
        for (let t = 0; t < 20; t++) h = F.tanh(F.linear(h, W));
        return weigh(h, 3);
      },
      [numbers([2, 6]), numbers([6, 6], { seed: 2 })],
    );
  });

  test("what waits takes no more memory than the sum, and is freed", () => {
    scope(() => {
      const [m, n, rows] = [100, 50, 5];
      const [W, x] = [new Variable(numbers([m, n])), numbers([rows, n])];
      let most = 0;
      class Watch extends FunctionNode {
        override forward([y]: readonly [NdArray]): NdArray[] {
          return [y];
        }
        override backward(_indexes: readonly number[], [gy]: readonly [Variable]): Gradients {
          most = Math.max(most, memoryInfo()["cpu"]?.bytes ?? 0);
          // An array of its own, which is kept until it has been used.
          return [F.mul(gy, 1)];
        }
      }
      const outputs = Array.from({ length: 100 }, () => new Watch().apply([F.linear(x, W)])[0] as Variable);
      const loss = F.sum(F.concat(outputs, { axis: 0 }));
      const before = memoryInfo()["cpu"]?.bytes ?? 0;
      loss.backward();
      const item = 8;
      // The gradient of the concatenation, the sum, what waits, and what a step makes.
      const allowed = item * (100 * rows * m + 2 * m * n + 8 * rows * m);
      expect(most - before).toBeLessThanOrEqual(allowed);
      // The gradients of the weights and of the loss itself.
      expect((memoryInfo()["cpu"]?.bytes ?? 0) - before).toBe(item * (m * n + 1));
    });
  });
});
