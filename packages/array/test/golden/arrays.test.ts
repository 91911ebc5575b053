import { describe, expect, test } from "@jest/globals";
import { errorNamed, expectGolden, functionNamed, goldenCases, runCase } from "./golden.js";

const cases = goldenCases();

describe("NumPy's results", () => {
  for (const golden of cases.filter(({ name }) => functionNamed(name) !== undefined)) {
    test(`${golden.id}${golden.note === undefined ? "" : `: ${golden.note}`}`, () => {
      if (golden.raises === undefined) expectGolden(runCase(golden), golden);
      else expect(() => runCase(golden)).toThrow(errorNamed(golden.raises));
    });
  }
});
