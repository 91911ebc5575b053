import { array, InvalidType, memoryInfo, ones, scope, ValueError, zeros, type NdArray } from "@chain/array";
import { backward, config, FunctionNode, grad, Variable, type Gradients } from "@chain/autograd";
import * as F from "@chain/autograd/functions";
import { describe, expect, test } from "@jest/globals";

const vector = (...values: number[]): Variable => new Variable(array(values));
const numbers = (x: Variable | NdArray | null | undefined): unknown =>
  x === null || x === undefined ? null : x instanceof Variable ? x.array.tolistSync() : x.tolistSync();

/** Two outputs, 2x and 3x, that writes down what backward was asked. */
class Fork extends FunctionNode {
  readonly asked: (number | null)[][] = [];

  override forward([x]: readonly [NdArray]): NdArray[] {
    return [F.mul(x, 2).array, F.mul(x, 3).array];
  }

  override backward(_indexes: readonly number[], [g0, g1]: Gradients): Gradients {
    this.asked.push([g0 === null ? null : 0, g1 === null ? null : 1]);
    const [a, b] = [g0 ?? null, g1 ?? null].map((g, i) => (g === null ? null : F.mul(g, i + 2)));
    if (a !== null && a !== undefined && b !== null && b !== undefined) return [F.add(a, b)];
    return [a ?? b ?? null];
  }
}

/** The sum of its inputs; writes down which gradients were asked for. */
class AskedSum extends FunctionNode {
  readonly asked: number[][] = [];

  override forward([x, y, z]: readonly [NdArray, NdArray, NdArray]): NdArray[] {
    return [F.add(x, y, z).array];
  }

  override backward(indexes: readonly number[], [gy]: readonly [Variable]): Gradients {
    this.asked.push([...indexes]);
    return indexes.map(() => gy);
  }
}

