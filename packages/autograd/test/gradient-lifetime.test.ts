import { array, memoryInfo, ones, scope } from "@chain/array";
import { describe, expect, test } from "@jest/globals";
import { Parameter, Variable } from "../src/index.js";
import * as F from "../src/functions/index.js";

function live(): number {
  return memoryInfo()["cpu"]?.arrays ?? 0;
}

describe("a gradient lives as long as its variable", () => {
  test("it outlives a scope that its variable was made outside of", () => {
    const x = new Variable(array([1, 2]));
    scope(() => F.sum(x.mul(3)).backward());
    expect(x.grad?.tolistSync()).toEqual([3, 3]);
    scope(() => F.sum(x.mul(2)).backward());
    expect(x.grad?.tolistSync()).toEqual([5, 5]);
  });

  test("it ends with the scope that its variable was made in", () => {
    const grad = scope(() => {
      const x = new Variable(array([1, 2]));
      const before = x.mul(3);
      F.sum(before).backward();
      return { x, keepsOwn: x.grad?.tolistSync() };
    });
    expect(grad.keepsOwn).toEqual([3, 3]);
  });

  test("clearing it in a scope frees it when the scope ends, not before", () => {
    const p = new Parameter(0, { shape: 2 });
    F.sum(p.mul(3)).backward();
    const first = p.grad;
    scope(() => {
      p.cleargrad();
      expect(p.grad).toBeNull();
      expect(first?.tolistSync()).toEqual([3, 3]);
    });
    expect(() => first?.tolistSync()).toThrow("used after its memory had been freed");
  });

  test("clearing it outside scopes leaves it to whoever holds it", () => {
    const p = new Parameter(0, { shape: 2 });
    F.sum(p.mul(3)).backward();
    const first = p.grad;
    p.cleargrad();
    F.sum(p.mul(4)).backward();
    expect([first?.tolistSync(), p.grad?.tolistSync()]).toEqual([
      [3, 3],
      [4, 4],
    ]);
  });

  test("a gradient that was set by hand is never freed by clearing it", () => {
    const p = new Parameter(0, { shape: 2 });
    const mine = ones([2]);
    p.grad = mine;
    scope(() => p.cleargrad());
    expect(mine.tolistSync()).toEqual([1, 1]);
  });

  test("a loop of forward, clear, backward in scopes leaves as many arrays as it found", () => {
    const p = new Parameter(0, { shape: [3, 4] });
    const x = array([[1, 2, 3, 4]]);
    const step = (): void => {
      scope(() => {
        const loss = F.sum(F.tanh(F.matmul(p, F.transpose(new Variable(x)))));
        p.cleargrad();
        loss.backward();
      });
    };
    step();
    step();
    const before = live();
    for (let i = 0; i < 100; i++) step();
    expect(live()).toBe(before);
  });
});
