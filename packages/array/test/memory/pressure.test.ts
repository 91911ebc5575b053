import { execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "@jest/globals";

// In a process of its own: jest's sandbox hides the garbage collector.
const array = fileURLToPath(new URL("../../dist/index.js", import.meta.url));

/** The most bytes that were live in a loop that makes 2.5 GiB of arrays outside scopes. */
function peakOf(read: string): number {
  const program = `
    const { memoryInfo, zeros } = await import(${JSON.stringify(array)});
    for (let i = 0; i < 640; i++) {
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

  test("pile up in a loop that never lets the event loop turn: that is what scopes are for", () => {
    expect(peakOf("")).toBe(640 * 2 ** 22);
  });
});
