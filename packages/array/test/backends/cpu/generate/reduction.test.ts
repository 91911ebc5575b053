import { beforeAll, describe, expect, test } from "@jest/globals";
import { fc } from "../../../../../../testing/property.js";
import type { Backend } from "../../../../src/backend.js";
import { dtypes, type DType } from "../../../../src/dtype.js";
import { reduction, type ReductionKernel } from "../../../../src/kernel/index.js";
import type { Operand } from "../../../../src/kernel/launch.js";
import type { Expr } from "../../../../src/kernel/expr.js";
import * as ops from "../../../../src/kernel/ops.js";
import { scope } from "../../../../src/memory/scope.js";
import type { NdArray } from "../../../../src/ndarray.js";
import {
  bits,
  build,
  contiguous,
  double,
  length,
  make,
  operand,
  oracle,
  sameBits,
  single,
  startThreads,
  tree,
  unshared,
  unsignedZeros,
  type ArraySpec,
} from "./arrays.js";

const sum = reduction("sum", { map: (x: Expr) => x, combine: ops.add, identity: 0 });
const weighted = reduction("weighted", {
  map: (x: Expr, w: Expr) => ops.mul(x, w),
  combine: ops.add,
  identity: 0,
  finish: (total, count) => ops.div(total, count),
});
const largest = reduction("max", { map: (x: Expr) => x, combine: ops.max, identity: -Infinity });
const smallest = reduction("min", { map: (x: Expr) => ops.neg(x), combine: ops.min, identity: Infinity });
const wrapping = reduction("wrapping_sum", { map: (x: Expr) => ops.cast(x, "int32"), combine: ops.add, identity: 0 });
const product = reduction("product", { map: (x: Expr) => ops.cast(x, "uint32"), combine: ops.mul, identity: 1 });
const all = reduction("all", { map: (x: Expr) => ops.ne(x, 0), combine: ops.logicalAnd, identity: 1 });
const positions = reduction("position_sum", {
  map: (x: Expr) => ops.where(ops.gt(x, 0), ops.index, ops.size),
  combine: ops.add,
  identity: 0,
});
/** Position of the largest element; the first of equal ones, or the first NaN. */
const argmax = reduction("argmax", {
  map: (x: Expr) => [x, ops.index],
  identity: [-Infinity, 2 ** 31 - 1],
  combine: ([v, i], [w, j]) => {
    const [a, b, p, q] = [v, w, i, j] as [Expr, Expr, Expr, Expr];
    const better = ops.logicalOr(ops.gt(a, b), ops.isnan(a));
    const same = ops.logicalOr(ops.eq(a, b), ops.logicalAnd(ops.isnan(a), ops.isnan(b)));
    const first = ops.where(same, ops.lt(p, q), better);
    return [ops.where(first, a, b), ops.where(first, p, q)];
  },
  finish: ([, i]) => i as Expr,
});

/** Reductions whose result does not depend on the order in which elements are combined. */
const exact = { largest, smallest, wrapping, product, all, positions, argmax };

const shape = fc.oneof(
  fc.tuple(length),
  fc.tuple(fc.integer({ min: 1, max: 900 })),
  fc.tuple(length, length),
  fc.tuple(fc.integer({ min: 1, max: 300 }), fc.integer({ min: 1, max: 9 })),
  fc.tuple(fc.integer({ min: 1, max: 4 }), length, fc.integer({ min: 1, max: 9 })),
  fc.tuple(fc.integer({ min: 1, max: 3 }), fc.integer({ min: 1, max: 3 }), length, fc.integer({ min: 1, max: 5 })),
);

function axesOf(rank: number): fc.Arbitrary<number[] | null> {
  const axes = Array.from({ length: rank }, (_, i) => i);
  return fc.oneof(fc.constant(null), fc.subarray(axes, { minLength: 1 }));
}

function compare(
  kernel: ReductionKernel<Operand[]>,
  specs: readonly ArraySpec[],
  axis: number[] | null,
  backend: Backend,
): void {
  scope(() => {
    const expected = kernel(...specs.map((spec) => make(spec, oracle)), { axis });
    const actual = kernel(...specs.map((spec) => make(spec, backend)), { axis });
    expect(actual.shape).toEqual(expected.shape);
    expect(actual.dtype).toBe(expected.dtype);
    // Which of several zeros is the largest is left open.
    const seen = kernel === largest || kernel === smallest ? unsignedZeros : bits;
    expect(seen(actual)).toEqual(seen(expected));
  });
}

