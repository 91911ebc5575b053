import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { dtypes, type DType } from "../../../../src/dtype.js";
import { scope } from "../../../../src/memory/scope.js";
import { bits, build, kernelOf, length, make, operand, oracle, single, tree } from "./arrays.js";

const dtype = fc.constantFrom(...dtypes);
const shape = fc.oneof(
  fc.tuple(length),
  fc.tuple(length, length),
  fc.tuple(fc.integer({ min: 1, max: 4 }), length, fc.integer({ min: 1, max: 9 })),
);

describe("random expressions are what plain JavaScript computes, to the bit", () => {
  const problem = (types: fc.Arbitrary<DType>, plain: boolean) =>
    fc.tuple(shape, fc.array(types, { minLength: 1, maxLength: 3 })).chain(([dims, inputTypes]) =>
      fc.record({
        dims: fc.constant(dims),
        types: fc.constant(inputTypes),
        operands: fc.tuple(...inputTypes.map((type) => operand(dims, type, plain))),
        trees: fc.array(tree(inputTypes.length, { position: true }), { minLength: 1, maxLength: 2 }),
      }),
    );

  test.each([
    ["float32, contiguous", fc.constant<DType>("float32"), true],
    ["float32, any layout", fc.constant<DType>("float32"), false],
    ["any dtypes, any layout", dtype, false],
  ])("%s", (_, types, plain) => {
    fc.assert(
      fc.property(problem(types, plain), ({ operands, trees, types: inputTypes }) => {
        const kernel = kernelOf(inputTypes.length, (inputs) => trees.map((t) => build(t, inputs, inputTypes)));
        scope(() => {
          const expected = kernel(...operands.map((spec) => make(spec, oracle)));
          const actual = kernel(...operands.map((spec) => make(spec, single)));
          expected.forEach((array, i) => {
            expect(actual[i]?.dtype).toBe(array.dtype);
            expect(bits(actual[i] as typeof array)).toEqual(bits(array));
          });
        });
      }),
      { numRuns: 400 },
    );
  });
});
