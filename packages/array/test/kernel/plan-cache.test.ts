import { describe, expect, test } from "@jest/globals";
import { fromHost } from "../../src/creation/from-host.js";
import { add, reduction, rowwise, sub, type Expr } from "../../src/kernel/index.js";
import { PlanCache } from "../../src/kernel/plan-cache.js";

describe("PlanCache", () => {
  const a = fromHost([
    [1, 2],
    [3, 4],
  ]);
  const transposed = a.view([2, 2], [1, 2], 0);

  test("finds a plan for the same layout only", () => {
    const cache = new PlanCache<string>();
    cache.add([a, 2], 0, false, "plan");
    expect(cache.find([a, 7], 0, false)).toBe("plan");
    expect(
      cache.find(
        [
          fromHost([
            [5, 6],
            [7, 8],
          ]),
          2,
        ],
        0,
        false,
      ),
    ).toBe("plan");
    expect(cache.find([a, 0.5], 0, false)).toBeUndefined();
    expect(cache.find([a, a], 0, false)).toBeUndefined();
    expect(cache.find([transposed, 2], 0, false)).toBeUndefined();
    expect(
      cache.find(
        [
          fromHost(
            [
              [1, 2],
              [3, 4],
            ],
            { dtype: "int32" },
          ),
          2,
        ],
        0,
        false,
      ),
    ).toBeUndefined();
    expect(
      cache.find(
        [
          fromHost(
            [
              [1, 2],
              [3, 4],
            ],
            { device: "js" },
          ),
          2,
        ],
        0,
        false,
      ),
    ).toBeUndefined();
    expect(cache.find([a, 2], 1, false)).toBeUndefined();
    expect(cache.find([a, 2], [0], false)).toBeUndefined();
    expect(cache.find([a, 2], 0, true)).toBeUndefined();
    expect(cache.find([a, 2, a], 0, false)).toBeUndefined();
  });

  test("forgets what was not used lately", () => {
    const cache = new PlanCache<number>();
    for (let axis = 0; axis < 20; axis++) cache.add([a], axis, false, axis);
    const found = Array.from({ length: 20 }, (_, axis) => cache.find([a], axis, false)).filter((p) => p !== undefined);
    expect(found.length).toBeLessThanOrEqual(8);
    expect(found).toContain(19);
  });

  test("kernels give the right result when layouts alternate", () => {
    const sum = reduction("sum", { map: (x: Expr) => x, combine: add, identity: 0 });
    const center = rowwise("center", (row, x) => sub(x, row.mean(x)));
    for (let round = 0; round < 3; round++) {
      expect(sum(a, { axis: 0 }).tolistSync()).toEqual([4, 6]);
      expect(sum(transposed, { axis: 0 }).tolistSync()).toEqual([3, 7]);
      expect(sum(a, { axis: [0, 1] }).tolistSync()).toBe(10);
      expect(sum(a, { axis: 1, keepdims: true }).tolistSync()).toEqual([[3], [7]]);
      expect(center(a).tolistSync()).toEqual([
        [-0.5, 0.5],
        [-0.5, 0.5],
      ]);
      expect(center(transposed).tolistSync()).toEqual([
        [-1, 1],
        [-1, 1],
      ]);
      expect(center(a, { axis: 0 }).tolistSync()).toEqual([
        [-1, -1],
        [1, 1],
      ]);
    }
  });
});
