/** The same calls on webgpu and on the cpu, on arrays that fast-check makes up. */
import { test } from "@jest/globals";
import { fc } from "../../../../../../testing/property.js";
import { array, broadcastTo, matmul, moveaxis, take, type NdArray } from "../../../../src/index.js";
import * as nx from "../../../../src/index.js";
import { elementwise, reduction, rowwise, type Expr } from "../../../../src/kernel/index.js";
import * as k from "../../../../src/kernel/ops.js";
import { describeGpu } from "../gpu.js";
import { anyArray, anyType, expectSame, floatTypes, floats, make, recipe, shapes, valuesFor } from "./arrays.js";

const runs = { numRuns: 40 };

const exactBinary = [
  "add",
  "subtract",
  "multiply",
  "maximum",
  "minimum",
  "less",
  "equal",
  "notEqual",
  "logicalXor",
] as const;
const exactUnary = ["negative", "absolute", "sign", "floor", "rint", "isnan", "isinf", "logicalNot"] as const;
const roundedUnary = ["exp", "log", "sqrt", "tanh", "sin", "erf", "log1p", "cbrt"] as const;
const reductions = ["sum", "prod", "max", "min", "argmax", "argmin", "any", "all"] as const;

type Unary = (x: NdArray) => NdArray;
type Binary = (x: NdArray, y: NdArray) => NdArray;
type Reduce = (x: NdArray, options: { axis?: number | null; keepdims?: boolean }) => NdArray;

/** Functions of the package that take these arguments. */
const named = nx as unknown as Record<string, Unary & Binary & Reduce>;
const call = (name: string): Unary & Binary & Reduce => {
  const found = named[name];
  if (found === undefined) throw new Error(`no function ${name}`);
  return found;
};

