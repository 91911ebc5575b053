import { beforeAll, describe, expect, test } from "@jest/globals";
import { fc } from "../../../../../../testing/property.js";
import type { Backend } from "../../../../src/backend.js";
import { dtypes, type DType } from "../../../../src/dtype.js";
import { scope } from "../../../../src/memory/scope.js";
import type { NdArray } from "../../../../src/ndarray.js";
import type { Routines } from "../../../../src/routines.js";
import {
  bits,
  contiguous,
  double,
  element,
  length,
  make,
  sameBits,
  single,
  startThreads,
  triple,
} from "../generate/arrays.js";

function routines(backend: Backend): Routines {
  return backend.routines as Routines;
}

const table = fc
  .record({ dtype: fc.constantFrom<DType>(...dtypes), rows: fc.integer({ min: 1, max: 9 }), width: length })
  .chain(({ dtype, rows, width }) =>
    fc.record({
      dtype: fc.constant(dtype),
      rows: fc.constant(rows),
      width: fc.constant(width),
      elements: fc.array(element(dtype), { minLength: rows * width, maxLength: rows * width }),
      indices: fc.array(fc.integer({ min: 0, max: rows - 1 }), { minLength: 0, maxLength: 20 }),
    }),
  );

/** A matrix in the middle of some memory, whose surroundings can be looked at. */
function framed(dtype: DType, rows: number, width: number, fill: number, backend: Backend): NdArray {
  const frame = make(contiguous(dtype, new Array<number>(rows * width + 10).fill(fill)), backend);
  return frame.view([rows, width], [width, 1], 5);
}

describe("gather", () => {
  test("copies rows of any dtype and nothing else", () => {
    fc.assert(
      fc.property(table, ({ dtype, rows, width, elements, indices }) =>
        scope(() => {
          const x = make(contiguous(dtype, elements, [rows, width]), single);
          const out = framed(dtype, indices.length, width, 1, single);
          routines(single).gather(x, make(contiguous("int32", indices), single), out);
          const expected = indices.flatMap((row) => Array.from(bits(x).subarray(row * width, (row + 1) * width)));
          expect([...bits(out.base as NdArray)]).toEqual([1, 1, 1, 1, 1, ...expected, 1, 1, 1, 1, 1]);
        }),
      ),
      { numRuns: 200 },
    );
  });
});

describe("scatterAdd", () => {
  test("adds rows in order, and touches nothing else", () => {
    fc.assert(
      fc.property(table, ({ dtype, rows, width, indices }) => {
        if (dtype === "bool") return;
        scope(() => {
          const added = Array.from({ length: indices.length * width }, (_, i) => (i * 3) % 7);
          const x = make(contiguous(dtype, added, [indices.length, width]), single);
          const out = framed(dtype, rows, width, 2, single);
          routines(single).scatterAdd(x, make(contiguous("int32", indices), single), out);
          const expected = new Array<number>(rows * width).fill(2);
          indices.forEach((row, i) => {
            for (let c = 0; c < width; c++) (expected[row * width + c] as number) += added[i * width + c] as number;
          });
          expect([...(out.base as NdArray).dataSync()]).toEqual([2, 2, 2, 2, 2, ...expected, 2, 2, 2, 2, 2]);
        });
      }),
      { numRuns: 200 },
    );
  });

  test("uint8 wraps, float16 rounds at every addition", () => {
    scope(() => {
      const bytes = make(contiguous("uint8", [200, 100], [1, 2]), single);
      const rows = make(contiguous("int32", [0, 0]), single);
      routines(single).scatterAdd(make(contiguous("uint8", [100, 1, 200, 1], [2, 2]), single), rows, bytes);
      expect([...bytes.dataSync()]).toEqual([244, 102]);
      const halves = make(contiguous("float16", [2048, 1], [1, 2]), single);
      routines(single).scatterAdd(make(contiguous("float16", [1, 1, 1, 1], [2, 2]), single), rows, halves);
      expect([...halves.dataSync()]).toEqual([2048, 3]);
    });
  });
});

describe("scan", () => {
  test.each<[DType, "sum" | "prod", (a: number, b: number) => number]>([
    ["float32", "sum", (a, b) => Math.fround(a + b)],
    ["float32", "prod", (a, b) => Math.fround(a * b)],
    ["float64", "sum", (a, b) => a + b],
    ["int32", "prod", Math.imul],
    ["uint32", "sum", (a, b) => (a + b) >>> 0],
    ["uint8", "prod", (a, b) => (a * b) & 255],
  ])("running %s %s of rows", (dtype, operation, combine) => {
    for (const width of [1, 2, 3, 4, 5, 16, 33]) {
      scope(() => {
        const elements = Array.from({ length: 3 * width }, (_, i) => (i % 5) + 1);
        const x = make(contiguous(dtype, elements, [3, width]), single);
        const out = framed(dtype, 3, width, 9, single);
        routines(single).scan(x, out, operation);
        const expected: number[] = [];
        elements.forEach((value, i) =>
          expected.push(i % width === 0 ? value : combine(expected[i - 1] as number, value)),
        );
        expect([...(out.base as NdArray).dataSync()]).toEqual([9, 9, 9, 9, 9, ...expected, 9, 9, 9, 9, 9]);
      });
    }
  });
});

describe("several threads give what one gives", () => {
  beforeAll(startThreads);

  test("in every routine", () => {
    const [rows, width, count] = [300, 700, 900];
    const values = Array.from({ length: count * width }, (_, i) => Math.sin(i));
    const numbers = Array.from({ length: count }, (_, i) => (i * 71) % rows);
    scope(() => {
      const results = [single, double].map((backend) => {
        const x = make(contiguous("float32", values, [count, width]), backend);
        const indices = make(contiguous("int32", numbers), backend);
        const sums = framed("float32", rows, width, 0, backend);
        const taken = framed("float32", count, width, 0, backend);
        const running = framed("float32", count, width, 0, backend);
        routines(backend).scatterAdd(x, indices, sums);
        routines(backend).gather(sums, indices, taken);
        routines(backend).scan(x, running, "sum");
        return [sums, taken, running];
      });
      const [one, two] = results as [NdArray[], NdArray[]];
      one.forEach((array, i) => expect(sameBits(array, two[i] as NdArray)).toBe(true));
    });
  });

  test.each(["sum", "prod"] as const)("running %ss of rows that are cut into blocks", (operation) => {
    const [rows, columns] = [3, 400_003];
    const values = Array.from({ length: rows * columns }, (_, i) => {
      const spread = Math.sin(i * 1.7);
      return Math.fround(operation === "sum" ? spread : 1 + spread / 1e4);
    });
    scope(() => {
      const [one, three] = [single, triple].map((backend) => {
        const x = make(contiguous("float32", values, [rows, columns]), backend);
        const out = make(contiguous("float32", new Array<number>(rows * columns).fill(0), [rows, columns]), backend);
        routines(backend).scan(x, out, operation);
        return out;
      }) as [NdArray, NdArray];
      expect(sameBits(one, three)).toBe(true);
      let [exact, worst] = [0, 0];
      one.dataSync().forEach((value, i) => {
        if (i % columns === 0) exact = operation === "sum" ? 0 : 1;
        exact = operation === "sum" ? exact + (values[i] as number) : exact * (values[i] as number);
        worst = Math.max(worst, Math.abs(value - exact));
      });
      expect(worst).toBeLessThan(operation === "sum" ? 1e-4 : 1e-2);
    });
  });
});
