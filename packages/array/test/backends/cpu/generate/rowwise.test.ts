import { beforeAll, describe, expect, test } from "@jest/globals";
import { fc } from "../../../../../../testing/property.js";
import { dtypes, type DType } from "../../../../src/dtype.js";
import { rowwise, type Operand } from "../../../../src/kernel/index.js";
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

const softmax = rowwise("softmax", (row, x) => {
  const e = ops.exp(ops.sub(x, row.max(x)));
  return ops.div(e, row.sum(e));
});
/** Two outputs per element, two per row; inner reductions that use earlier ones. */
const standardize = rowwise("standardize", (row, x) => {
  const mean = row.mean(x);
  const centred = ops.sub(x, mean);
  const variance = row.mean(ops.square(centred));
  const scaled = ops.div(centred, ops.sqrt(ops.add(variance, 1e-5)));
  return [scaled, mean, variance, ops.gt(scaled, 0)];
});
/** Everything exact: maxima, positions, integers. */
const exact = rowwise("exact", (row, x, y) => {
  const largest = row.max(x);
  const where = row.min(ops.where(ops.eq(x, largest), row.index, row.size));
  const total = row.sum(ops.cast(y, "int32"));
  return [ops.where(ops.eq(row.index, where), ops.max(x, y), ops.min(x, y)), largest, where, ops.add(total, row.size)];
});
const crossEntropy = rowwise("cross_entropy", (row, x, t) => {
  const label = row.value(t);
  const m = row.max(x);
  const logSum = ops.log(row.sum(ops.exp(ops.sub(x, m))));
  return ops.sub(ops.add(logSum, m), row.sum(ops.where(ops.eq(row.index, label), x, 0)));
});
const scaledNorm = rowwise("scaled_norm", { scalars: ["power"] }, (row, x, { power }) =>
  ops.mul(x, ops.mul(power, row.sum(ops.abs(x)))),
);

type Kernel = (...args: (Operand | { axis?: number })[]) => NdArray[];

const shape = fc.oneof(
  fc.tuple(length),
  fc.tuple(fc.integer({ min: 1, max: 700 })),
  fc.tuple(length, length),
  fc.tuple(fc.integer({ min: 1, max: 4 }), length, fc.integer({ min: 1, max: 9 })),
);

/** float32 results agree to a few units in the last place: sums are grouped differently. */
function close(actual: NdArray, expected: NdArray, tolerance: number): void {
  expect(actual.shape).toEqual(expected.shape);
  expect(actual.dtype).toBe(expected.dtype);
  const [a, b] = [actual.dataSync(), expected.dataSync()];
  b.forEach((value, i) => {
    const difference = Math.abs((a[i] as number) - value);
    if (!(difference <= tolerance * Math.max(1, Math.abs(value)))) expect(a[i]).toBe(value);
  });
}

function listOf(result: NdArray | readonly NdArray[]): readonly NdArray[] {
  return Array.isArray(result) ? (result as NdArray[]) : [result as NdArray];
}

