import { ChainError, scope, type NdArray } from "@chain/array";
import { Variable } from "@chain/autograd";
import * as F from "@chain/autograd/functions";
import { describe, expect, test } from "@jest/globals";
import { checkGradients, elements, expectElements, numbers } from "../support.js";

const formula = (x: Variable, y: Variable): Variable => F.add(F.tanh(F.mul(x, y)), x);

describe("forget", () => {
  const [x, y] = [numbers([2, 3]), numbers([2, 3], { seed: 2 })];

  test("gives what the function gives, and runs it again in backward", () => {
    let runs = 0;
    const counted = (a: Variable, b: Variable): Variable => {
      runs++;
      return formula(a, b);
    };
    const [p, q] = [new Variable(x), new Variable(y)];
    const result = F.forget(counted, p, q);
    expectElements(result, elements(formula(p, q)));
    expect([runs, result.rank]).toEqual([1, 1]);
    F.sum(result).backward();
    expect(runs).toBe(2);
    const [r, s] = [new Variable(x), new Variable(y)];
    F.sum(formula(r, s)).backward();
    expectElements(p.grad as NdArray, elements(r.grad as NdArray));
    expectElements(q.grad as NdArray, elements(s.grad as NdArray));
  });

  test("has the right derivatives, second ones too", async () => {
    await checkGradients((p, q) => F.forget(formula, p, q), [x, y]);
    await checkGradients((p) => F.forget((v) => F.mul(v, F.exp(v)), p), [x]);
    // An argument that depends on another one is not walked through twice.
    await checkGradients((p) => F.forget(formula, p, F.exp(p)), [x]);
  });

  test("takes functions of several results", async () => {
    const both = (p: Variable, q: Variable): Variable[] => [F.mul(p, q), F.exp(p)];
    await checkGradients((p, q) => F.forget(both, p, q), [x, y]);
    const [p, q] = [new Variable(x), new Variable(y)];
    const [, second] = F.forget(both, p, q) as [Variable, Variable];
    F.sum(second).backward();
    expectElements(p.grad as NdArray, elements(x).map(Math.exp));
    expect(q.grad).toBe(null);
  });

  test("reaches what the function uses besides its arguments, and these gradients last", () => {
    const w = new Variable(y);
    const p = new Variable(x);
    scope(() => {
      F.sum(F.forget((v) => F.mul(F.exp(v), w), p)).backward();
      return [w, p];
    });
    const exps = elements(x).map(Math.exp);
    expectElements(w.grad as NdArray, exps);
    expectElements(
      p.grad as NdArray,
      exps.map((e, i) => e * (elements(y)[i] as number)),
    );
  });

  test("says that double backprop does not reach such variables", () => {
    const w = new Variable(y, { name: "w" });
    const loss = F.sum(F.forget((v) => F.mul(v, w), new Variable(x)));
    expect(() => loss.backward({ enableDoubleBackprop: true })).toThrow(ChainError);
    expect(() => loss.backward({ enableDoubleBackprop: true })).toThrow("pass w as arguments too");
  });
});
