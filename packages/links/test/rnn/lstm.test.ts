import { array, InvalidType, scope, zeros, type NdArray } from "@chain/array";
import { noBackpropMode, Variable } from "@chain/autograd";
import * as F from "@chain/autograd/functions";
import { describe, expect, test } from "@jest/globals";
import { initializers, LSTM, StatelessLSTM } from "../../src/index.js";
import { fromNpz, toNpz } from "../../src/serializers/index.js";
import { elements, expectClose, fill, numbers } from "./support.js";

const inputs = [numbers([3, 4], 1), numbers([3, 4], 2), numbers([3, 4], 3)];

describe("parameters", () => {
  test("weights are drawn for each gate by itself", () => {
    const shapes: number[][] = [];
    const remember = (shape: readonly number[]): NdArray => {
      shapes.push([...shape]);
      return zeros([...shape]).add(shapes.length);
    };
    const link = new LSTM(3, 2, { upwardInit: remember, lateralInit: remember });
    expect(shapes).toEqual([...Array.from({ length: 4 }, () => [2, 3]), ...Array.from({ length: 4 }, () => [2, 2])]);
    expect(elements(link.upward.W)).toEqual([1, 2, 3, 4].flatMap((value) => new Array<number>(6).fill(value)));
  });

  test("so that initializers see one gate: orthogonal blocks", () => {
    const link = new LSTM(3, 3, {
      upwardInit: new initializers.Orthogonal({ scale: 1 }),
      lateralInit: new initializers.Orthogonal({ scale: 1 }),
    });
    for (const W of [link.upward.W, link.lateral.W]) {
      for (let gate = 0; gate < 4; gate++) {
        const block = W.array.get([3 * gate, 3 * gate + 1, 3 * gate + 2]);
        expectClose(F.matmul(block, block, { transb: true }), [1, 0, 0, 0, 1, 0, 0, 0, 1], 1e-5);
      }
    }
  });

  test("biases lie side by side: forget gates begin with 1", () => {
    expect(elements(new LSTM(3, 2).upward.b as Variable)).toEqual([0, 0, 1, 0, 0, 0, 1, 0]);
    const given = new LSTM(3, 2, { biasInit: 0.5, forgetBiasInit: array([7, 8]).reshape([1, 2, 1]) });
    expect(elements(given.upward.b as Variable)).toEqual([0.5, 0.5, 7, 0.5, 0.5, 0.5, 8, 0.5]);
  });

  test("the size of the input may be left to the first run", () => {
    for (const link of [new LSTM(2), new LSTM(null, 2)]) {
      expect(link.upward.W.isInitialized).toBe(false);
      expect(link.forward(zeros([5, 3])).shape).toEqual([5, 2]);
      expect(link.upward.W.shape).toEqual([8, 3]);
    }
    const stateless = new StatelessLSTM(2);
    expect(stateless.forward(null, null, zeros([5, 3])).map(({ shape }) => shape)).toEqual([
      [5, 2],
      [5, 2],
    ]);
  });

  test("survive a round trip through NPZ", async () => {
    const link = fill(new LSTM(4, 2));
    const saved = await toNpz(link);
    const loaded = new LSTM(4, 2);
    loaded.namedParams().forEach(([, param]) => (param.array = param.array.astype("float64")));
    fromNpz(saved, loaded);
    inputs.forEach((x) => expectClose(loaded.forward(x), elements(link.forward(x)), 0));
  });
});

