import { beforeAll, describe, expect, test } from "@jest/globals";
import { setDefaultDevice } from "../../src/index.js";
import { readableDevices } from "../devices.js";
import { errorNamed, expectGolden, functionNamed, goldenCases, runCase } from "./golden.js";

const files = ["arrays.json", "shapes.json"];

test.each(files)("Chain has the functions of %s", (file) => {
  const missing = goldenCases(file).filter(({ name }) => functionNamed(name) === undefined);
  expect(missing.map(({ name }) => name)).toEqual([]);
});

describe.each(readableDevices)("NumPy's results on %s", (device) => {
  beforeAll(() => setDefaultDevice(device));

  describe.each(files)("%s", (file) => {
    for (const golden of goldenCases(file)) {
      test(`${golden.id}${golden.note === undefined ? "" : `: ${golden.note}`}`, () => {
        if (golden.raises === undefined) expectGolden(runCase(golden), golden);
        else expect(() => runCase(golden)).toThrow(errorNamed(golden.raises));
      });
    }
  });
});
