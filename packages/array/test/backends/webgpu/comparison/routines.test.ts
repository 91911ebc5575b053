/** Reductions, row-wise kernels and routines on webgpu and on the cpu, on any shapes and layouts. */
import { test } from "@jest/globals";
import { fc } from "../../../../../../testing/property.js";
import * as nx from "../../../../src/index.js";
import { rowwise } from "../../../../src/kernel/index.js";
import { div, exp, log, max, mul, sub } from "../../../../src/kernel/ops.js";
import { describeGpu } from "../gpu.js";
import { anyType, exactFloats, expectAllSame, floats, floatTypes, make, recipe, valuesFor } from "./arrays.js";

const runs = { numRuns: 12 };
const notNumbers = [NaN, Infinity, -Infinity];
const length = fc.integer({ min: 1, max: 40 });

/** Two axes, the second of which may be longer than a team of invocations. */
const rowsAndColumns = fc.tuple(
  fc.integer({ min: 1, max: 5 }),
  fc.oneof(length, length, fc.integer({ min: 250, max: 700 })),
);

/** Positions along an axis, from the end too. */
const positionsUpTo = (n: number): fc.Arbitrary<number[]> =>
  fc.array(fc.integer({ min: -n, max: n - 1 }), { minLength: 1, maxLength: 20 });

