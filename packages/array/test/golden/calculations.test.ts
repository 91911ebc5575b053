import { describe, expect, test } from "@jest/globals";
import { errorNamed, expectGolden, goldenCases, runCase } from "./golden.js";

describe("NumPy's results: calculations.json", () => {
  for (const golden of goldenCases("calculations.json")) {
    test(`${golden.id}${golden.note === undefined ? "" : `: ${golden.note}`}`, () => {
      if (golden.raises === undefined) expectGolden(runCase(golden), golden);
      else expect(() => runCase(golden)).toThrow(errorNamed(golden.raises));
    });
  }
});
