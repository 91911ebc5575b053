import { array, ones, random, scope, ValueError, type NdArray } from "@chain/array";
import { usingConfig, Variable, type Parameter } from "@chain/autograd";
import * as F from "@chain/autograd/functions";
import { describe, expect, test } from "@jest/globals";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as L from "../../src/index.js";
import { loadNpz, saveNpz } from "../../src/serializers/index.js";

const numbers = (x: NdArray | Variable | null): number[] => Array.from((x as NdArray).dataSync());
const mean = (list: readonly number[]): number => list.reduce((a, b) => a + b, 0) / list.length;

/** Rows of three channels; the c-th has about mean c and standard deviation c + 1. */
function batch(rows: number, seed: number): { x: NdArray; columns: number[][] } {
  const values = Float32Array.from({ length: rows * 3 }, (_, i) => {
    const c = i % 3;
    return c + (c + 1) * Math.sin(seed + 12.9898 * i);
  });
  return {
    x: array(values).reshape(rows, 3),
    columns: [0, 1, 2].map((c) => Array.from(values).filter((_, i) => i % 3 === c)),
  };
}

/** Mean, and unbiased variance. */
function moments(list: readonly number[]): [number, number] {
  const m = mean(list);
  return [m, list.reduce((sum, v) => sum + (v - m) ** 2, 0) / (list.length - 1)];
}

function expectClose(actual: readonly number[], expected: readonly number[], digits = 4): void {
  expect(actual.length).toBe(expected.length);
  actual.forEach((value, i) => expect(value).toBeCloseTo(expected[i] as number, digits));
}