describe("backward", () => {
  test("follows a chain", () => {
    const x = vector(1, 2, 3);
    const y = F.sum(F.exp(F.mul(x, 2)));
    y.backward();
    const expected = [1, 2, 3].map((v) => 2 * Math.exp(2 * v));
    (numbers(x.grad) as number[]).forEach((g, i) => expect(g).toBeCloseTo(expected[i] as number, 1));
    expect(y.grad?.itemSync()).toBe(1);
  });

  test("adds up where paths meet, whatever their lengths", () => {
    const x = vector(2);
    // x + (x + (x + x²)): a gradient of 3 + 2x.
    const y = F.add(x, F.add(x, F.add(x, F.square(x))));
    y.backward();
    expect(numbers(x.grad)).toEqual([7]);
  });

  test("visits a function once all its outputs' gradients are complete", () => {
    const x = vector(1);
    const fork = new Fork();
    const [a, b] = fork.apply([x]) as [Variable, Variable];
    F.add(F.exp(F.mul(a, 0)), F.mul(b, b)).backward();
    expect(fork.asked).toEqual([[0, 1]]);
    expect(numbers(x.grad)).toEqual([18]);
  });

  test("gives null for outputs that nothing depends on", () => {
    const x = vector(1);
    const fork = new Fork();
    const [, b] = fork.apply([x]) as [Variable, Variable];
    b.backward();
    expect(fork.asked).toEqual([[null, 1]]);
    expect(numbers(x.grad)).toEqual([3]);
  });

  test("takes a gradient set by hand on an output that the walk does not reach", () => {
    const x = vector(1);
    const [a, b] = new Fork().apply([x]) as [Variable, Variable];
    a.grad = array([10]);
    b.backward();
    expect(numbers(x.grad)).toEqual([23]);
  });

  test("asks only for gradients that are wanted", () => {
    const fn = new AskedSum();
    const [x, y, z] = [vector(1), new Variable(array([2]), { requiresGrad: false }), vector(3)];
    const [sum] = fn.apply([x, y, z]) as [Variable];
    sum.backward();
    expect(fn.asked).toEqual([[0, 2]]);
    expect([numbers(x.grad), y.grad, numbers(z.grad)]).toEqual([[1], null, [1]]);
  });

  test("adds to gradients of leaves, on the second walk too", () => {
    const x = vector(3);
    const y = F.square(x);
    y.backward();
    y.backward();
    expect(numbers(x.grad)).toEqual([12]);
    x.cleargrad();
    y.backward();
    expect(numbers(x.grad)).toEqual([6]);
  });

  test("keeps inner gradients only if asked to", () => {
    const x = vector(3);
    const h = F.square(x);
    const y = F.mul(h, 5);
    y.backward();
    expect(h.grad).toBeNull();
    y.backward({ retainGrad: true });
    expect(numbers(h.grad)).toEqual([5]);
    y.backward();
    expect(h.grad).toBeNull();
  });

  test("starts from a gradient set by hand", () => {
    const x = vector(1, 2);
    const y = F.square(x);
    y.grad = array([10, 100]);
    y.backward();
    expect(numbers(x.grad)).toEqual([20, 400]);
  });

  test("refuses to start from several elements without one", () => {
    const y = F.square(vector(1, 2));
    expect(() => y.backward()).toThrow(ValueError);
    expect(() => y.backward()).toThrow("set its grad first, or reduce it to one number");
  });

  test("does nothing at a leaf", () => {
    const x = vector(1);
    x.backward();
    expect(x.grad).toBeNull();
  });

  test("multiplies by the loss scale, which leaves remember", () => {
    const x = vector(3);
    F.square(x).backward({ lossScale: 8 });
    expect([numbers(x.grad), x.lossScale]).toEqual([[48], 8]);
    x.cleargrad();
    expect(x.lossScale).toBeNull();
  });

  test("uses one variable twice in a function", () => {
    const x = vector(3);
    F.mul(x, x).backward();
    expect(numbers(x.grad)).toEqual([6]);
  });

  test("handles a graph of 20,000 functions", () => {
    const x = vector(0);
    let h = x;
    for (let i = 0; i < 20_000; i++) h = h.add(1);
    h.backward();
    expect([numbers(h), numbers(x.grad)]).toEqual([[20_000], [1]]);
    h.unchainBackward();
    expect(h.creator).toBeNull();
  });

  test("restores the configuration, also after an error", () => {
    class Broken extends FunctionNode {
      override forward(xs: readonly NdArray[]): readonly NdArray[] {
        return xs;
      }
      override backward(): Gradients {
        throw new Error("broken");
      }
    }
    const x = vector(1);
    const [y] = new Broken().apply([x]) as [Variable];
    expect(() => y.backward()).toThrow("broken");
    expect(config.enableBackprop).toBe(true);
    F.square(x).backward();
    expect(numbers(x.grad)).toEqual([2]);
  });

  test.each([
    ["shape", () => [new Variable(zeros([3]))], "bad (backward): expected a gradient of shape (2,), got (3,)"],
    ["dtype", () => [new Variable(zeros([2], { dtype: "float64" }))], "a gradient of dtype float32, got float64"],
    ["number", () => [], "bad: backward was asked for 1 gradients, gave 0"],
  ])("checks the %s of what a function gives", (_what, gradients, message) => {
    class Bad extends FunctionNode {
      override get label(): string {
        return "bad";
      }
      override forward(xs: readonly NdArray[]): readonly NdArray[] {
        return xs;
      }
      override backward(): Gradients {
        return gradients();
      }
    }
    const [y] = new Bad().apply([vector(1, 2)]) as [Variable];
    y.grad = array([1, 1]);
    expect(() => y.backward()).toThrow(message);
  });
});

describe("gradients of leaves are arrays of their own", () => {
  test("where the gradient is a broadcast view", () => {
    const x = vector(1, 2, 3);
    F.sum(x).backward();
    expect([x.grad?.contiguous, x.grad?.base]).toEqual([true, null]);
  });

  test("where two leaves have equal gradients", () => {
    const [x, y] = [vector(1), vector(2)];
    F.add(x, y).backward();
    expect(x.grad?.storage).not.toBe(y.grad?.storage);
  });

  test("where it is the gradient that was set by hand", () => {
    const x = vector(1, 2);
    const y = F.add(x, 1);
    y.grad = array([1, 2]);
    y.backward();
    expect(x.grad?.storage).not.toBe(y.grad?.storage);
    expect(numbers(x.grad)).toEqual([1, 2]);
  });
});