describe("state", () => {
  test("is passed from run to run, as a stateless link is given it", () => {
    const link = fill(new LSTM(4, 2));
    const stateless = fill(new StatelessLSTM(4, 2));
    let state: [Variable | null, Variable | null] = [null, null];
    for (const x of inputs) {
      const y = link.forward(x);
      state = stateless.forward(...state, x);
      expectClose(y, elements(state[1] as Variable));
      expectClose(link.c as Variable, elements(state[0] as Variable));
      expect(link.h).toBe(y);
    }
  });

  test("is forgotten by resetState, and put in place by setState", () => {
    const link = fill(new LSTM(4, 2));
    const first = elements(link.forward(inputs[0] as NdArray));
    const [c, h] = [link.c as Variable, link.h as Variable];
    const second = elements(link.forward(inputs[1] as NdArray));
    link.resetState();
    expect([link.c, link.h]).toEqual([null, null]);
    expectClose(link.forward(inputs[0] as NdArray), first, 0);
    link.resetState();
    link.setState(c.array, h);
    expectClose(link.forward(inputs[1] as NdArray), second, 0);
  });

  test("gradients pass through it, until it is unchained", () => {
    const link = fill(new LSTM(4, 2));
    const x = inputs.map((value) => new Variable(value));
    for (const value of x) link.forward(value);
    F.sum(link.h as Variable).backward();
    expect(x.every(({ grad }) => grad !== null && elements(grad).some((g) => g !== 0))).toBe(true);
    (link.h as Variable).unchainBackward();
    x.forEach((value) => value.cleargrad());
    F.sum(link.forward(x[0] as Variable)).backward();
    expect(x.map(({ grad }) => grad === null)).toEqual([false, true, true]);
  });

  test("of sequences that have ended stays as it is: shrinking batches", () => {
    const [link, whole] = [fill(new LSTM(4, 2)), fill(new LSTM(4, 2))];
    const sizes = [3, 2, 2, 0, 1];
    const xs = sizes.map((size, t) => numbers([size, 4], t + 1));
    const ys = xs.map((x) => link.forward(x));
    expect(ys.map(({ shape }) => shape)).toEqual(sizes.map((size) => [size, 2]));
    expect([link.h?.shape, link.c?.shape]).toEqual([
      [3, 2],
      [3, 2],
    ]);
    const atOnce = fill(new LSTM(4, 2));
    atOnce.forward(xs).forEach((y, t) => expectClose(y, elements(ys[t] as Variable)));
    expectClose(atOnce.h as Variable, elements(link.h as Variable));
    // Each sequence by itself.
    for (let row = 0; row < 3; row++) {
      whole.resetState();
      xs.forEach((x, t) => {
        if (row >= (sizes[t] as number)) return;
        const y = whole.forward(x.get([row]));
        expectClose((ys[t] as Variable).array.get([row]), elements(y));
      });
      expectClose((link.h as Variable).array.get([row]), elements(whole.h as Variable));
      expectClose((link.c as Variable).array.get([row]), elements(whole.c as Variable));
    }
    F.sum(link.h as Variable).backward();
    expect(link.lateral.W.grad).not.toBeNull();
  });

  test("is not carried into a larger batch", () => {
    const link = fill(new LSTM(4, 2));
    link.forward(numbers([2, 4]));
    expect(() => link.forward([numbers([2, 4]), numbers([3, 4])])).toThrow(/got 3/);
    expect(() => link.forward(numbers([3, 4]))).toThrow(/LSTM: expected at most 2 rows, as the state has.*got 3/);
    expect(link.h?.shape).toEqual([2, 2]);
  });

  test("must have the link's width", () => {
    const link = new LSTM(4, 2);
    expect(() => link.setState(zeros([3, 2]), zeros([3, 3]))).toThrow(
      /LSTM\.setState: expected h of shape \(batch, 2\)/,
    );
    expect(() => link.setState(zeros([2]), zeros([3, 2]))).toThrow(InvalidType);
    expect([link.c, link.h]).toEqual([null, null]);
  });

  test("a copy has its own", () => {
    const link = fill(new LSTM(4, 2));
    link.forward(inputs[0] as NdArray);
    const before = elements(link.h as Variable);
    for (const mode of ["share", "copy"] as const) {
      const copy = link.copy(mode);
      copy.resetState();
      noBackpropMode(() => copy.forward(inputs[1] as NdArray));
      expectClose(link.h as Variable, before, 0);
      copy.resetState();
      expectClose(copy.forward(inputs[0] as NdArray), before, 0);
    }
  });

  test("moves with the link to another device", () => {
    const [link, other] = [fill(new LSTM(4, 2)), fill(new LSTM(4, 2))];
    for (const each of [link, other]) each.forward(inputs[0] as NdArray);
    link.toDevice("js");
    expect([link.c?.device, link.h?.device]).toEqual(["js", "js"]);
    expectClose(link.forward((inputs[1] as NdArray).toDevice("js")), elements(other.forward(inputs[1] as NdArray)));
  });

  test("is among what outlives a scope", () => {
    const link = fill(new LSTM(4, 2));
    scope(() => {
      link.forward(inputs[0] as NdArray);
      return link;
    });
    expect(elements(link.h as Variable).every(Number.isFinite)).toBe(true);
    expect(link.heldVariables()).toEqual([link.c, link.h]);
  });
});

test("wrong inputs are refused", () => {
  const link = new LSTM(4, 2);
  expect(() => link.forward(zeros([3, 5]))).toThrow(/linear \(forward\): expected x\.shape\[1\] == W\.shape\[1\]/);
  expect(() => new StatelessLSTM(4, 2).forward(zeros([3, 3]), null, zeros([3, 4]))).toThrow(InvalidType);
});
