import { expect, test } from "@jest/globals";
import { memoryInfo, NdArray } from "../../src/index.js";
import { decodeArguments, functionNamed, goldenCases } from "./golden.js";

const cases = goldenCases("shapes.json");

/** Arrays anywhere in arguments or results. */
function arraysIn(value: unknown): NdArray[] {
  if (value instanceof NdArray) return [value];
  return Array.isArray(value) ? value.flatMap(arraysIn) : [];
}

test.each(cases)("$id frees what it made on the way", (golden) => {
  const call = functionNamed(golden.name) as (...args: unknown[]) => unknown;
  const live = (): number => memoryInfo()["cpu"]?.arrays ?? 0;
  const before = live();
  const args = decodeArguments(golden);
  let result: unknown;
  try {
    result = call(...args);
  } catch {
    result = null;
  }
  for (const x of new Set([...arraysIn(result), ...arraysIn(args)])) x.dispose();
  expect(live()).toBe(before);
});
