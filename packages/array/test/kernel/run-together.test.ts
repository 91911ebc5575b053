import { describe, expect, test } from "@jest/globals";
import { fc } from "../../../../testing/property.js";
import { DeviceError, InvalidType, ValueError } from "../../src/errors.js";
import { array, zeros } from "../../src/index.js";
import { add, elementwise, mul, reduction, runTogether, sub, type Expr } from "../../src/kernel/index.js";
import { scope } from "../../src/memory/scope.js";
import { memoryInfo } from "../../src/memory/storage.js";
import type { NdArray } from "../../src/methods.js";

const step = elementwise("momentum", { scalars: ["lr"] }, (p, g, v, { lr }) => {
  const next = sub(mul(0.9, v), mul(lr, g));
  return [add(p, next), next];
});

/** Numbers that differ from one array to the next. */
function numbers(size: number, seed: number): Float32Array {
  return Float32Array.from({ length: size }, (_, i) => Math.sin(seed + 1.7 * i));
}

describe.each(["cpu", "js"])("on %s", (device) => {
  const make = (size: number, seed: number): NdArray => array(numbers(size, seed), { device });

  /** Updates arrays of the given sizes by runs of their own, and together; both results. */
  function both(sizes: readonly number[]): [apart: number[][], together: number[][]] {
    return scope(() => {
      const sets = sizes.map((size, i) => [make(size, i), make(size, i + 0.3), make(size, i + 0.6)] as const);
      const copies = sets.map((set) => set.map((x) => x.copy()) as [NdArray, NdArray, NdArray]);
      const lr = (i: number): number => 0.1 + i / 100;
      copies.forEach(([p, g, v], i) => step.into([p, v], p, g, v, { lr: lr(i) }));
      runTogether(sets.map(([p, g, v], i) => step.prepare([p, v], p, g, v, { lr: lr(i) })));
      const values = (lists: readonly (readonly NdArray[])[]): number[][] =>
        lists.flatMap(([p, , v]) => [p, v].map((x) => [...(x as NdArray).dataSync()]));
      return [values(copies), values(sets)];
    });
  }

  test("as each by itself, to the bit, whatever the sizes", () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 70 }), { maxLength: 12 }), (sizes) => {
        const [apart, together] = both(sizes);
        expect(together).toEqual(apart);
      }),
      { numRuns: 50 },
    );
  });

  test("more runs than have room for their arguments at once", () => {
    const [apart, together] = both(Array.from({ length: 3000 }, (_, i) => i % 5));
    expect(together).toEqual(apart);
  });

  test("several kernels and layouts, and an operand that overlaps what is written", () => {
    const double = elementwise("double", (x) => mul(2, x));
    scope(() => {
      const x = make(6, 0);
      const shifted = x.view([5], [1], 1);
      const before = x.dataSync().slice();
      const square = make(9, 1).reshape(3, 3);
      const transposed = square.copy();
      const live = memoryInfo()[device]?.arrays;
      runTogether([
        double.prepare(x.view([5], [1], 0), shifted),
        double.prepare(transposed, square.T),
        double.prepare(make(0, 0), make(0, 0)),
      ]);
      expect(memoryInfo()[device]?.arrays).toBe((live ?? 0) + 2); // the two empty ones; the copy is freed
      expect([...x.dataSync()]).toEqual([...before.slice(1).map((v) => 2 * v), before[5]]);
      expect([...transposed.dataSync()]).toEqual([...square.T.copy().dataSync()].map((v) => 2 * v));
    });
  });

  describe("reductions", () => {
    const squares = reduction("squares", { map: (x: Expr) => mul(x, x), combine: add, identity: 0 });

    /** Sums over all, or over one axis, of arrays with these shapes, by runs of their own and together. */
    function sums(
      shapes: readonly (readonly number[])[],
      axis: number | null,
    ): [apart: number[][], together: number[][]] {
      return scope(() => {
        const xs = shapes.map((shape, i) =>
          make(
            shape.reduce((product, n) => product * n, 1),
            i,
          ).reshape([...shape]),
        );
        const outs = xs.map(({ shape }) => zeros(axis === null ? [] : shape.filter((_, k) => k !== axis), { device }));
        const apart = xs.map((x) => [...squares(x, { axis }).dataSync()]);
        runTogether(xs.map((x, i) => squares.prepare(outs[i] as NdArray, x, { axis })));
        return [apart, outs.map((out) => [...out.dataSync()])];
      });
    }

    test("as each by itself, to the bit, where threads share them and where they do not", () => {
      for (const sizes of [[1, 5, 0, 513, 1030], [400_000, 3, 0, 70_000, 512, 1, 1_000_000], [900_000]]) {
        const [apart, together] = sums(
          sizes.map((size) => [size]),
          null,
        );
        expect(together).toEqual(apart);
      }
    });

    test.each([0, 1])("over axis %i", (axis) => {
      const [apart, together] = sums(
        [
          [300, 7],
          [1, 3],
          [2000, 301],
          [5, 100_000],
          [0, 4],
        ],
        axis,
      );
      expect(together).toEqual(apart);
    });

    test("more runs than have room for their arguments at once", () => {
      const sizes = Array.from({ length: 1500 }, (_, i) => [i % 50 === 0 ? 20_000 : i % 600]);
      const [apart, together] = sums(sizes, null);
      expect(together).toEqual(apart);
    });

    test("what is wrong is said when a run is prepared", () => {
      expect(() => squares.prepare(zeros([3], { device }), make(6, 0).reshape([2, 3]), { axis: 1 })).toThrow(
        InvalidType,
      );
    });
  });

  test("what is wrong is said when a run is prepared", () => {
    const [p, q] = [make(3, 0), make(4, 0)];
    expect(() => step.prepare([p, p], p, q, p, { lr: 1 })).toThrow(ValueError);
    const other = array(numbers(3, 0), { device: device === "cpu" ? "js" : "cpu" });
    expect(() => step.prepare([p, p], p, other, p, { lr: 1 })).toThrow(DeviceError);
  });
});