describeGpu("webgpu against the cpu", () => {
  test("views are read as they lie", async () => {
    await fc.assert(
      fc.asyncProperty(anyArray, ({ r }) => expectSame((device) => make(r, device))),
      runs,
    );
  });

  test.each(exactBinary)("%s, broadcast", async (name) => {
    const pair = fc
      .tuple(shapes, anyType, anyType)
      .chain(([shape, p, q]) =>
        fc
          .tuple(fc.array(fc.boolean(), { minLength: shape.length, maxLength: shape.length }), fc.nat(shape.length))
          .chain(([ones, drop]) =>
            fc.tuple(
              recipe(shape, p, valuesFor(p)),
              recipe(shape.map((n, i) => (ones[i] === true ? 1 : n)).slice(drop), q, valuesFor(q)),
            ),
          ),
      );
    await fc.assert(
      fc.asyncProperty(pair, async ([a, b]) => {
        if (name === "subtract" && [a, b].every(({ dtype }) => dtype === "bool")) return;
        await expectSame((device) => call(name)(make(a, device), make(b, device)));
      }),
      runs,
    );
  });

  test.each(exactUnary)("%s", async (name) => {
    await fc.assert(
      fc.asyncProperty(anyArray, async ({ r }) => {
        if (name === "negative" && r.dtype === "bool") return;
        await expectSame((device) => call(name)(make(r, device)));
      }),
      runs,
    );
  });

  test.each(roundedUnary)("%s", async (name) => {
    await fc.assert(
      fc.asyncProperty(anyArray, ({ r }) => expectSame((device) => call(name)(make(r, device)), 8)),
      runs,
    );
  });

  test.each(reductions)("%s over any axis", async (name) => {
    const cases = fc
      .tuple(fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 3 }), anyType)
      .chain(([shape, dtype]) =>
        fc.tuple(
          recipe(shape, dtype, valuesFor(dtype)),
          fc.option(fc.integer({ min: 0, max: shape.length - 1 })),
          fc.boolean(),
        ),
      );
    // The order of additions differs.
    const ulps = name === "sum" || name === "prod" ? 1e4 : 0;
    await fc.assert(
      fc.asyncProperty(cases, ([r, axis, keepdims]) =>
        expectSame((device) => call(name)(make(r, device), { axis, keepdims }), ulps),
      ),
      { numRuns: 25 },
    );
  });

  test("softmax, row by row", async () => {
    const softmax = rowwise("test_softmax", (row, x) => {
      const shifted = k.exp(k.sub(x, row.max(x)));
      return k.div(shifted, row.sum(shifted));
    });
    const cases = fc
      .tuple(fc.integer({ min: 1, max: 6 }), fc.integer({ min: 1, max: 1500 }), floatTypes)
      .chain(([rows, columns, dtype]) => recipe([rows, columns], dtype, [0, 1, -1, 0.5, 2.75, -13.25]));
    await fc.assert(
      fc.asyncProperty(cases, (r) => expectSame((device) => softmax(make(r, device)), 16)),
      { numRuns: 10 },
    );
  });

  test("a reduction that ends with many operations", async () => {
    // Their results are variables of the shader, which must not be called as a type is.
    const steps = Array.from({ length: 40 }, (_, i) => i);
    const long = reduction("test_long", {
      map: (x: Expr) => x,
      combine: k.add,
      identity: 0,
      finish: (total) => steps.reduce((sum: Expr, i) => k.sub(k.mul(sum, -1), i % 3), total),
    });
    const x = [0.5, 1, -2, 8, 3, 5];
    await expectSame((device) => long(array(x, { device }).reshape([2, 3]), { axis: 1 }));
  });

  test("matmul of any layout, broadcast over batches", async () => {
    const size = fc.integer({ min: 1, max: 37 });
    const cases = fc
      .tuple(fc.constantFrom([], [3], [2, 1]), fc.constantFrom([], [1], [2, 3]), size, size, size)
      .chain(([p, q, m, n, inner]) =>
        fc.tuple(
          recipe([...p, m, inner], "float32", [0, 1, -1, 0.5, 2.75, -13.25]),
          recipe([...q, inner, n], "float32", [0, 1, -2, 0.25, 3]),
        ),
      );
    await fc.assert(
      // These sums are exact in float32 whatever their order.
      fc.asyncProperty(cases, ([a, b]) => expectSame((device) => matmul(make(a, device), make(b, device)))),
      { numRuns: 15 },
    );
  });

  test("several results, written in place", async () => {
    const rotate = elementwise("test_rotate", { scalars: ["c", "s"] }, (x, y, { c, s }) => [
      k.sub(k.mul(x, c), k.mul(y, s)),
      k.add(k.mul(x, s), k.mul(y, c)),
    ]);
    const writable = [1, -1, 2];
    await fc.assert(
      fc.asyncProperty(
        shapes.chain((shape) =>
          fc.tuple(recipe(shape, "float32", floats, writable), recipe(shape, "float32", floats, writable)),
        ),
        async ([a, b]) => {
          for (const part of [0, 1]) {
            await expectSame((device) => {
              const xy: [NdArray, NdArray] = [make(a, device), make(b, device)];
              rotate.into(xy, ...xy, { c: 0.5, s: 0.25 });
              return xy[part] as NdArray;
            });
          }
        },
      ),
      runs,
    );
  });

  test("rows taken by position, and broadcast views", async () => {
    const cases = fc
      .tuple(fc.integer({ min: 1, max: 9 }), fc.integer({ min: 1, max: 9 }), anyType)
      .chain(([rows, columns, dtype]) =>
        fc.tuple(
          recipe([rows, columns], dtype, valuesFor(dtype)),
          fc.array(fc.integer({ min: 0, max: rows - 1 }), { minLength: 1, maxLength: 12 }),
        ),
      );
    await fc.assert(
      fc.asyncProperty(cases, async ([r, positions]) => {
        await expectSame((device) => take(make(r, device), array(positions, { dtype: "int32", device }), { axis: 0 }));
        await expectSame((device) => moveaxis(broadcastTo(make(r, device), [2, ...make(r, device).shape]), 0, -1));
      }),
      runs,
    );
  });
});
