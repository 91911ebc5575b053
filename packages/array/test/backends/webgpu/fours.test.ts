/** Elementwise kernels that compute four neighbours at a time, where they begin and end. */
import { expect, test } from "@jest/globals";
import { fc } from "../../../../../testing/property.js";
import { arange, array, type DType, type NdArray } from "../../../src/index.js";
import * as nx from "../../../src/index.js";
import { elementwise } from "../../../src/kernel/index.js";
import * as k from "../../../src/kernel/ops.js";
import { describeGpu } from "./gpu.js";

const device = "webgpu";
const dtypes = fc.constantFrom<DType>("float32", "int32", "uint32", "float16", "uint8", "bool");

/** x + 2·y + position, and x alone. */
const mixed = elementwise("test_fours", { scalars: ["twice"] }, (x, y, { twice }) => [
  k.add(k.add(x, k.mul(twice, y)), k.cast(k.index, "float32")),
  x,
]);

/** So long that it is not written out four times. */
const long = elementwise("test_fours_long", (x) => k.sub(k.add(k.exp(x), k.exp(x)), k.mul(2, k.exp(x))));

/** `count` elements of a longer array, from `start`. */
function part(base: NdArray, start: number, count: number): NdArray {
  return nx.getItem(base, [nx.slice(start, start + count)]);
}

describeGpu("four elements at a time", () => {
  test("what lies before and behind a view stays", async () => {
    await fc.assert(
      fc.asyncProperty(
        dtypes,
        fc.integer({ min: 0, max: 9 }),
        fc.integer({ min: 1, max: 14 }),
        async (dtype, at, n) => {
          const base = nx.astype(arange(24, { device }), dtype);
          const before = [...(await base.data())];
          const value = dtype === "bool" ? 0 : 7;
          nx.copyto(part(base, at, n), array(value, { dtype, device }));
          expect([...(await base.data())]).toEqual(before.map((x, i) => (i >= at && i < at + n ? value : x)));
        },
      ),
      { numRuns: 60 },
    );
  });

  test("inputs at other positions, broadcast, or strided", async () => {
    const place = fc.constantFrom("whole", "shifted", "strided", "broadcast");
    await fc.assert(
      fc.asyncProperty(place, place, fc.integer({ min: 1, max: 30 }), async (first, second, n) => {
        const numbers = Array.from({ length: 100 }, (_, i) => ((i * 37) % 19) - 9);
        const positions = (kind: string, i: number): number =>
          kind === "whole" ? i : kind === "shifted" ? i + 3 : kind === "strided" ? 2 * i : 5;
        const view = (kind: string): NdArray => {
          const base = array(numbers, { dtype: "float32", device });
          if (kind === "whole") return part(base, 0, n);
          if (kind === "shifted") return part(base, 3, n);
          return kind === "strided" ? nx.getItem(base, [nx.slice(0, 2 * n, 2)]) : part(base, 5, 1);
        };
        const [sum, same] = mixed(view(first), nx.broadcastTo(view(second), [n]), { twice: 2 });
        const at = (kind: string, i: number): number => numbers[positions(kind, i)] as number;
        const count = first === "broadcast" && n === 1 ? 1 : n;
        const indices = Array.from({ length: count }, (_, i) => i);
        expect(await sum.tolist()).toEqual(indices.map((i) => at(first, i) + 2 * at(second, i) + i));
        expect((await same.tolist()) as number[]).toEqual(indices.map((i) => at(first, i)));
      }),
      { numRuns: 40 },
    );
  });

  test.each([8, 6])("rows of %d with a vector for all of them, in place and packed", async (columns) => {
    const numbers = Array.from({ length: 3 * columns }, (_, i) => i - 7);
    const x = array(numbers, { dtype: "float32", device }).reshape([3, columns]);
    const bias = arange(columns, { dtype: "float32", device });
    const expected = numbers.map((v, i) => v + (i % columns));
    expect([...(await nx.greater(nx.add(x, bias), 2).data())]).toEqual(expected.map((v) => (v > 2 ? 1 : 0)));
    nx.add(x, bias, { out: x });
    expect([...(await x.data())]).toEqual(expected);
  });

  test("long bodies, in float32 and float16", async () => {
    for (const dtype of ["float32", "float16"] as const) {
      const values = (await long(array([0, 1, 2, 3, -1, -2], { dtype, device })).tolist()) as number[];
      for (const value of values) expect(Math.abs(value)).toBeLessThan(1e-5);
    }
  });
});
