/** The same calls on webgpu and on the cpu, on arrays that fast-check makes up. */
import { expect, test } from "@jest/globals";
import fc from "fast-check";
import { array, broadcastTo, matmul, moveaxis, take, type DType, type NdArray } from "../../../src/index.js";
import * as nx from "../../../src/index.js";
import { elementwise, rowwise } from "../../../src/kernel/index.js";
import * as k from "../../../src/kernel/ops.js";
import { describeGpu } from "./gpu.js";

const floats = [0, -0, 1, -1, 0.5, 2.75, -13.25, 1e-3, 3e4, NaN, Infinity, -Infinity];
const integers = [0, 1, 2, 3, 7, 100, 255];

/** An array as the recipe to make it on a device: stored elements, then a view of them. */
interface Recipe {
  readonly dtype: DType;
  readonly stored: number[];
  readonly storedShape: number[];
  readonly order: number[];
  readonly steps: number[];
}

function recipe(shape: number[], dtype: DType, values: readonly number[]): fc.Arbitrary<Recipe> {
  return fc
    .tuple(
      fc.shuffledSubarray(
        shape.map((_, axis) => axis),
        { minLength: shape.length },
      ),
      fc.array(fc.constantFrom(1, 1, -1, 2), { minLength: shape.length, maxLength: shape.length }),
    )
    .chain(([order, steps]) => {
      // Axis i of the view is axis order[i] of what is stored.
      const storedShape = shape.map(() => 0);
      order.forEach((at, axis) => (storedShape[at] = (shape[axis] as number) * Math.abs(steps[axis] as number)));
      const size = storedShape.reduce((a, b) => a * b, 1);
      return fc
        .array(fc.constantFrom(...values), { minLength: size, maxLength: size })
        .map((stored) => ({ dtype, stored, storedShape, order, steps }));
    });
}

function make({ dtype, stored, storedShape, order, steps }: Recipe, device: string): NdArray {
  const base = array(stored, { dtype, device }).reshape(storedShape);
  const slices = storedShape.map((_, at) => nx.slice(null, null, steps[order.indexOf(at)] as number));
  return nx.transpose(nx.getItem(base, slices), order);
}

const shapes = fc.array(fc.integer({ min: 1, max: 5 }), { minLength: 0, maxLength: 4 });
const floatTypes = fc.constantFrom<DType>("float32", "float32", "float16");
const anyType = fc.constantFrom<DType>("float32", "float16", "int32", "uint32", "uint8", "bool");

function valuesFor(dtype: DType): readonly number[] {
  if (dtype === "bool") return [0, 1];
  return dtype === "float32" || dtype === "float16" ? floats : integers;
}

/** An array of any dtype and layout. */
const anyArray = fc
  .tuple(shapes, anyType)
  .chain(([shape, dtype]) => recipe(shape, dtype, valuesFor(dtype)).map((r) => ({ shape, r })));

/** Fails unless both devices give the same, floats within `ulps` of float32. */
async function expectSame(compute: (device: string) => NdArray, ulps = 0): Promise<void> {
  const [actual, expected] = [compute("webgpu"), compute("cpu")];
  expect([actual.dtype, actual.shape]).toEqual([expected.dtype, expected.shape]);
  const [a, b] = [await actual.data(), await expected.data()];
  const unit = expected.dtype === "float16" ? 2 ** -10 : 2 ** -23;
  for (let i = 0; i < b.length; i++) {
    const [x, y] = [a[i] as number, b[i] as number];
    if (x === y || (Number.isNaN(x) && Number.isNaN(y))) continue;
    if (Math.abs(x - y) <= ulps * unit * Math.max(Math.abs(y), 2 ** -126)) continue;
    throw new Error(`element ${i} of shape (${expected.shape.join()}): ${x} on webgpu, ${y} on the cpu`);
  }
}

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
      fc.asyncProperty(cases, (r) => expectSame((device) => softmax(make(r, device)), 64)),
      { numRuns: 10 },
    );
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
    await fc.assert(
      fc.asyncProperty(
        shapes.chain((shape) => fc.tuple(recipe(shape, "float32", floats), recipe(shape, "float32", floats))),
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
