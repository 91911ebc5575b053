import { describe, expect, test } from "@jest/globals";
import { fc } from "../../../../../../testing/property.js";
import type { DType } from "../../../../src/dtype.js";
import { broadcastStrides } from "../../../../src/kernel/layout.js";
import { scope } from "../../../../src/memory/scope.js";
import type { NdArray } from "../../../../src/ndarray.js";
import type { MatmulEpilogue } from "../../../../src/routines.js";
import { contiguous, double, make, operand, type ArraySpec } from "../generate/arrays.js";

const plain: MatmulEpilogue = { bias: null, activation: "none", accumulate: false };

function multiply(a: NdArray, b: NdArray, out: NdArray, epilogue: MatmulEpilogue): boolean {
  const { matmul } = double.routines;
  if (matmul === undefined) throw new Error("the CPU backend has no matmul");
  return matmul(a, b, out, epilogue);
}

/** Small whole numbers, so that every order of summation gives the exact result. */
function whole(spec: ArraySpec): ArraySpec {
  return { ...spec, elements: spec.elements.map((_, i) => ((i * 7) % 11) - 5) };
}

function broadcast(array: NdArray, shape: readonly number[]): NdArray {
  return array.view(shape, broadcastStrides(array, shape), array.offset);
}

describe("matmul", () => {
  const size = fc.integer({ min: 1, max: 9 });
  const problem = fc
    .record({
      batch: fc.array(fc.integer({ min: 1, max: 3 }), { maxLength: 3 }),
      m: size,
      n: size,
      k: size,
      dtype: fc.constantFrom<DType>("float32", "float64", "int32"),
      bias: fc.boolean(),
      relu: fc.boolean(),
      accumulate: fc.boolean(),
    })
    .chain((p) =>
      fc
        .tuple(operand([...p.batch, p.m, p.k], p.dtype), operand([...p.batch, p.k, p.n], p.dtype))
        .map(([a, b]) => ({ ...p, a, b })),
    );

  test("any layout, batch axes and epilogue", () => {
    fc.assert(
      fc.property(problem, ({ batch, m, n, k, dtype, bias, relu, accumulate, a, b }) =>
        scope(() => {
          const left = broadcast(make(whole(a), double), [...batch, m, k]);
          const right = broadcast(make(whole(b), double), [...batch, k, n]);
          const matrices = batch.reduce((x, y) => x * y, 1);
          const before = Array.from({ length: matrices * m * n }, (_, i) => (i % 5) - 2);
          const added = Array.from({ length: n }, (_, i) => i - 3);
          const out = make(contiguous(dtype, before, [...batch, m, n]), double);
          multiply(left, right, out, {
            bias: bias ? make(contiguous(dtype, added), double) : null,
            activation: relu ? "relu" : "none",
            accumulate,
          });
          const [x, y] = [left.dataSync(), right.dataSync()];
          const expected = before.map((old, at) => {
            const [matrix, row, column] = [Math.floor(at / (m * n)), Math.floor(at / n) % m, at % n];
            let sum = (accumulate ? old : 0) + (bias ? (added[column] as number) : 0);
            for (let i = 0; i < k; i++) {
              sum += (x[(matrix * m + row) * k + i] as number) * (y[(matrix * k + i) * n + column] as number);
            }
            return relu && sum < 0 ? 0 : sum;
          });
          expect([...out.dataSync()].map((v) => v + 0)).toEqual(expected.map((v) => v + 0));
        }),
      ),
      { numRuns: 300 },
    );
  });

  test("dtypes that it does not know are declined", () => {
    scope(() => {
      const half = make(contiguous("float16", [1, 2, 3, 4], [2, 2]), double);
      expect(multiply(half, half, half, plain)).toBe(false);
      expect([...half.dataSync()]).toEqual([1, 2, 3, 4]);
    });
  });
});
