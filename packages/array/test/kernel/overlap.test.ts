import { describe, expect, test } from "@jest/globals";
import { fromHost } from "../../src/creation/from-host.js";
import { add, div, elementwise, index, reduction, rowwise, sub, type Expr } from "../../src/kernel/index.js";
import { memoryInfo } from "../../src/memory/storage.js";
import { scope } from "../../src/memory/scope.js";

describe.each(["cpu", "js"])("results written over what they are made of, on %s", (device) => {
  const square = (): number[][] => [
    [1, 2, 3],
    [4, 5, 6],
    [7, 8, 9],
  ];

  /** Runs `body`, which must free what it makes besides its operands. */
  function withoutLeak(body: (x: ReturnType<typeof fromHost>) => void): void {
    scope(() => {
      const x = fromHost(square(), { device });
      const before = memoryInfo()[device]?.arrays;
      body(x);
      expect(memoryInfo()[device]?.arrays).toBe(before);
    });
  }

  test("a row-wise kernel of the transposed array", () => {
    const shares = rowwise("shares", (row, x) => div(x, row.sum(x)));
    withoutLeak((x) => {
      shares.into(x, x.view([3, 3], [1, 3], 0));
      const expected = [0, 1, 2].flatMap((i) => square().map((row) => Math.fround((row[i] ?? 0) / (12 + 3 * i))));
      expect([...x.dataSync()]).toEqual(expected);
    });
  });

  test("a reduction into a row of its operand", () => {
    const sum = reduction("sum", { map: (x: Expr) => x, combine: add, identity: 0 });
    withoutLeak((x) => {
      const row = x.view([3], [1], 0);
      sum.into(row, x, { axis: 1 });
      expect([...x.dataSync()]).toEqual([6, 15, 24, 4, 5, 6, 7, 8, 9]);
      row.dispose();
    });
  });

  test("an elementwise kernel of a shifted view, and of the same elements", () => {
    const difference = elementwise("difference", (x, y) => sub(x, y));
    withoutLeak((x) => {
      const [flat, from, to] = [x.view([9], [1], 0), x.view([8], [1], 0), x.view([8], [1], 1)];
      difference.into(to, to, from);
      expect([...flat.dataSync()]).toEqual([1, 1, 1, 1, 1, 1, 1, 1, 1]);
      difference.into(flat, flat, flat);
      expect([...flat.dataSync()]).toEqual([0, 0, 0, 0, 0, 0, 0, 0, 0]);
      for (const view of [flat, from, to]) view.dispose();
    });
  });

  test("a kernel that reads the output's memory at computed positions", () => {
    const reverse = elementwise("reverse", { uints: ["last"], buffers: ["table"] }, (x, { last, table }) =>
      add(table.at(sub(last, index)), sub(x, x)),
    );
    withoutLeak((x) => {
      const flat = x.view([9], [1], 0);
      reverse.into(flat, flat, { last: 8, table: flat });
      expect([...x.dataSync()]).toEqual([9, 8, 7, 6, 5, 4, 3, 2, 1]);
      flat.dispose();
    });
  });
});
