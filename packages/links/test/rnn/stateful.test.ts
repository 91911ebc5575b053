import { InvalidType, random, zeros, type NdArray } from "@chain/array";
import { checkBackward, checkDoubleBackward, testMode, trainMode, Variable, type VariableLike } from "@chain/autograd";
import * as F from "@chain/autograd/functions";
import { describe, expect, test } from "@jest/globals";
import {
  GRU,
  LSTM,
  StatefulGRU,
  StatefulMGU,
  StatefulPeepholeLSTM,
  StatefulZoneoutLSTM,
  StatelessGRU,
  StatelessMGU,
  type Link,
} from "../../src/index.js";
import { affine, elements, expectClose, fill, numbers, parameter, rows, sigmoid } from "./support.js";

const steps = [numbers([2, 4], 1), numbers([2, 4], 2), numbers([2, 4], 3)] as const;

type Stateful = Omit<Link, "forward"> & {
  h: Variable | null;
  forward(x: VariableLike): Variable;
  forward(xs: readonly VariableLike[]): Variable[];
  resetState(): void;
};

const links: [string, () => Stateful][] = [
  ["LSTM", () => fill(new LSTM(4, 3))],
  ["StatefulGRU", () => fill(new StatefulGRU(4, 3))],
  ["GRU", () => fill(new GRU(4, 3))],
  ["StatefulMGU", () => fill(new StatefulMGU(4, 3))],
  ["StatefulPeepholeLSTM", () => fill(new StatefulPeepholeLSTM(4, 3))],
  ["StatefulZoneoutLSTM", () => fill(new StatefulZoneoutLSTM(4, 3, { cRatio: 0.3, hRatio: 0.2 }))],
];

describe.each(links)("%s", (_name, make) => {
  test("remembers, forgets when reset", () => {
    testMode(() => {
      const link = make();
      const first = elements(link.forward(steps[0]));
      const second = elements(link.forward(steps[0]));
      expect(second).not.toEqual(first);
      expect(elements(link.h as Variable)).toEqual(second);
      link.resetState();
      expect(link.h).toBeNull();
      expect(elements(link.forward(steps[0]))).toEqual(first);
    });
  });

  test("a list of elements gives what they give one by one, and so do its gradients", () => {
    const results = [true, false].map((atOnce) => {
      random.seed(3);
      const link = make();
      const xs = steps.map((x) => new Variable(x));
      // The state of the first element is there already.
      link.forward(steps[0]);
      const ys = atOnce ? link.forward(xs) : xs.map((x) => link.forward(x));
      expect(link.h).toBe(ys.at(-1));
      F.sum(F.mul(F.concat(ys, { axis: 1 }), numbers([2, 9], 8))).backward();
      const grads = [...xs, ...link.params()].map((x) => elements(x.grad as NdArray));
      return [...ys.map(elements), ...grads];
    }) as [number[][], number[][]];
    const [atOnce, oneByOne] = results;
    expect(atOnce).toHaveLength(oneByOne.length);
    atOnce.forEach((values, i) => expectClose(values, oneByOne[i] as number[]));
    expect(make().forward([])).toEqual([]);
  });

  test("gradients through three steps agree with numerical ones", async () => {
    const link = make();
    const run = (...xs: Variable[]): Variable => {
      random.seed(3);
      link.resetState();
      const ys = xs.map((x) => link.forward(x));
      return F.concat(ys, { axis: 1 });
    };
    await checkBackward(run, [...steps], [numbers([2, 9], 8)]);
    await checkDoubleBackward(
      run,
      [...steps],
      [numbers([2, 9], 8)],
      steps.map((x, i) => numbers(x.shape, 9 + i)),
    );
  });
});

test("a GRU computes the definition; its first run leaves out what the last output would give", () => {
  const link = fill(new StatefulGRU(4, 3));
  const matrix = (name: string): [number[][], number[]] => [
    rows(new Map(link.namedParams()).get(`/${name}/W`) as Variable),
    parameter(link, `/${name}/b`),
  ];
  const apply = (name: string, x: number[]): number[] => affine(matrix(name)[0], x, matrix(name)[1]);
  const last: (number[] | null)[] = [null, null];
  for (const step of steps) {
    const y = rows(link.forward(step));
    rows(step).forEach((x, row) => {
      const h = last[row] ?? null;
      const none = [0, 0, 0];
      const z = apply("W_z", x).map((value, u) =>
        sigmoid(value + ((h === null ? none : apply("U_z", h))[u] as number)),
      );
      const r = apply("W_r", x).map((value, u) =>
        sigmoid(value + ((h === null ? none : apply("U_r", h))[u] as number)),
      );
      const kept = h === null ? null : h.map((value, u) => value * (r[u] as number));
      const a = apply("W", x).map((value, u) =>
        Math.tanh(value + ((kept === null ? none : apply("U", kept))[u] as number)),
      );
      last[row] = z.map((gate, u) => gate * (a[u] as number) + (1 - gate) * (h?.[u] ?? 0));
      (y[row] as number[]).forEach((value, u) => expect(value).toBeCloseTo(last[row]?.[u] as number, 10));
    });
  }
});

