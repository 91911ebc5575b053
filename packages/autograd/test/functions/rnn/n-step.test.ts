import { InvalidType, random, ValueError, zeros, type NdArray } from "@chain/array";
import { testMode, trainMode, type Variable } from "@chain/autograd";
import * as F from "@chain/autograd/functions";
import { describe, expect, test } from "@jest/globals";
import { checkGradients, elements, expectElements, numbers } from "../support.js";
import { gruStep, lstmStep, rnnStep, runSequence, type Matrix, type Step, type Vector } from "./reference.js";

/** A network of some kind: how many matrices a direction of a layer has, how many states, and how it is called. */
interface Kind {
  readonly name: string;
  readonly matrices: number;
  readonly states: 1 | 2;
  readonly directions: 1 | 2;
  readonly step: Step;
  readonly call: (layers: number, ratio: number, given: Given) => { states: Variable[]; ys: Variable[] };
}

/** Arguments of a call, as arrays or Variables. */
interface Given {
  readonly states: readonly (NdArray | Variable)[];
  readonly ws: readonly (readonly (NdArray | Variable)[])[];
  readonly bs: readonly (readonly (NdArray | Variable)[])[];
  readonly xs: readonly (NdArray | Variable)[];
}

type One = NdArray | Variable;

function lstmKind(directions: 1 | 2): Kind {
  const lstm = directions === 1 ? F.nStepLstm : F.nStepBilstm;
  return {
    name: lstm.name,
    matrices: 8,
    states: 2,
    directions,
    step: lstmStep,
    call(layers, ratio, { states: [hx, cx], ws, bs, xs }) {
      const [hy, cy, ys] = lstm(layers, ratio, hx as One, cx as One, ws, bs, xs);
      return { states: [hy, cy], ys };
    },
  };
}

function gruKind(directions: 1 | 2): Kind {
  const gru = directions === 1 ? F.nStepGru : F.nStepBigru;
  return {
    name: gru.name,
    matrices: 6,
    states: 1,
    directions,
    step: gruStep,
    call(layers, ratio, { states: [hx], ws, bs, xs }) {
      const [hy, ys] = gru(layers, ratio, hx as One, ws, bs, xs);
      return { states: [hy], ys };
    },
  };
}

function rnnKind(directions: 1 | 2, activation: "tanh" | "relu"): Kind {
  const rnn = directions === 1 ? F.nStepRnn : F.nStepBirnn;
  return {
    name: rnn.name,
    matrices: 2,
    states: 1,
    directions,
    step: rnnStep(activation === "tanh" ? Math.tanh : (x) => Math.max(0, x)),
    call(layers, ratio, { states: [hx], ws, bs, xs }) {
      const [hy, ys] = rnn(layers, ratio, hx as One, ws, bs, xs, { activation });
      return { states: [hy], ys };
    },
  };
}

const kinds: [string, Kind][] = [
  ["nStepLstm", lstmKind(1)],
  ["nStepBilstm", lstmKind(2)],
  ["nStepGru", gruKind(1)],
  ["nStepBigru", gruKind(2)],
  ["nStepRnn with tanh", rnnKind(1, "tanh")],
  ["nStepRnn with relu", rnnKind(1, "relu")],
  ["nStepBirnn with tanh", rnnKind(2, "tanh")],
  ["nStepBirnn with relu", rnnKind(2, "relu")],
];

const inputs = 3;
const units = 2;

/** Arguments for sequences of the given lengths, longest first; all random numbers. */
function example(kind: Kind, layers: number, lengths: readonly number[], seed = 1): Given & { xs: NdArray[] } {
  let next = seed * 100;
  const draw = (shape: readonly number[]): NdArray => numbers(shape, { low: -1, high: 1, seed: next++ });
  const lists = layers * kind.directions;
  const counts = Array.from({ length: lengths[0] ?? 0 }, (_, t) => lengths.filter((length) => length > t).length);
  const half = kind.matrices / 2;
  const width = (index: number): number => (index < kind.directions ? inputs : units * kind.directions);
  return {
    states: Array.from({ length: kind.states }, () => draw([lists, lengths.length, units])),
    ws: range(lists).map((index) => range(kind.matrices).map((j) => draw([units, j < half ? width(index) : units]))),
    bs: Array.from({ length: lists }, () => Array.from({ length: kind.matrices }, () => draw([units]))),
    xs: counts.map((count) => draw([count, inputs])),
  };
}

