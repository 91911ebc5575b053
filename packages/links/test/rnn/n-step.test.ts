import { InvalidType, slice, stack, ValueError, zeros, type NdArray } from "@chain/array";
import { testMode, trainMode, Variable, type VariableLike } from "@chain/autograd";
import * as F from "@chain/autograd/functions";
import { describe, expect, test } from "@jest/globals";
import {
  LSTM,
  NStepBiGRU,
  NStepBiLSTM,
  NStepBiRNNReLU,
  NStepBiRNNTanh,
  NStepGRU,
  NStepLSTM,
  NStepRNNReLU,
  NStepRNNTanh,
  type Link,
} from "../../src/index.js";
import { fromNpz, toNpz } from "../../src/serializers/index.js";
import { elements, expectClose, fill, numbers, rows } from "./support.js";

const [inSize, outSize] = [3, 2];

/** Sequences of some lengths, in this order. */
const sequences = (lengths: readonly number[]): Variable[] =>
  lengths.map((length, i) => new Variable(numbers([length, inSize], i + 1)));

/** A stateful LSTM with the parameters of one direction of a layer. */
function statefulTwin(layer: Link, width: number): LSTM {
  const params = new Map(layer.namedParams());
  const part = (name: string): NdArray => (params.get(`/${name}`) as Variable).array;
  const link = new LSTM(width, outSize);
  // There in the order i, f, a, o; here a, i, f, o for every unit.
  const interleaved = (names: string[]): NdArray => {
    const joined = stack(names.map(part), { axis: 1 });
    return joined.reshape([-1, ...joined.shape.slice(2)]);
  };
  link.upward.W.array = interleaved(["w2", "w0", "w1", "w3"]);
  link.lateral.W.array = interleaved(["w6", "w4", "w5", "w7"]);
  const biases = [interleaved(["b2", "b0", "b1", "b3"]), interleaved(["b6", "b4", "b5", "b7"])] as const;
  (link.upward.b as Variable).array = biases[0].add(biases[1]);
  return link;
}

describe.each([
  ["NStepLSTM", 1],
  ["NStepBiLSTM", 2],
] as const)("%s equals stateful LSTMs step by step", (name, directions) => {
  test.each([
    [1, [2, 4, 1]],
    [2, [3, 3, 1, 5]],
    [3, [4]],
  ])("%i layers, lengths %p", (layers, lengths) => {
    const link = fill(
      name === "NStepLSTM"
        ? new NStepLSTM(layers, inSize, outSize, 0.5)
        : new NStepBiLSTM(layers, inSize, outSize, 0.5),
    );
    const xs = sequences(lengths);
    const lists = layers * directions;
    const [hx, cx] = [numbers([lists, lengths.length, outSize], 50), numbers([lists, lengths.length, outSize], 51)];
    const [hy, cy, ys] = testMode(() => link.forward(hx, cx, xs));

    const own = lengths.map((_length, s) => new Variable((xs[s] as Variable).array.copy()));
    const last: { h: number[][]; c: number[][] } = { h: [], c: [] };
    const twins = [...link].map((layer, index) =>
      statefulTwin(layer, index < directions ? inSize : outSize * directions),
    );
    const results = own.map((x, s) => {
      let inputs: Variable[] = F.splitAxis(x, x.length, 0);
      for (let layer = 0; layer < layers; layer++) {
        const sides = Array.from({ length: directions }, (_, side) => {
          const index = layer * directions + side;
          const twin = twins[index] as LSTM;
          const row = (state: NdArray): NdArray => state.get(index, [s]);
          twin.setState(row(cx), row(hx));
          const ordered = side === 0 ? inputs : [...inputs].reverse();
          const outputs = ordered.map((input) => twin.forward(input));
          (last.h[index] ??= []).push(...elements(twin.h as Variable));
          (last.c[index] ??= []).push(...elements(twin.c as Variable));
          return side === 0 ? outputs : outputs.reverse();
        });
        inputs = inputs.map((_, t) =>
          F.concat(
            sides.map((outputs) => outputs[t] as Variable),
            { axis: 1 },
          ),
        );
      }
      return F.concat(inputs, { axis: 0 });
    });

    results.forEach((wanted, s) => {
      expect((ys[s] as Variable).shape).toEqual([lengths[s], outSize * directions]);
      expectClose(ys[s] as Variable, elements(wanted));
    });
    expectClose(hy, last.h.flat());
    expectClose(cy, last.c.flat());

    // Gradients by the sequences and by parameters.
    const weigh = (list: readonly Variable[]): Variable =>
      list.map((y, s) => F.sum(F.mul(y, numbers(y.shape, 70 + s)))).reduce((a, b) => F.add(a, b));
    weigh(ys).backward();
    weigh(results).backward();
    xs.forEach((x, s) => expectClose(x.grad as NdArray, elements((own[s] as Variable).grad as NdArray)));
    [...link].forEach((layer, index) => {
      const params = new Map(layer.namedParams());
      const twin = rows((twins[index] as LSTM).lateral.W.grad as NdArray);
      ["w6", "w4", "w5", "w7"].forEach((path, gate) => {
        const gradient = rows((params.get(`/${path}`) as Variable).grad as NdArray);
        gradient.forEach((row, u) => expectClose(row, twin[4 * u + gate] as number[]));
      });
    });
  });
});

type Output = Omit<Link, "forward"> & {
  forward(hx: VariableLike | null, xs: readonly VariableLike[]): [Variable, Variable[]];
};