describeGpu("reductions and routines, webgpu against the cpu", () => {
  test("means, variances and sums without NaN", async () => {
    const cases = fc
      .tuple(fc.array(length, { minLength: 1, maxLength: 3 }), floatTypes, fc.boolean())
      .chain(([shape, dtype, special]) =>
        fc.tuple(
          recipe(shape, dtype, special ? floats : exactFloats),
          fc.option(fc.integer({ min: 0, max: shape.length - 1 })),
        ),
      );
    const close = { ulps: 32, absolute: 1e-5 };
    await fc.assert(
      fc.asyncProperty(cases, ([r, axis]) =>
        expectAllSame(
          (device) => {
            const x = make(r, device);
            return [nx.mean(x, { axis }), nx.var(x, { axis }), nx.nansum(x, { axis }), nx.logsumexp(x, { axis })];
          },
          [close, { ulps: 64, absolute: 1e-4 }, close, close],
        ),
      ),
      runs,
    );
  });

  test("rows that are normalized, NaN and infinities among them", async () => {
    const normalize = rowwise("compare_normalize", (row, x) => {
      const centred = sub(x, div(row.sum(x), row.size));
      const [largest, variance] = [row.max(x), div(row.sum(mul(centred, centred)), row.size)];
      const shifted = sub(x, largest);
      return [div(centred, max(variance, 1e-3)), sub(shifted, log(row.sum(exp(shifted))))];
    });
    const cases = fc
      .tuple(rowsAndColumns, floatTypes, fc.boolean())
      .chain(([shape, dtype, special]) =>
        recipe(shape, dtype, special ? [...exactFloats, 0, 1, 2, 0.25, ...notNumbers] : exactFloats),
      );
    const close = { ulps: 32, absolute: 1e-5 };
    await fc.assert(
      fc.asyncProperty(cases, (r) => expectAllSame((device) => normalize(make(r, device)), [close, close])),
      runs,
    );
  });

  test("running sums and products along any axis", async () => {
    const cases = fc
      .tuple(rowsAndColumns, anyType, fc.constantFrom(0, 1), fc.boolean())
      .chain(([shape, dtype, axis, special]) => {
        const values = dtype === "float16" ? [0, 1, -1] : dtype === "float32" ? exactFloats : valuesFor(dtype);
        return fc.tuple(
          recipe(shape, dtype, special && dtype === "float32" ? [...values, NaN] : values),
          fc.constant(axis),
        );
      });
    await fc.assert(
      fc.asyncProperty(cases, ([r, axis]) =>
        expectAllSame((device) => {
          const x = make(r, device);
          return [nx.cumsum(x, { axis }), nx.cumprod(nx.sign(x), { axis })];
        }),
      ),
      runs,
    );
  });

  test("order, sorted elements and the largest of them", async () => {
    const cases = fc
      .tuple(rowsAndColumns, anyType, fc.constantFrom(0, 1))
      .chain(([shape, dtype, axis]) =>
        fc.tuple(recipe(shape, dtype, valuesFor(dtype)), fc.constant(axis), fc.integer({ min: 1, max: shape[axis] })),
      );
    await fc.assert(
      fc.asyncProperty(cases, ([r, axis, k]) =>
        expectAllSame((device) => {
          const x = make(r, device);
          return [nx.argsort(x, { axis }), nx.sort(x, { axis }), ...nx.topk(x, k, { axis })];
        }),
      ),
      runs,
    );
  });

  test("elements taken by position, replaced, and added to", async () => {
    const cases = fc.tuple(fc.integer({ min: 1, max: 9 }), length, anyType).chain(([rows, columns, dtype]) =>
      fc.tuple(fc.constant(dtype), positionsUpTo(rows)).chain(([type, positions]) => {
        const floating = type.startsWith("float");
        const values = floating ? [...exactFloats, NaN, Infinity] : valuesFor(type);
        return fc.tuple(
          recipe([rows, columns], type, values),
          recipe([positions.length, columns], type, values),
          fc.constant(positions),
        );
      }),
    );
    await fc.assert(
      fc.asyncProperty(cases, ([r, added, positions]) =>
        expectAllSame((device) => {
          const index = nx.array(positions, { dtype: "int32", device });
          const [x, value] = [make(r, device), make(added, device)];
          const byRow = nx.broadcastTo(nx.reshape(index, [-1, 1]), value.shape);
          const replaced = nx.setItem(nx.copy(x), [index], value);
          return [
            nx.take(x, index, { axis: 0 }),
            nx.takeAlongAxis(x, byRow, 0),
            replaced,
            ...(r.dtype === "bool" ? [] : [nx.addAt(nx.copy(x), [index], value)]),
          ];
        }),
      ),
      runs,
    );
  });

  test("convolutions and their gradients", async () => {
    const axis = fc.record({
      ksize: fc.integer({ min: 1, max: 3 }),
      more: fc.integer({ min: 0, max: 6 }),
      stride: fc.integer({ min: 1, max: 2 }),
      pad: fc.integer({ min: 0, max: 2 }),
      dilate: fc.integer({ min: 1, max: 2 }),
    });
    const channels = fc.integer({ min: 1, max: 5 });
    const cases = fc
      .tuple(fc.tuple(axis, axis), fc.integer({ min: 1, max: 3 }), channels, channels, fc.constantFrom(1, 1, 2))
      .chain(([axes, batch, inputs, outputs, groups]) => {
        const options = {
          stride: axes.map(({ stride }) => stride),
          pad: axes.map(({ pad }) => pad),
          dilate: axes.map(({ dilate }) => dilate),
          groups,
        };
        const ksize = axes.map((a) => a.ksize);
        const insize = axes.map((a) => (a.ksize - 1) * a.dilate + 1 + a.more);
        const outsize = axes.map((a) => Math.floor((a.more + 2 * a.pad) / a.stride) + 1);
        const [C, O] = [inputs * groups, outputs * groups];
        // In one factor only: whether padding meets the other is not for this test to say.
        const special = [...exactFloats, ...exactFloats, ...exactFloats, NaN, Infinity];
        return fc.record({
          options: fc.constant(options),
          ksize: fc.constant(ksize),
          insize: fc.constant(insize),
          x: recipe([batch, C, ...insize], "float32", exactFloats),
          strange: recipe([batch, C, ...insize], "float32", special),
          w: recipe([O, inputs, ...ksize], "float32", exactFloats),
          gy: recipe([batch, O, ...outsize], "float32", exactFloats),
          strangeGy: recipe([batch, O, ...outsize], "float32", special),
        });
      });
    await fc.assert(
      fc.asyncProperty(cases, ({ options, ksize, insize, ...recipes }) =>
        expectAllSame((device) => {
          const w = make(recipes.w, device);
          return [recipes.x, recipes.strange].flatMap((x, i) => [
            nx.convolution(make(x, device), w, options),
            nx.convolutionGradInput(make(i === 0 ? recipes.gy : recipes.strangeGy, device), w, insize, options),
            nx.convolutionGradWeight(make(x, device), make(recipes.gy, device), ksize, options),
          ]);
        }),
      ),
      runs,
    );
  });
});