describe("row-wise kernels are what plain JavaScript computes", () => {
  test("to the bit where everything is exact: any dtype, layout and axis", () => {
    const problem = fc
      .tuple(shape, fc.constantFrom(...dtypes), fc.constantFrom(...dtypes))
      .chain(([dims, x, y]) =>
        fc.tuple(operand(dims, x), operand(dims, y), fc.integer({ min: 0, max: dims.length - 1 })),
      );
    fc.assert(
      fc.property(problem, ([x, y, axis]) =>
        scope(() => {
          const run = exact as unknown as Kernel;
          const expected = run(make(x, oracle), make(y, oracle), { axis });
          const actual = run(make(x, single), make(y, single), { axis });
          expected.forEach((array, i) => {
            // Which of several zeros is the largest is left open.
            const seen = i === 1 ? unsignedZeros : bits;
            expect(seen(actual[i] as NdArray)).toEqual(seen(array));
          });
        }),
      ),
      { numRuns: 400 },
    );
  });

  test("random expressions of elements and of a row's extremes", () => {
    const problem = fc.tuple(shape, fc.constantFrom(...dtypes), fc.constantFrom(...dtypes)).chain(([dims, x, y]) =>
      fc.record({
        x: operand(dims, x),
        y: operand(dims, y),
        axis: fc.integer({ min: 0, max: dims.length - 1 }),
        inner: tree(2, { position: true }),
        last: tree(4, { position: true }),
      }),
    );
    fc.assert(
      fc.property(problem, ({ x, y, axis, inner, last }) => {
        const kernel = rowwise("random", (row, a, b) => {
          const e = ops.cast(build(inner, [a, b], [x.dtype, y.dtype]), "float32");
          // Zeros without a sign, since which one is the largest is left open.
          const largest = ops.add(row.max(e), 0);
          const count = row.sum(ops.cast(ops.lt(e, largest), "int32"));
          return [build(last, [a, b, largest, count], [x.dtype, y.dtype, "float32", "int32"]), count];
        }) as unknown as Kernel;
        scope(() => {
          const [expected, actual] = [oracle, single].map((backend) =>
            kernel(make(x, backend), make(y, backend), { axis }),
          );
          expected?.forEach((array, i) => expect(bits(actual?.[i] as NdArray)).toEqual(bits(array)));
        });
      }),
      { numRuns: 300 },
    );
  });

  test.each([
    ["softmax", softmax as unknown as Kernel, 4e-6],
    ["standardize", standardize as unknown as Kernel, 1e-4],
  ])("%s of moderate numbers, any layout and axis", (_, run, tolerance) => {
    const moderate = (spec: ArraySpec): ArraySpec => ({
      ...spec,
      elements: spec.elements.map((__, i) => Math.sin(i * i) * 3),
    });
    const problem = fc
      .tuple(shape, fc.constantFrom<DType>("float32", "float64", "float16"))
      .chain(([dims, x]) => fc.tuple(operand(dims, x), fc.integer({ min: 0, max: dims.length - 1 })));
    fc.assert(
      fc.property(problem, ([x, axis]) =>
        scope(() => {
          const expected = listOf(run(make(moderate(x), oracle), { axis }));
          const actual = listOf(run(make(moderate(x), unshared), { axis }));
          expected.forEach((array, i) => close(actual[i] as NdArray, array, x.dtype === "float16" ? 2e-2 : tolerance));
        }),
      ),
      { numRuns: 200 },
    );
  });

  test("labels per row, scalars, long rows", () => {
    const x = contiguous(
      "float32",
      Array.from({ length: 3 * 5000 }, (_, i) => Math.sin(i) * 4),
      [3, 5000],
    );
    const labels = contiguous("int32", [17, 0, 4999], [3, 1]);
    scope(() => {
      close(
        crossEntropy(make(x, single), make(labels, single)),
        crossEntropy(make(x, oracle), make(labels, oracle)),
        2e-6,
      );
      close(scaledNorm(make(x, single), { power: 0.5 }), scaledNorm(make(x, oracle), { power: 0.5 }), 2e-6);
    });
  });

  test("long rows that lie across memory", () => {
    const x = contiguous(
      "float32",
      Array.from({ length: 5000 * 11 }, (_, i) => Math.sin(i) * 4),
      [5000, 11],
    );
    const labels = contiguous("int32", [17, 0, 4999, 1, 2, 3, 4, 5, 6, 7, 8], [1, 11]);
    scope(() => {
      const run = crossEntropy as unknown as (x: NdArray, t: NdArray, options: { axis: number }) => NdArray;
      close(
        run(make(x, single), make(labels, single), { axis: 0 }),
        run(make(x, oracle), make(labels, oracle), { axis: 0 }),
        2e-6,
      );
      close(softmax(make(x, single), { axis: 0 }), softmax(make(x, oracle), { axis: 0 }), 2e-6);
      const [scaled, ...rest] = standardize(make(x, single), { axis: 0 });
      const [expected, ...others] = standardize(make(x, oracle), { axis: 0 });
      close(scaled, expected, 1e-5);
      rest.forEach((array, i) => close(array, others[i] as NdArray, 1e-5));
    });
  });

  test("NaN and infinities come through", () => {
    const x = contiguous(
      "float32",
      [1, NaN, 2, 3, 4, 1, Infinity, 0, -Infinity, 2, -Infinity, -Infinity, -Infinity, -Infinity, -Infinity],
      [3, 5],
    );
    scope(() => expect(bits(softmax(make(x, single)))).toEqual(bits(softmax(make(x, oracle)))));
  });
});

describe("results in place", () => {
  const x = contiguous(
    "float32",
    Array.from({ length: 60 }, (_, i) => Math.cos(i)),
    [4, 15],
  );

  test.each([0, 1])("softmax into its own operand along axis %d", (axis) => {
    scope(() => {
      const [own, expected] = [make(x, single), softmax(make(x, single), { axis })];
      softmax.into(own, own, { axis });
      expect(own.dataSync()).toEqual(expected.dataSync());
    });
  });
});

describe("threads", () => {
  beforeAll(startThreads);

  test.each([
    [[3000, 100], 1],
    [[40, 20_001], 1],
    [[20, 300, 50], 1],
  ])("give the same bits: %j along %d", (dims, axis) => {
    const spec = contiguous(
      "float32",
      Array.from({ length: dims.reduce((a, b) => a * b) }, (_, i) => Math.sin(i) * 5),
      dims,
    );
    scope(() => {
      const [one, two] = [make(spec, single), make(spec, double)];
      for (let round = 0; round < 3; round++) {
        expect(sameBits(softmax(two, { axis }), softmax(one, { axis }))).toBe(true);
      }
    });
  });
});

describe("edges", () => {
  test("empty rows and no rows", () => {
    scope(() => {
      for (const dims of [[3, 0], [0, 4], [0]]) {
        const spec = contiguous("float32", [], dims);
        expect(softmax(make(spec, single)).shape).toEqual(dims);
      }
      const [, mean] = standardize(make(contiguous("float32", [], [2, 0]), single));
      expect([...mean.dataSync()]).toEqual([NaN, NaN]);
    });
  });

  test("e to the x is evaluated once an element", () => {
    scope(() => {
      const x60 = contiguous(
        "float32",
        Array.from({ length: 60 }, (_, i) => i),
        [4, 15],
      );
      const text = softmax.print(make(x60, single));
      // The rounding in exp occurs in the loop of one pass and in what remains of its rows.
      expect(text).toContain("f32x4.div");
      expect(text.split("f32x4.nearest").length - 1).toBe(2);
    });
  });
});