function range(length: number): number[] {
  return Array.from({ length }, (_, i) => i);
}

function matrix(x: One): Matrix {
  const [rows, columns] = x.shape as [number, number];
  const values = elements(x);
  return Array.from({ length: rows }, (_, i) => values.slice(i * columns, (i + 1) * columns));
}

/** The `i`-th matrix of a stack. */
function layerOf(x: One, i: number): Matrix {
  const [, rows, columns] = x.shape as [number, number, number];
  const values = elements(x).slice(i * rows * columns, (i + 1) * rows * columns);
  return Array.from({ length: rows }, (_, row) => values.slice(row * columns, (row + 1) * columns));
}

/** What the reference gives, sequence by sequence, arranged as the function's results. */
function expected(kind: Kind, layers: number, given: Given): { states: number[][]; ys: number[][] } {
  const [{ shape }] = given.states as [One];
  const [lists, batch] = shape as [number, number];
  const ws = given.ws.map((list) => list.map(matrix));
  const bs = given.bs.map((list) => list.map((b): Vector => elements(b)));
  const results = range(batch).map((row) => {
    const xs = given.xs.flatMap((x) => (row < (x.shape[0] as number) ? [matrix(x)[row] as Vector] : []));
    const states = range(lists).map((list) => given.states.map((state) => layerOf(state, list)[row] as Vector));
    return runSequence(kind.step, kind.directions, ws, bs, states, xs);
  });
  expect(lists).toBe(layers * kind.directions);
  return {
    states: given.states.map((_, k) =>
      range(lists)
        .map((list) => results.flatMap(({ states }) => states[list]?.[k] ?? []))
        .flat(),
    ),
    ys: given.xs.map((x, t) => results.slice(0, x.shape[0]).flatMap(({ ys }) => [...(ys[t] as Vector)])),
  };
}