type Make = (layers: number, dropout?: number) => Output;

const kinds: [string, 1 | 2, Make][] = [
  ["NStepGRU", 1, (n, dropout = 0) => fill(new NStepGRU(n, inSize, outSize, dropout))],
  ["NStepBiGRU", 2, (n, dropout = 0) => fill(new NStepBiGRU(n, inSize, outSize, dropout))],
  ["NStepRNNTanh", 1, (n, dropout = 0) => fill(new NStepRNNTanh(n, inSize, outSize, dropout))],
  ["NStepBiRNNTanh", 2, (n, dropout = 0) => fill(new NStepBiRNNTanh(n, inSize, outSize, dropout))],
  ["NStepRNNReLU", 1, (n, dropout = 0) => fill(new NStepRNNReLU(n, inSize, outSize, dropout))],
  ["NStepBiRNNReLU", 2, (n, dropout = 0) => fill(new NStepBiRNNReLU(n, inSize, outSize, dropout))],
  [
    "NStepLSTM",
    1,
    (n, dropout = 0) => {
      const link = fill(new NStepLSTM(n, inSize, outSize, dropout));
      return Object.assign(Object.create(link) as Output, {
        forward(hx: VariableLike | null, xs: readonly VariableLike[]): [Variable, Variable[]] {
          const [hy, , ys] = link.forward(hx, null, xs);
          return [hy, ys];
        },
      });
    },
  ],
];

describe.each(kinds)("%s", (_, directions, make) => {
  const lengths = [2, 4, 1, 4];

  test("gives for a sequence what it gives for it alone, in whatever order", () => {
    const link = make(2);
    const xs = sequences(lengths);
    const hx = numbers([2 * directions, lengths.length, outSize], 9);
    const [hy, ys] = link.forward(hx, xs);
    expect(hy.shape).toEqual(hx.shape);
    xs.forEach((x, s) => {
      const [last, [y]] = link.forward(hx.get(slice(), [s]), [x]) as [Variable, [Variable]];
      expectClose(ys[s] as Variable, elements(y));
      expectClose(hy.array.get(slice(), [s]), elements(last));
    });
  });

  test("begins with zeros if no states are given", () => {
    const link = make(2);
    const xs = sequences(lengths);
    const [hy, ys] = link.forward(null, xs);
    const [wanted, others] = link.forward(zeros([2 * directions, 4, outSize], { dtype: "float64" }), xs);
    expectClose(hy, elements(wanted));
    ys.forEach((y, s) => expectClose(y, elements(others[s] as Variable)));
  });

  test("takes sequences without elements, whose states do not change", () => {
    const link = make(1);
    const hx = numbers([directions, 3, outSize], 9);
    const [hy, ys] = link.forward(hx, sequences([0, 2, 0]));
    expect(ys.map(({ shape }) => shape)).toEqual([0, 2, 0].map((length) => [length, outSize * directions]));
    for (const s of [0, 2]) expectClose(hy.array.get(slice(), [s]), elements(hx.get(slice(), [s])));
  });

  test("drops out between layers in training", () => {
    const link = make(2, 0.5);
    const run = (): number[] => link.forward(null, sequences(lengths))[1].flatMap(elements);
    const wanted = testMode(run);
    expect(testMode(run)).toEqual(wanted);
    expect(trainMode(run)).not.toEqual(wanted);
  });

  test("refuses what does not fit", () => {
    const link = make(2);
    expect(() => link.forward(null, [])).toThrow(/expected one sequence or more, got an empty list/);
    expect(() => link.forward(null, zeros([2, 3]) as unknown as NdArray[])).toThrow(/expected a list of sequences/);
    expect(() =>
      link.forward(
        null,
        sequences([2]).map((x) => F.concat([x, x], { axis: 1 })),
      ),
    ).toThrow(InvalidType);
    expect(() => link.forward(zeros([directions, 1, outSize]), sequences([2]))).toThrow(InvalidType);
    expect(() => make(0)).toThrow(ValueError);
    expect(() => make(1.5)).toThrow(/nLayers = 1.5/);
  });
});

test("parameters are named as in Chainer, and survive a round trip through NPZ", async () => {
  const link = fill(new NStepBiGRU(2, inSize, outSize, 0));
  const names = [0, 1, 2, 3].flatMap((i) =>
    ["b", "w"].flatMap((kind) => [0, 1, 2, 3, 4, 5].map((j) => `/${i}/${kind}${j}`)),
  );
  expect(link.namedParams().map(([path]) => path)).toEqual(names);
  const loaded = fill(new NStepBiGRU(2, inSize, outSize, 0), 2);
  fromNpz(await toNpz(link), loaded);
  const run = (net: NStepBiGRU): number[] => net.forward(null, sequences([2, 3]))[1].flatMap(elements);
  expect(run(loaded)).toEqual(run(link));
  const copy = link.copy("copy");
  link.cleargrads();
  fill(link, 3);
  expect(run(copy)).toEqual(run(loaded));
});

test("first weights and biases are what the initializers make", () => {
  const link = new NStepRNNTanh(1, inSize, outSize, 0, { initialW: 0.5, initialBias: 0.25 });
  for (const [path, param] of link.namedParams()) {
    expect(new Set(elements(param))).toEqual(new Set([path.startsWith("/0/w") ? 0.5 : 0.25]));
  }
});