describe("BatchNormalization", () => {
  test("moves its running statistics in training, and uses them in tests", () => {
    const bn = new L.BatchNormalization(3, { decay: 0.75 });
    const [a, b] = [batch(8, 1), batch(8, 2)];
    const expected = [0, 1, 2].map((c) => {
      let [m, v] = [0, 1];
      for (const { columns } of [a, b]) {
        const [own, spread] = moments(columns[c] as number[]);
        [m, v] = [0.75 * m + 0.25 * own, 0.75 * v + 0.25 * spread];
      }
      return [m, v] as const;
    });
    bn.forward(a.x);
    bn.forward(b.x);
    expectClose(
      numbers(bn.avg_mean),
      expected.map(([m]) => m),
    );
    expectClose(
      numbers(bn.avg_var),
      expected.map(([, v]) => v),
    );
    const before = [numbers(bn.avg_mean), numbers(bn.avg_var)];
    const y = usingConfig("train", false, () => bn.forward(a.x));
    expect([numbers(bn.avg_mean), numbers(bn.avg_var)]).toEqual(before);
    const [m, v] = expected[0] as readonly [number, number];
    expect(numbers(y)[0]).toBeCloseTo(((a.columns[0]?.[0] as number) - m) / Math.sqrt(v + 2e-5), 4);
  });

  test("finetuning averages over all its runs", () => {
    const bn = new L.BatchNormalization(3);
    bn.forward(batch(8, 9).x);
    bn.startFinetuning();
    const batches = [1, 2, 3].map((seed) => batch(8, seed));
    for (const { x } of batches) bn.forward(x, { finetune: true });
    expect(bn.N).toBe(3);
    const averages = [0, 1, 2].map((c) => mean(batches.map(({ columns }) => moments(columns[c] as number[])[0])));
    expectClose(numbers(bn.avg_mean), averages);
  });

  test("takes its size from the first input, inside a scope too", () => {
    const bn = new L.BatchNormalization();
    expect(bn.avg_mean).toBeNull();
    scope(() => void bn.forward(ones([2, 5, 3, 3])));
    expect([bn.gamma, bn.beta].map((p) => (p as Parameter).shape)).toEqual([[5], [5]]);
    expectClose(numbers(bn.avg_mean), [0.1, 0.1, 0.1, 0.1, 0.1], 6);
    const last = new L.BatchNormalization({ axis: [0, 1] });
    last.forward(ones([2, 3, 4]));
    expect(last.avg_var?.shape).toEqual([4]);
  });

  test("options: no gamma, no beta, first values, a dtype, several channel axes", () => {
    const plain = new L.BatchNormalization(3, { useGamma: false, useBeta: false });
    expect(plain.namedParams()).toEqual([]);
    const { x } = batch(8, 1);
    const [one, zero] = [ones([3]), array([0, 0, 0], { dtype: "float32" })];
    expect(numbers(plain.forward(x))).toEqual(numbers(F.batchNormalization(x, one, zero)));
    const made = new L.BatchNormalization([2, 3], {
      dtype: "float64",
      initialGamma: 2,
      initialBeta: 3,
      initialAvgMean: 4,
      initialAvgVar: 5,
    });
    const values = [made.gamma, made.beta, made.avg_mean, made.avg_var].map((v) => [v?.dtype, v?.shape, numbers(v)[5]]);
    expect(values).toEqual([2, 3, 4, 5].map((value) => ["float64", [2, 3], value]));
    expect(() => new L.BatchNormalization(3, { dtype: "int32" })).toThrow(ValueError);
  });

  test("with ReLU", () => {
    const [plain, fused] = [new L.BatchNormalization(3), new L.BatchNormalization(3, { activation: "relu" })];
    const { x } = batch(8, 1);
    expectClose(numbers(fused.forward(x)), numbers(F.relu(plain.forward(x))), 6);
    usingConfig("train", false, () => expectClose(numbers(fused.forward(x)), numbers(F.relu(plain.forward(x))), 6));
  });

  test.each([
    ["known", () => new L.BatchNormalization(3)],
    ["not yet known", () => new L.BatchNormalization()],
  ])("statistics are saved under Chainer's names and loaded where the size is %s", async (_, make) => {
    const folder = mkdtempSync(join(tmpdir(), "bn-"));
    try {
      const bn = new L.BatchNormalization(3);
      for (const seed of [1, 2]) bn.forward(batch(8, seed).x, { finetune: true });
      await saveNpz(join(folder, "bn.npz"), bn);
      const loaded = make();
      await loadNpz(join(folder, "bn.npz"), loaded);
      expect(loaded.N).toBe(2);
      expect(numbers(loaded.avg_mean)).toEqual(numbers(bn.avg_mean));
      const { x } = batch(4, 3);
      usingConfig("train", false, () => expect(numbers(loaded.forward(x))).toEqual(numbers(bn.forward(x))));
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  test("a block that is not run keeps its statistics", () => {
    class Block extends L.Chain {
      readonly bn = new L.BatchNormalization(3);
      override forward(x: Variable, kept: boolean): Variable {
        return kept ? F.add(x, this.bn.forward(x)) : x;
      }
    }
    const block = new Block();
    const x = new Variable(batch(8, 1).x);
    block.forward(x, true);
    const before = [numbers(block.bn.avg_mean), numbers(block.bn.avg_var)];
    const y = block.forward(x, false);
    F.sum(y).backward();
    expect([numbers(block.bn.avg_mean), numbers(block.bn.avg_var)]).toEqual(before);
    expect(block.bn.gamma?.grad).toBeNull();
  });
});

describe("BatchRenormalization", () => {
  test("is batch normalization without room for corrections, and moves its statistics alike", () => {
    const [plain, bounded] = [new L.BatchNormalization(3), new L.BatchRenormalization(3)];
    const { x } = batch(8, 1);
    expectClose(numbers(bounded.forward(x)), numbers(plain.forward(x)));
    expectClose(numbers(bounded.avg_mean), numbers(plain.avg_mean), 6);
    expectClose(numbers(bounded.avg_var), numbers(plain.avg_var), 6);
    expect(bounded.persistents()).toEqual(["N", "avg_mean", "avg_var"]);
  });

  test("with wide bounds uses the running statistics, as in tests", () => {
    const link = new L.BatchRenormalization(3, { rmax: 100, dmax: 100 });
    const { x } = batch(8, 1);
    const tested = usingConfig("train", false, () => numbers(link.forward(x)));
    expectClose(numbers(link.forward(x)), tested, 3);
  });

  test("refuses bounds that make no sense", () => {
    expect(() => new L.BatchRenormalization(3, { rmax: 0.5 })).toThrow(
      "expected rmax >= 1 and dmax >= 0, got 0.5 and 0",
    );
  });
});

describe("without running statistics", () => {
  const x = random.rand(2, 4, 3, 3).astype("float32");
  test.each([
    ["InstanceNormalization", (size: number | null) => new L.InstanceNormalization(size), 4],
    ["GroupNormalization", (size: number | null) => new L.GroupNormalization(2, size), 2],
  ])("%s", (_, make, groups) => {
    const expected = numbers(F.groupNormalization(x, groups, ones([4]), array([0, 0, 0, 0], { dtype: "float32" })));
    for (const size of [4, null]) {
      const link = make(size);
      expect(numbers(link.forward(x))).toEqual(expected);
      expect(link.namedParams().map(([path, { shape }]) => [path, shape])).toEqual([
        ["/beta", [4]],
        ["/gamma", [4]],
      ]);
    }
  });

  test("LayerNormalization has an eps of its own", () => {
    const { x: rows } = batch(4, 1);
    const link = new L.LayerNormalization();
    const zero = array([0, 0, 0], { dtype: "float32" });
    expect(numbers(link.forward(rows))).toEqual(numbers(F.layerNormalization(rows, ones([3]), zero, { eps: 1e-6 })));
    expect(() => new L.GroupNormalization(0)).toThrow(ValueError);
  });
});

describe("links that convolve and normalize", () => {
  test("InceptionBN can leave branches out and take larger strides", () => {
    const link = new L.InceptionBN(2, 0, 1, 2, 1, 2, "max", null, { stride: 2 });
    expect(link.forward(ones([1, 2, 4, 4])).shape).toEqual([1, 6, 2, 2]);
    expect(() => new L.InceptionBN(2, 1, 1, 2, 1, 2, "max")).toThrow(ValueError);
    expect(() => new L.InceptionBN(2, 0, 1, 2, 1, 2, "min" as "max")).toThrow('pooltype is "max" or "avg", got "min"');
  });

  test("MLPConvolution2D passes its options on and needs a layer", () => {
    const link = new L.MLPConvolution2D(2, [3, 4], 3, { pad: 1, stride: 2, nobias: true, activation: F.tanh });
    expect(link.namedParams().map(([path]) => path)).toEqual(["/0/W", "/1/W"]);
    expect(link.forward(ones([1, 2, 4, 4])).shape).toEqual([1, 4, 2, 2]);
    expect(() => new L.MLPConvolution2D(2, [], 3)).toThrow(ValueError);
  });
});

describe("DecorrelatedBatchNormalization", () => {
  test("uses its running statistics in tests, averages them in finetuning, and saves them", async () => {
    const bn = new L.DecorrelatedBatchNormalization(3, { groups: 1 });
    expect(numbers(bn.avg_projection)).toEqual([1, 0, 0, 0, 1, 0, 0, 0, 1]);
    expect(bn.persistents()).toEqual(["N", "avg_mean", "avg_projection"]);
    const { x, columns } = batch(12, 3);
    const centered = usingConfig("train", false, () => bn.forward(x));
    expectClose(numbers(centered.array), numbers(x));

    const y = bn.forward(x, { finetune: true });
    expect(bn.N).toBe(1);
    expectClose(numbers(bn.avg_mean), columns.map(mean));
    // Alone, the running projection is that of the batch but for the correction of its variance.
    const tested = usingConfig("train", false, () => bn.forward(x));
    expectClose(
      numbers(tested.array),
      numbers(y.array).map((v) => (v * 12) / 11),
    );
    bn.startFinetuning();
    expect(bn.N).toBe(0);

    const folder = mkdtempSync(join(tmpdir(), "chain-"));
    try {
      await saveNpz(join(folder, "bn.npz"), bn);
      const other = new L.DecorrelatedBatchNormalization(3, { groups: 1 });
      await loadNpz(join(folder, "bn.npz"), other);
      expect(numbers(other.avg_projection)).toEqual(numbers(bn.avg_projection));
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  test("needs groups that divide the channels", () => {
    expect(() => new L.DecorrelatedBatchNormalization(24)).toThrow(ValueError);
    expect(() => new L.DecorrelatedBatchNormalization(4, { groups: 3 })).toThrow("got 4 and 3 groups");
  });
});
