import { describe, expect, test } from "@jest/globals";
import { errorNamed, expectGolden, functionNamed, goldenCases, runCase } from "./golden.js";

describe.each(["arrays.json", "shapes.json"])("NumPy's results: %s", (file) => {
  for (const golden of goldenCases(file).filter(({ name }) => functionNamed(name) !== undefined)) {
    test(`${golden.id}${golden.note === undefined ? "" : `: ${golden.note}`}`, () => {
      if (golden.raises === undefined) expectGolden(runCase(golden), golden);
      else expect(() => runCase(golden)).toThrow(errorNamed(golden.raises));
    });
  }
});
