/** Every operation and conversion of the kernel language on webgpu and on the cpu, several in one kernel. */
import { expect, test } from "@jest/globals";
import { fc } from "../../../../../../testing/property.js";
import type { Tolerance } from "../../../../src/conformance/compare.js";
import { resultType, toleranceOf } from "../../../../src/conformance/oracle.js";
import { dtypes, isFloating, type DType, type NdArray } from "../../../../src/index.js";
import { bitcast, cast, elementwise, type Expr } from "../../../../src/kernel/index.js";
import { arityOf, opNames, type OpName } from "../../../../src/kernel/ops-table.js";
import { describeGpu } from "../gpu.js";
import { expectAllSame, make, recipe, type Recipe } from "./arrays.js";

/** Results of a kernel: many, so that there are few to compile, and no more than there are buffers to bind. */
const together = 6;
const runs = { numRuns: 5 };

const onGpu = dtypes.filter((dtype) => dtype !== "float64");
const specials = [0, -0, 1, -1, 0.5, -0.5, 2.5, -7, NaN, Infinity, -Infinity, 87, -1e10, 3e38, 1e-30];
const whole: Partial<Record<DType, readonly number[]>> = {
  bool: [0, 1],
  uint8: [0, 1, 2, 7, 31, 33, 128, 255],
  int32: [0, 1, -1, 2, -7, 31, 33, 65536, 123456789, 2 ** 31 - 1, -(2 ** 31)],
  uint32: [0, 1, 2, 7, 31, 33, 65536, 123456789, 2 ** 31, 2 ** 32 - 1],
};

/** Numbers of many sizes, none so small that a device may take it for 0. */
const someFloats = fc
  .array(
    fc
      .tuple(fc.integer({ min: -(2 ** 24), max: 2 ** 24 }), fc.integer({ min: 14, max: 28 }))
      .map(([m, e]) => m / 2 ** e),
    { minLength: 30, maxLength: 30 },
  )
  .map((values) => [...specials, ...values]);

/** Arrays of one shape, each in a layout of its own. */
function arraysOf(types: readonly DType[], usable: (x: number) => boolean = () => true): fc.Arbitrary<Recipe[]> {
  return fc
    .tuple(fc.integer({ min: 1, max: 7 }), fc.integer({ min: 1, max: 30 }), someFloats)
    .chain(([rows, columns, values]) =>
      fc.tuple(...types.map((dtype) => recipe([rows, columns], dtype, whole[dtype] ?? values.filter(usable)))),
    );
}

/** The operations on operands of a dtype that give this dtype or bool, in groups of as many operands. */
function groupsOf(dtype: DType): OpName[][] {
  const all = opNames.filter((op) => [dtype, "bool"].includes(resultType(op, dtype) ?? ""));
  return [1, 2, 3].flatMap((arity) => {
    const ops = all.filter((op) => arityOf(op) === arity);
    return Array.from({ length: Math.ceil(ops.length / together) }, (_, i) =>
      ops.slice(i * together, (i + 1) * together),
    );
  });
}

/** A kernel that computes all of a group's operations. */
function kernelOf(ops: readonly OpName[], arity: number): (operands: readonly NdArray[]) => readonly NdArray[] {
  const all = (...args: Expr[]): Expr[] => ops.map((op) => ({ kind: "op", op, args }));
  const name = `compare_${ops.join("_")}`;
  const unary = elementwise(name, (a) => all(a));
  const binary = elementwise(name, (a, b) => all(a, b));
  const ternary = elementwise(name, (a, b, c) => all(a, b, c));
  return (operands) => {
    const [a, b, c] = operands as [NdArray, NdArray, NdArray];
    return arity === 1 ? unary(a) : arity === 2 ? binary(a, b) : ternary(a, b, c);
  };
}

/** Both devices may be off by as much as one may. */
function twice({ ulps = 0, absolute = 0 }: Tolerance, dtype: DType): Tolerance {
  return { ulps: dtype === "float16" ? ulps : 2 * ulps, absolute: 2 * absolute };
}

describeGpu("the kernel language, webgpu against the cpu", () => {
  const groups = onGpu.flatMap((dtype) => groupsOf(dtype).map((ops) => [dtype, ops] as const));

  test("every operation is there, in every dtype", () => {
    expect(new Set(groups.flatMap(([, ops]) => ops))).toEqual(new Set(opNames));
  });

  test.each(groups)("%s: %p", async (dtype, ops) => {
    const arity = arityOf(ops[0] as OpName);
    const types: DType[] = Array.from({ length: arity }, (_, i) => (arity === 3 && i === 0 ? "bool" : dtype));
    // The gamma functions have poles between which single precision has little to say.
    const gamma = ops.some((op) => op === "lgamma" || op === "digamma");
    const kernel = kernelOf(ops, arity);
    const tolerances = ops.map((op) => twice(toleranceOf(op, resultType(op, dtype) ?? "bool"), dtype));
    await fc.assert(
      fc.asyncProperty(
        arraysOf(types, (x) => !gamma || !(x < -20)),
        (recipes) =>
          expectAllSame(
            (device) => kernel(recipes.map((r) => make(r, device))),
            tolerances,
            (k) => ops[k] as string,
          ),
      ),
      runs,
    );
  });

  test.each(onGpu)("conversions of %s", async (dtype) => {
    const convert = elementwise("compare_casts", (x) => onGpu.map((to) => cast(x, to)));
    const bits = elementwise("compare_bits", (x) => [bitcast(x, "int32"), bitcast(x, "uint32"), bitcast(x, "float32")]);
    await fc.assert(
      // NaNs have more than one pattern of bits.
      fc.asyncProperty(
        arraysOf([dtype], (x) => !Number.isNaN(x)),
        async ([r]) => {
          await expectAllSame((device) => convert(make(r as Recipe, device)));
          if (!isFloating(dtype) || dtype === "float16") return;
          await expectAllSame((device) => bits(make(r as Recipe, device)).slice(0, 2));
        },
      ),
      runs,
    );
  });
});