describe("gradients of gradients", () => {
  test("by backward", () => {
    const x = vector(3);
    const y = F.pow(x, 3);
    y.backward({ enableDoubleBackprop: true });
    const gx = x.gradVar as Variable;
    expect(numbers(gx)).toEqual([27]);
    x.cleargrad();
    gx.backward();
    expect(numbers(x.grad)).toEqual([18]);
  });

  test("four times, by grad", () => {
    const x = new Variable(array([0.3], { dtype: "float64" }));
    let y = F.sin(x);
    for (let i = 0; i < 4; i++) [y] = grad([y], [x], { enableDoubleBackprop: true }) as [Variable];
    expect(y.array.itemSync()).toBeCloseTo(Math.sin(0.3), 12);
  });

  test("have no graph unless asked for", () => {
    const x = vector(3);
    F.pow(x, 3).backward();
    expect(x.gradVar?.creator).toBeNull();
  });
});

describe("grad", () => {
  test("gives gradients by any variables, and changes nobody's grad", () => {
    const [x, y] = [vector(2), vector(5)];
    const h = F.mul(x, y);
    const z = F.square(h);
    const [gx, gh] = grad([z], [x, h]);
    expect([numbers(gx), numbers(gh)]).toEqual([[100], [20]]);
    expect([x.grad, y.grad, h.grad, z.grad]).toEqual([null, null, null, null]);
  });

  test("gives null where there is no path", () => {
    const [x, y] = [vector(2), vector(5)];
    expect(grad([F.square(x)], [y])).toEqual([null]);
  });

  test("starts from ones everywhere, or from what it is given", () => {
    const x = vector(1, 2);
    const y = F.square(x);
    expect(numbers(grad([y], [x])[0])).toEqual([2, 4]);
    expect(numbers(grad([y], [x], { gradOutputs: [vector(10, 1)] })[0])).toEqual([20, 4]);
    expect(numbers(grad([y, F.mul(x, 3)], [x], { gradOutputs: [null, vector(1, 0)] })[0])).toEqual([5, 4]);
  });

  test("adds to gradInputs, sets grad if asked to", () => {
    const x = vector(1, 2);
    const [gx] = grad([F.square(x)], [x], { gradInputs: [vector(100, 100)], setGrad: true });
    expect([numbers(gx), numbers(x.grad)]).toEqual([
      [102, 104],
      [102, 104],
    ]);
  });

  test("runs only what lies on a path", () => {
    const fn = new AskedSum();
    const [x, y, z] = [vector(1), vector(2), vector(3)];
    const [sum] = fn.apply([F.exp(x), F.exp(y), z]) as [Variable];
    grad([sum], [y]);
    expect(fn.asked).toEqual([[1]]);
  });

  test("an input may be an output", () => {
    const x = vector(3);
    const y = F.square(x);
    expect(grad([y, F.mul(y, 2)], [y]).map(numbers)).toEqual([[3]]);
  });

  test("refuses what does not fit", () => {
    const x = vector(1, 2);
    const y = F.square(x);
    expect(() => grad([y], [x], { gradOutputs: [vector(1)] })).toThrow(InvalidType);
    expect(() => grad([y], [x], { gradOutputs: [null, null] })).toThrow(ValueError);
  });
});