describe("reductions are what plain JavaScript computes", () => {
  const problem = (types: fc.Arbitrary<DType>) =>
    fc.tuple(shape, types).chain(([dims, dtype]) => fc.tuple(operand(dims, dtype), axesOf(dims.length)));

  test.each(Object.entries(exact))("%s: any dtype, layout and axes", (_, kernel) => {
    fc.assert(
      fc.property(problem(fc.constantFrom(...dtypes)), ([spec, axis]) => {
        if (spec.dtype === "bool" && kernel === smallest) return; // no negative of a bool
        compare(kernel as ReductionKernel<Operand[]>, [spec], axis, single);
      }),
      { numRuns: 150 },
    );
  });

  test("the largest value of a random expression", () => {
    const pair = fc
      .tuple(shape, fc.constantFrom(...dtypes), fc.constantFrom(...dtypes))
      .chain(([dims, a, b]) =>
        fc.tuple(operand(dims, a), operand(dims, b), axesOf(dims.length), tree(2, { position: true })),
      );
    fc.assert(
      fc.property(pair, ([x, y, axis, t]) => {
        const map = (a: Expr, b: Expr): Expr => ops.add(ops.cast(build(t, [a, b], [x.dtype, y.dtype]), "float32"), 0);
        const kernel = reduction("random_max", { map, combine: ops.max, identity: -Infinity });
        scope(() => {
          const [expected, actual] = [oracle, single].map((backend) =>
            kernel(make(x, backend), make(y, backend), { axis }),
          );
          expect(unsignedZeros(actual as NdArray)).toEqual(unsignedZeros(expected as NdArray));
        });
      }),
      { numRuns: 300 },
    );
  });

  test("sums of products of small whole numbers, divided by their count", () => {
    const whole = (spec: ArraySpec): ArraySpec => ({
      ...spec,
      elements: spec.elements.map((_, i) => ((i * 5) % 9) - 4),
    });
    const pair = fc
      .tuple(shape, fc.constantFrom<DType>("float32", "float64", "int32"))
      .chain(([dims, dtype]) =>
        fc.tuple(operand(dims, dtype), operand(dims, dtype), axesOf(dims.length), fc.constant(dims)),
      );
    fc.assert(
      fc.property(pair, ([x, w, axis]) =>
        compare(weighted as ReductionKernel<Operand[]>, [whole(x), whole(w)], axis, unshared),
      ),
      { numRuns: 200 },
    );
  });

  test("sums of float16 round once, at the end", () => {
    const x = contiguous(
      "float16",
      Array.from({ length: 3000 }, (_, i) => 1 + (i % 3) / 1024),
    );
    compare(sum as ReductionKernel<Operand[]>, [x], null, single);
  });
});

describe("accuracy", () => {
  test("ten million times 0.1 in float32", () => {
    scope(() => {
      const x = make(contiguous("float32", new Array<number>(1e7).fill(0.1)), single);
      expect(Math.abs((sum(x).itemSync() - 1e6) / 1e6)).toBeLessThan(1e-6);
    });
  });

  test.each([
    ["one line", [200_000], [0]],
    ["rows", [50, 4000], [1]],
    ["columns", [4000, 50], [0]],
    ["short runs", [300, 7, 90], [0, 2]],
  ])("float32 sums of random numbers: %s", (_, dims, axis) => {
    let seed = 7;
    const values = Array.from({ length: dims.reduce((a, b) => a * b) }, () => {
      seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0;
      return Math.fround(seed / 2 ** 32);
    });
    scope(() => {
      const single32 = sum(make(contiguous("float32", values, dims), single), { axis }).dataSync();
      const exactly = sum(make(contiguous("float64", values, dims), single), { axis }).dataSync();
      exactly.forEach((value, i) => expect(Math.abs((single32[i] as number) / value - 1)).toBeLessThan(3e-7));
    });
  });
});

describe("threads", () => {
  beforeAll(startThreads);

  test.each([
    ["one long line", [1_000_003], null],
    ["few lines", [3, 400_001], [1]],
    ["many lines", [2000, 701], [1]],
    ["columns", [2000, 701], [0]],
    ["few columns", [300_000, 5], [0]],
    ["two axes", [40, 30, 1000], [0, 2]],
    ["channels of pictures", [64, 6, 40, 40], [0, 2, 3]],
    ["channels whose runs are no multiple of a part", [64, 6, 1200], [0, 2]],
    ["channels whose parts have a rest", [61, 6, 700], [0, 2]],
    ["channels of short runs", [400, 6, 7, 9], [0, 2, 3]],
  ])("give the same bits, and the right ones: %s", (_, dims, axis) => {
    const values = Array.from({ length: dims.reduce((a, b) => a * b) }, (__, i) => Math.sin(i) * 10 ** (i % 5));
    const spec = contiguous("float32", values, dims);
    scope(() => {
      const [one, two] = [make(spec, single), make(spec, double)];
      for (let round = 0; round < 5; round++) {
        expect(sameBits(sum(two, { axis }), sum(one, { axis }))).toBe(true);
        expect(sameBits(argmax(two, { axis }), argmax(one, { axis }))).toBe(true);
      }
      for (const kernel of [argmax, wrapping] as ReductionKernel<Operand[]>[]) compare(kernel, [spec], axis, double);
    });
  });
});

describe("edges", () => {
  test.each([
    [[0], null],
    [[3, 0], [1]],
    [[0, 5], [0]],
    [
      [2, 0, 6],
      [0, 1],
    ],
    [[2, 0, 6], [1]],
  ])("nothing to reduce in shape %j over %j gives the identity", (dims, axis) => {
    for (const kernel of [sum, largest, weighted] as ReductionKernel<Operand[]>[]) {
      const spec = contiguous("float32", [], dims);
      compare(kernel, kernel === weighted ? [spec, spec] : [spec], axis, single);
    }
  });

  test("into an existing array of any layout and another dtype", () => {
    const x = contiguous(
      "float32",
      Array.from({ length: 60 }, (_, i) => i % 7),
      [3, 4, 5],
    );
    const target: ArraySpec = {
      ...contiguous("float64", new Array<number>(30).fill(-1)),
      shape: [5, 3],
      strides: [-2, 10],
      offset: 9,
    };
    scope(() => {
      const [out, expected] = [single, oracle].map((backend) => {
        const made = make(target, backend);
        sum.into(made.view([3, 5], [10, -2], 9), make(x, backend), { axis: 1 });
        return made.dataSync();
      });
      expect(out).toEqual(expected);
    });
  });

  test("printing shows the generated code", () => {
    scope(() => {
      const x = make(contiguous("float32", [1, 2, 3]), single);
      expect(sum.print(x)).toContain("f32x4.add");
    });
  });
});