test.each([
  ["GRU", () => [fill(new StatefulGRU(4, 3)), fill(new StatelessGRU(4, 3))] as const],
  ["MGU", () => [fill(new StatefulMGU(4, 3)), fill(new StatelessMGU(4, 3))] as const],
])("the stateless %s agrees with the stateful one", (_, make) => {
  const [stateful, stateless] = make();
  const first = numbers([2, 3], 9);
  stateful.setState(first);
  let h: VariableLike = first;
  for (const x of steps) {
    h = stateless.forward(h, x);
    expectClose(stateful.forward(x), elements(h));
  }
});

test("an MGU computes the definition, beginning with zeros", () => {
  const link = fill(new StatefulMGU(4, 3));
  const [Wf, Wh] = ["/W_f/W", "/W_h/W"].map((path) => rows(new Map(link.namedParams()).get(path) as Variable)) as [
    number[][],
    number[][],
  ];
  const [bf, bh] = ["/W_f/b", "/W_h/b"].map((path) => parameter(link, path)) as [number[], number[]];
  const last = [
    [0, 0, 0],
    [0, 0, 0],
  ];
  for (const step of steps) {
    const y = rows(link.forward(step));
    rows(step).forEach((x, row) => {
      const h = last[row] as number[];
      const f = affine(Wf, [...h, ...x], bf).map(sigmoid);
      const candidate = affine(Wh, [...h.map((value, u) => value * (f[u] as number)), ...x], bh).map(Math.tanh);
      last[row] = f.map((gate, u) => gate * (candidate[u] as number) + (1 - gate) * (h[u] as number));
      (y[row] as number[]).forEach((value, u) => expect(value).toBeCloseTo(last[row]?.[u] as number, 10));
    });
  }
});

test("an LSTM with peepholes computes the definition", () => {
  const link = fill(new StatefulPeepholeLSTM(4, 3));
  const matrix = (name: string): number[][] => rows(new Map(link.namedParams()).get(`/${name}/W`) as Variable);
  const bias = parameter(link, "/upward/b");
  const state = [0, 1].map(() => ({ c: [0, 0, 0], h: [0, 0, 0] }));
  for (const step of steps) {
    const y = rows(link.forward(step));
    rows(step).forEach((x, row) => {
      const { c, h } = state[row] as { c: number[]; h: number[] };
      const upward = affine(matrix("upward"), x, bias);
      const gates = affine(matrix("lateral"), h).map((value, k) => value + (upward[k] as number));
      const [peepI, peepF] = [affine(matrix("peep_i"), c), affine(matrix("peep_f"), c)];
      const next = c.map(
        (value, u) =>
          Math.tanh(gates[4 * u] as number) * sigmoid((gates[4 * u + 1] as number) + (peepI[u] as number)) +
          value * sigmoid((gates[4 * u + 2] as number) + (peepF[u] as number)),
      );
      const peepO = affine(matrix("peep_o"), next);
      const output = next.map(
        (value, u) => Math.tanh(value) * sigmoid((gates[4 * u + 3] as number) + (peepO[u] as number)),
      );
      state[row] = { c: next, h: output };
      (y[row] as number[]).forEach((value, u) => expect(value).toBeCloseTo(output[u] as number, 10));
    });
  }
});

describe("zoneout", () => {
  const width = 500;
  const make = (cRatio: number, hRatio: number): StatefulZoneoutLSTM =>
    fill(new StatefulZoneoutLSTM(4, width, { cRatio, hRatio }));

  test("keeps the given shares of states and outputs in training", () => {
    random.seed(1);
    const link = make(0.2, 0.7);
    trainMode(() => {
      link.forward(steps[0]);
      const [c, h] = [elements(link.c as Variable), elements(link.h as Variable)];
      link.forward(steps[1]);
      const share = (now: number[], before: number[]): number =>
        now.filter((value, i) => value === before[i]).length / now.length;
      expect(Math.abs(share(elements(link.c as Variable), c) - 0.2)).toBeLessThan(0.05);
      expect(Math.abs(share(elements(link.h as Variable), h) - 0.7)).toBeLessThan(0.06);
    });
  });

  test("outputs are made from the state as it would be without", () => {
    random.seed(1);
    const [some, none] = [make(0.9, 0), make(0, 0)];
    trainMode(() => expect(elements(some.forward(steps[0]))).toEqual(elements(none.forward(steps[0]))));
  });

  test("does nothing in test mode", () => {
    const [some, none] = [make(0.5, 0.5), make(0, 0)];
    testMode(() => steps.forEach((x) => expect(elements(some.forward(x))).toEqual(elements(none.forward(x)))));
  });
});

test("states of another width are refused", () => {
  expect(() => new StatefulGRU(4, 3).setState(zeros([2, 4]))).toThrow(
    /StatefulGRU\.setState: expected h of shape \(batch, 3\), got \(2, 4\)/,
  );
  expect(() => new StatefulMGU(4, 3).setState(zeros([2, 4]))).toThrow(InvalidType);
  const state = zeros([2, 3]);
  expect(() => new StatefulPeepholeLSTM(4, 3).setState(state, zeros([3]))).toThrow(InvalidType);
  expect(() => new StatefulZoneoutLSTM(4, 3).setState(zeros([2, 1]), state)).toThrow(InvalidType);
});
