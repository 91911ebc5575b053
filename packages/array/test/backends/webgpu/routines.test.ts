import { expect, test } from "@jest/globals";
import { fc } from "../../../../../testing/property.js";
import { addAt, array, cumprod, cumsum, type DType, type NdArray } from "../../../src/index.js";
import { describeGpu } from "./gpu.js";

async function onBoth(compute: (device: string) => NdArray): Promise<[number[], number[]]> {
  return [[...(await compute("webgpu").data())], [...(await compute("cpu").data())]];
}

describeGpu("routines of webgpu against the cpu", () => {
  test("scatterAdd of few and many columns, with repeated rows", async () => {
    const cases = fc
      .tuple(fc.integer({ min: 1, max: 70 }), fc.integer({ min: 2, max: 40 }), fc.integer({ min: 1, max: 60 }))
      .chain(([rows, width, count]) =>
        fc.tuple(
          fc.constant([rows, width, count] as const),
          fc.array(fc.nat(rows - 1), { minLength: count, maxLength: count }),
          fc.constantFrom<DType>("float32", "int32", "uint8", "float16"),
        ),
      );
    await fc.assert(
      fc.asyncProperty(cases, async ([[rows, width, count], positions, dtype]) => {
        const [actual, expected] = await onBoth((device) => {
          const numbers = (n: number): number[] => Array.from({ length: n }, (_, i) => (i * 7) % 11);
          const table = array(numbers(rows * width), { dtype, device }).reshape([rows, width]);
          const values = array(numbers(count * width), { dtype, device }).reshape([count, width]);
          addAt(table, [array(positions, { dtype: "int32", device })], values);
          return table;
        });
        expect(actual).toEqual(expected);
      }),
      { numRuns: 30 },
    );
  });

  test.each([1, 7, 256, 511, 512, 513, 2000])("running sums and products of rows of %d", async (length) => {
    for (const rows of [1, 3, 70]) {
      for (const dtype of ["float32", "int32"] as const) {
        const [sums, expectedSums] = await onBoth((device) => {
          const numbers = Array.from({ length: rows * length }, (_, i) => ((i * 7) % 11) - 5);
          return cumsum(array(numbers, { dtype, device }).reshape([rows, length]), { axis: 1 });
        });
        expect(sums).toEqual(expectedSums);
      }
      const [products, expectedProducts] = await onBoth((device) => {
        const numbers = Array.from({ length: rows * length }, (_, i) => (i % 3 === 0 ? -1 : i % 2 === 0 ? 2 : 0.5));
        return cumprod(array(numbers, { dtype: "float32", device }).reshape([rows, length]), { axis: 1 });
      });
      expect(products).toEqual(expectedProducts);
    }
  });
});