describe.each(kinds)("%s", (_name, kind) => {
  test.each([
    ["one layer, sequences of different lengths", 1, [4, 2, 1]],
    ["two layers, some lengths twice", 2, [5, 3, 3, 1, 1]],
    ["three layers, one length", 3, [2, 2]],
    ["one element", 1, [1]],
    ["a sequence without elements", 2, [3, 1, 0]],
  ] as const)("%s", (_case, layers, lengths) => {
    const given = example(kind, layers, lengths);
    const { states, ys } = testMode(() => kind.call(layers, 0.5, given));
    const wanted = expected(kind, layers, given);
    states.forEach((state, k) => {
      expect(state.shape).toEqual([layers * kind.directions, lengths.length, units]);
      expectElements(state, wanted.states[k] as number[], 1e-10);
    });
    expect(ys.map(({ shape }) => shape)).toEqual(given.xs.map((x) => [x.shape[0], units * kind.directions]));
    ys.forEach((y, t) => expectElements(y, wanted.ys[t] as number[], 1e-10));
  });

  test("first and second derivatives by everything", async () => {
    const layers = 2;
    const given = example(kind, layers, [3, 1]);
    const flat = [...given.states, ...given.ws.flat(), ...given.bs.flat(), ...given.xs] as NdArray[];
    const fn = (...variables: Variable[]): Variable[] => {
      let at = 0;
      const take = (list: readonly unknown[]): Variable[] => variables.slice(at, (at += list.length));
      const states = take(given.states);
      const ws = given.ws.map((list) => take(list));
      const bs = given.bs.map((list) => take(list));
      const results = kind.call(layers, 0, { states, ws, bs, xs: take(given.xs) });
      return [...results.states, ...results.ys];
    };
    await checkGradients(fn, flat);
  });

  test("drops out between layers, in training alone", () => {
    const [single, double] = [example(kind, 1, [3, 2]), example(kind, 2, [3, 2])];
    const run = (layers: number, ratio: number, given: Given): number[] =>
      kind.call(layers, ratio, given).ys.flatMap(elements);
    trainMode(() => {
      expect(run(1, 0.5, single)).toEqual(run(1, 0, single));
      random.seed(1);
      const first = run(2, 0.5, double);
      expect(first).not.toEqual(run(2, 0, double));
      random.seed(1);
      expect(run(2, 0.5, double)).toEqual(first);
    });
    testMode(() => expect(run(2, 0.5, double)).toEqual(run(2, 0, double)));
  });

  describe("refuses", () => {
    const given = example(kind, 2, [3, 1]);
    const call = (changes: Partial<Given>, layers = 2, ratio = 0): unknown =>
      kind.call(layers, ratio, { ...given, ...changes });
    const [w] = given.ws[0] as readonly [One];
    const replace = <T>(list: readonly T[], at: number, item: T): T[] => list.map((old, i) => (i === at ? item : old));

    test.each<[string, Partial<Given>, RegExp]>([
      ["no times", { xs: [] }, /xs of one time or more, got an empty list/],
      ["a batch that grows", { xs: [...given.xs].reverse() }, /xs\[\d\]\.shape\[0\] <= xs\[\d\]\.shape\[0\]/],
      [
        "a batch larger than the states",
        { xs: [numbers([3, inputs])] },
        /xs\[0\]\.shape\[0\] <= hx\.shape\[1\], got 3/,
      ],
      [
        "inputs of two widths",
        { xs: [numbers([2, 3]), numbers([1, 4])] },
        /xs\[1\]\.shape\[1\] == xs\[0\]\.shape\[1\]/,
      ],
      ["states of two axes", { states: given.states.map((s) => s.reshape([-1, units])) }, /hx\.ndim == 3, got 2/],
      ["too few layers' states", { states: given.states.map(() => numbers([1, 2, units])) }, /hx\.shape\[0\] == /],
      ["too few lists", { ws: given.ws.slice(1) }, /length of ws == length of hx/],
      ["too few biases", { bs: replace(given.bs, 0, []) }, /length of bs\[0\] == biases a layer, got 0/],
      [
        "another matrix",
        { ws: replace(given.ws, 0, replace(given.ws[0] ?? [], 0, numbers([units, 9]))) },
        /ws\[0\]\[0\]\.shape == \(2, 3\), got \(2, 9\)/,
      ],
      [
        "another bias",
        { bs: replace(given.bs, 1, replace(given.bs[1] ?? [], 1, numbers([units + 1]))) },
        /bs\[1\]\[1\]\.shape == \(2,\), got \(3,\)/,
      ],
      [
        "mixed dtypes",
        { ws: replace(given.ws, 0, replace(given.ws[0] ?? [], 0, zeros(w.shape))) },
        /hx\.dtype == ws\[0\]\[0\]\.dtype/,
      ],
    ])("%s", (_case, changes, message) => {
      expect(() => call(changes)).toThrow(InvalidType);
      expect(() => call(changes)).toThrow(message);
      expect(() => call(changes)).toThrow(`${kind.name} (forward): expected`);
    });

    test("impossible settings", () => {
      expect(() => call({}, 0)).toThrow(ValueError);
      expect(() => call({}, 1.5)).toThrow(ValueError);
      expect(() => call({}, 2, 1)).toThrow(ValueError);
    });
  });
});

test("states of the cells must be as those of the outputs", () => {
  const kind = lstmKind(1);
  const given = example(kind, 1, [2, 1]);
  const call = (cx: NdArray): unknown => kind.call(1, 0, { ...given, states: [given.states[0] as One, cx] });
  expect(() => call(numbers([1, 2, 3]))).toThrow(/cx\.shape == hx\.shape/);
  expect(() => call(zeros([1, 2, 2]))).toThrow(/hx\.dtype == cx\.dtype/);
});

test("an unknown activation is refused", () => {
  const kind = rnnKind(1, "tanh");
  const { states, ws, bs, xs } = example(kind, 1, [2]);
  expect(() => F.nStepRnn(1, 0, states[0] as One, ws, bs, xs, { activation: "sigmoid" as "tanh" })).toThrow(
    /nStepRnn: activation is "tanh" or "relu", got sigmoid/,
  );
});
