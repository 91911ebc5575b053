import { describe, expect, test } from "@jest/globals";
import { readFileSync } from "node:fs";
import { inspect } from "node:util";
import * as nx from "../src/index.js";
import "./devices.js";

/** An array and how NumPy 1.24 prints it; `ramp` stands for 0, ramp, 2·ramp, … */
interface Printed {
  readonly dtype: nx.DType;
  readonly shape: readonly number[];
  readonly data?: readonly (number | string)[];
  readonly ramp?: number;
  readonly str: string;
  readonly repr: string;
}

const printed = JSON.parse(readFileSync(new URL("golden/printing.json", import.meta.url), "utf8")) as Printed[];

function arrayOf({ dtype, shape, data, ramp = 1 }: Printed): nx.NdArray {
  const size = shape.reduce((a, b) => a * b, 1);
  const values = data?.map(Number) ?? Array.from({ length: size }, (_, i) => i * ramp);
  return nx.array(Float64Array.from(values), { dtype }).reshape(shape);
}

/** Chain's `array()` makes float32 of numbers, NumPy's float64: each leaves out its own. */
function withoutDType(text: string): string {
  return text.replace(/,\s+dtype=float(32|64)\)$/, ")");
}

describe("printing", () => {
  test.each(printed.map((it, i) => [`${i}: ${it.dtype} (${it.shape.join(", ")})`, it] as const))("%s", (_, it) => {
    const x = arrayOf(it);
    expect(String(x)).toBe(it.str);
    expect(withoutDType(inspect(x))).toBe(withoutDType(it.repr));
    const own = it.dtype !== "float32" && it.dtype !== "bool";
    expect(inspect(x).includes("dtype=")).toBe(own || x.size === 0);
  });

  test("what cannot be read is described", () => {
    const x = nx.zeros([2, 3], { device: "deferred" });
    expect(String(x)).toBe("NdArray of shape (2, 3), float32, on deferred (await tolist() to see its elements)");
    const gone = nx.zeros(3);
    gone.dispose();
    expect(inspect(gone)).toBe("NdArray of shape (3,), float32, freed");
  });

  test("leaves nothing behind", () => {
    const x = nx.zeros([50, 50]);
    const before = nx.memoryInfo()["cpu"]?.arrays;
    String(x);
    expect(nx.memoryInfo()["cpu"]?.arrays).toBe(before);
  });
});
