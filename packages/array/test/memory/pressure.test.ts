import { execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "@jest/globals";

// In a process of its own: jest's sandbox hides the garbage collector.
const array = fileURLToPath(new URL("../../dist/index.js", import.meta.url));

const kernel = fileURLToPath(new URL("../../dist/kernel/index.js", import.meta.url));

/** The most bytes that were live in a loop that makes `count` arrays of 4 MiB, and others, outside scopes. */
function peakOf(read: string, count = 640): number {
  const program = `
    const { memoryInfo, zeros } = await import(${JSON.stringify(array)});
    const { div, exp, rowwise, sub } = await import(${JSON.stringify(kernel)});
    const softmax = rowwise("softmax", (row, x) => div(exp(sub(x, row.max(x))), row.sum(exp(sub(x, row.max(x))))));
    for (let i = 0; i < ${count}; i++) {
      const x = zeros([2 ** 20]);
      ${read}
    }
    console.log(memoryInfo().cpu.peakBytes);`;
  return Number(execFileSync(process.execPath, ["--input-type=module", "-e", program], { encoding: "utf8" }));
}

describe("arrays outside scopes", () => {
  test("do not pile up in a loop that reads one now and then", () => {
    expect(peakOf("if (i % 4 === 0) await x.get(0).item();")).toBeLessThan(2 ** 29);
  });

  test("are not held on to by the kernels that ran on them", () => {
    // Every shape is new, so every reduction, row-wise kernel and strided copy makes a plan of its own.
    const work = "const y = zeros([2 ** 18 - i, 4]); y.sum({ axis: i % 2 }); y.T.copy(); softmax(y);";
    expect(peakOf(`${work} if (i % 4 === 0) await x.get(0).item();`, 100)).toBeLessThan(2 ** 29);
  });

  test("pile up in a loop that never lets the event loop turn: that is what scopes are for", () => {
    expect(peakOf("")).toBe(640 * 2 ** 22);
  });
});
