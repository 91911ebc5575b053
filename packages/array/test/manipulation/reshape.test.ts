import { describe, expect, test } from "@jest/globals";
import { fc } from "../../../../testing/property.js";
import * as nx from "../../src/index.js";
import { laidOut, layouts, shapes } from "../indexing/arbitraries.js";

/** Shapes that hold `size` elements, some axes of length 1 among them. */
function factorizations(size: number): fc.Arbitrary<number[]> {
  return fc.array(fc.integer({ min: 1, max: 4 }), { maxLength: 4 }).map((wanted) => {
    const shape: number[] = [];
    let rest = size;
    for (const n of wanted) {
      if (rest % n !== 0) continue;
      shape.push(n);
      rest /= n;
    }
    return [...shape, rest];
  });
}

const sizeOf = (shape: readonly number[]): number => shape.reduce((a, b) => a * b, 1);

/** Whether strides exist, found out by trying: the element number must be linear in the position. */
function isExpressible(x: nx.NdArray, shape: readonly number[]): boolean {
  const offsets: number[] = [];
  const walk = (axis: number, at: number): void => {
    if (axis === x.ndim) offsets.push(at);
    else for (let i = 0; i < (x.shape[axis] as number); i++) walk(axis + 1, at + i * (x.strides[axis] as number));
  };
  walk(0, 0);
  let step = 1;
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    const n = shape[axis] as number;
    for (let k = 0; k + step < offsets.length; k++) {
      const position = Math.floor(k / step) % n;
      if (position === n - 1) continue;
      if (
        (offsets[k + step] as number) - (offsets[k] as number) !==
        (offsets[step] as number) - (offsets[0] as number)
      ) {
        return false;
      }
    }
    step *= n;
  }
  return true;
}

describe("reshape", () => {
  test("keeps C order, and copies only where no strides will do", () => {
    const cases = shapes(0, 4, 4).chain((shape) =>
      fc.tuple(
        fc.constant(shape),
        layouts(shape.length),
        sizeOf(shape) === 0 ? fc.constant([...shape, 1]) : factorizations(sizeOf(shape)),
      ),
    );
    fc.assert(
      fc.property(cases, ([shape, layout, target]) => {
        const x = laidOut(shape, layout);
        const result = nx.reshape(x, target);
        expect(result.shape).toEqual(target);
        expect([...result.dataSync()]).toEqual([...x.dataSync()]);
        if (x.size > 0) expect(result.storage === x.storage).toBe(isExpressible(x, target));
      }),
      { numRuns: 1000 },
    );
  });

  test("in Fortran's order is the transpose of C's order of the transpose", () => {
    const cases = shapes(1, 3, 4).chain((shape) =>
      fc.tuple(
        fc.constant(shape),
        layouts(shape.length),
        sizeOf(shape) === 0 ? fc.constant([...shape, 1]) : factorizations(sizeOf(shape)),
      ),
    );
    fc.assert(
      fc.property(cases, ([shape, layout, target]) => {
        const x = laidOut(shape, layout);
        const expected = nx.copy(x.T).reshape(target.toReversed()).T;
        const result = nx.reshape(x, target, { order: "F" });
        expect(result.tolistSync()).toEqual(expected.tolistSync());
      }),
    );
  });

  test("views write through, copies do not", () => {
    const x = nx.zeros([2, 6]);
    x.reshape(3, 4).set(0, 1);
    expect(x.tolistSync()).toEqual([
      [1, 1, 1, 1, 0, 0],
      [0, 0, 0, 0, 0, 0],
    ]);
    x.T.reshape(12).set(0, 7);
    expect(x.get(0, 0).itemSync()).toBe(1);
  });

  test("resolves one -1", () => {
    expect(nx.zeros([2, 6]).reshape(-1, 4).shape).toEqual([3, 4]);
    expect(nx.zeros([]).reshape(-1).shape).toEqual([1]);
    expect(nx.zeros([0, 3]).reshape(3, -1).shape).toEqual([3, 0]);
    expect(nx.reshape(nx.zeros(6), 6).shape).toEqual([6]);
  });

  test("refuses shapes that do not fit", () => {
    const x = nx.zeros([2, 3]);
    expect(() => x.reshape(4)).toThrow("reshape: an array of 6 elements does not fit into shape (4,)");
    expect(() => x.reshape(-1, -1)).toThrow(nx.ValueError);
    expect(() => x.reshape(-1, 4)).toThrow(nx.ValueError);
    expect(() => x.reshape(2.5, 2)).toThrow(nx.ValueError);
    expect(() => nx.zeros([0, 3]).reshape(0, -1)).toThrow(nx.ValueError);
  });

  test("ravel is a view where it can be, flatten never is", () => {
    const x = nx.arange(6).reshape(2, 3);
    expect(x.ravel().storage).toBe(x.storage);
    expect(x.flatten().storage).not.toBe(x.storage);
    expect(x.T.ravel().tolistSync()).toEqual([0, 3, 1, 4, 2, 5]);
    expect(x.flatten({ order: "F" }).tolistSync()).toEqual([0, 3, 1, 4, 2, 5]);
  });

  test("a copy that was disposed of gives its memory back", () => {
    const x = nx.arange(6).reshape(2, 3);
    const before = nx.memoryInfo()[x.device]?.arrays;
    for (const order of ["C", "F"] as const) {
      x.T.reshape([6], { order }).dispose();
      x.reshape([6], { order }).dispose();
      x.flatten({ order }).dispose();
    }
    expect(nx.memoryInfo()[x.device]?.arrays).toBe(before);
  });
});