describe("memory", () => {
  const bytes = (): number => memoryInfo().cpu?.bytes ?? 0;
  const peak = (body: () => void): number => {
    const before = bytes();
    body();
    return bytes() - before;
  };

  test("inner gradients are freed while backward runs", () => {
    const size = 1000;
    let highest = 0;
    class Watch extends FunctionNode {
      override forward(xs: readonly NdArray[]): readonly NdArray[] {
        return xs;
      }
      override backward(_indexes: readonly number[], [gy]: readonly [Variable]): Gradients {
        highest = Math.max(highest, bytes());
        return [F.mul(gy, 1)];
      }
    }
    scope(() => {
      const x = new Variable(ones([size]));
      let h = x;
      for (let i = 0; i < 50; i++) h = F.sin(new Watch().apply([h])[0] as Variable);
      const y = F.sum(h);
      const before = bytes();
      y.backward();
      // At most the gradient that comes in and the one that goes out, and small change.
      expect(highest - before).toBeLessThanOrEqual(3 * 4 * size);
      // One gradient is left, that of x, and 1, that of y.
      expect(bytes() - before).toBe(4 * size + 4);
    });
  });

  test("1,000 steps in scopes leave nothing behind", () => {
    const w = new Variable(ones([8, 8]));
    const step = (): void =>
      scope(() => {
        w.cleargrad();
        const h = F.tanh(F.matmul(new Variable(ones([4, 8])), w));
        F.mean(F.square(F.add(h, F.sum(w)))).backward();
        w.cleargrad();
      });
    step();
    const before = bytes();
    for (let i = 0; i < 1000; i++) step();
    expect(bytes()).toBe(before);
  });

  test("an error leaves nothing of the walk behind", () => {
    class Broken extends FunctionNode {
      override forward(xs: readonly NdArray[]): readonly NdArray[] {
        return xs;
      }
      override backward(): Gradients {
        throw new Error("broken");
      }
    }
    scope(() => {
      const x = new Variable(ones([1000]));
      const y = F.sum(F.exp(new Broken().apply([F.exp(x)])[0] as Variable));
      expect(peak(() => expect(() => y.backward()).toThrow("broken"))).toBeLessThanOrEqual(8);
    });
  });

  test("a backward inside a backward keeps what the outer one needs", () => {
    class Nested extends FunctionNode {
      override forward([x]: readonly [NdArray]): NdArray[] {
        this.retainInputs([0]);
        return [F.square(x).array];
      }
      override backward(_indexes: readonly number[], [gy]: readonly [Variable]): Gradients {
        const inner = new Variable(this.retainedInput(0));
        config.enableBackprop = true;
        const y = F.square(inner);
        config.enableBackprop = false;
        y.grad = gy.array;
        backward(y);
        return [inner.gradVar];
      }
    }
    const x = vector(3, 4);
    const y = F.sum(F.mul(new Nested().apply([F.mul(x, 2)])[0] as Variable, 10));
    y.backward();
    expect(numbers(x.grad)).toEqual([240, 320]);
  });

  test("two walks over the same nodes, one inside the other, do not mix", () => {
    const x = vector(3);
    const shared = F.square(x);
    class Peek extends FunctionNode {
      found: unknown = null;
      override forward(xs: readonly NdArray[]): readonly NdArray[] {
        return xs;
      }
      override backward(_indexes: readonly number[], [gy]: readonly [Variable]): Gradients {
        this.found = numbers(grad([shared], [x])[0]);
        return [gy];
      }
    }
    const peek = new Peek();
    F.add(F.exp(F.mul(shared, 0)), F.mul(peek.apply([shared])[0] as Variable, 10)).backward();
    expect(peek.found).toEqual([6]);
    expect(numbers(x.grad)).toEqual([60]);
  });
});

describe("unchaining", () => {
  test("one variable: backward stops there", () => {
    const x = vector(3);
    const h = F.square(x);
    const y = F.mul(h, 2);
    h.unchain();
    y.backward();
    expect([x.grad, numbers(h.grad)]).toEqual([null, [2]]);
  });

  test("everything before: nothing is left to walk", () => {
    const x = vector(3);
    const h = F.square(x);
    const y = F.mul(h, 2);
    y.unchainBackward();
    expect([y.creator, h.creator]).toEqual([null, null]);
    y.backward();
    expect(x.grad).toBeNull();
  });
});
