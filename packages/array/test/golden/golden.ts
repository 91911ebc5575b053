/** Results of NumPy, stored as data (`*.json`), and what it takes to run the same calls here. */
import { readFileSync } from "node:fs";
import { expect } from "@jest/globals";
import { fromElements } from "../../src/creation/from-host.js";
import * as nx from "../../src/index.js";

/** One call and what NumPy made of it. */
export interface GoldenCase {
  readonly id: string;
  readonly name: string;
  readonly args: readonly GoldenValue[];
  readonly kwargs: Readonly<Record<string, GoldenValue>>;
  readonly outputs?: readonly GoldenArray[];
  readonly rtol?: number;
  readonly atol?: number;
  readonly raises?: string;
  readonly note?: string;
}

/** Elements in C order; NaN and infinities as strings, bool as 0 and 1. */
export interface GoldenArray {
  readonly shape: readonly number[];
  readonly dtype: nx.DType | "int64";
  readonly data: readonly (number | string)[];
}

type GoldenValue =
  | number
  | string
  | boolean
  | null
  | GoldenArray
  | { readonly slice: readonly [number | null, number | null, number | null] }
  | { readonly newaxis: true }
  | { readonly ellipsis: true }
  | readonly GoldenValue[];

/** All calls stored in a file of this folder. */
export function goldenCases(file: string): GoldenCase[] {
  return JSON.parse(readFileSync(new URL(file, import.meta.url), "utf8")) as GoldenCase[];
}

/** The function that a case calls, by Chain's name for it. */
export function functionNamed(name: string): ((...args: unknown[]) => unknown) | undefined {
  const camelCase = name.replace(/_([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());
  const found = (nx as Record<string, unknown>)[camelCase];
  return typeof found === "function" ? (found as (...args: unknown[]) => unknown) : undefined;
}

/** Makes the call of a case. */
export function runCase(golden: GoldenCase): unknown {
  const call = functionNamed(golden.name);
  if (call === undefined) throw new Error(`no function for ${golden.name}`);
  return call(...decodeArguments(golden));
}

/** The arguments of a case, by Chain's rules: arrays are positional, all other optional arguments are options. */
export function decodeArguments({ args, kwargs }: GoldenCase): unknown[] {
  const named = Object.entries(kwargs).map(([key, value]) => [camelKey(key), decodeValue(value)] as const);
  const options = named.filter(([, value]) => !(value instanceof nx.NdArray));
  const values = [...args.map(decodeValue), ...named.map(([, v]) => v).filter((v) => v instanceof nx.NdArray)];
  return options.length === 0 ? values : [...values, Object.fromEntries(options)];
}

/** Compares a result with what NumPy gave, in shape, dtype (by Chain's rules) and elements. */
export function expectGolden(result: unknown, golden: GoldenCase): void {
  const results = Array.isArray(result) ? (result as unknown[]) : [result];
  const outputs = golden.outputs ?? [];
  expect(results).toHaveLength(outputs.length);
  outputs.forEach((expected, i) => {
    const actual = results[i];
    const wanted = expectedDType(expected.dtype, golden);
    const exact = wanted === expected.dtype || expected.dtype === "int64";
    const rtol = exact ? (golden.rtol ?? 0) : 1e-5;
    const atol = exact ? (golden.atol ?? 0) : 1e-6;
    // There is no int64: what does not fit wraps, as in any other int32 arithmetic.
    const numbers = expected.data.map((v) => (expected.dtype === "int64" ? Number(v) | 0 : Number(v)));
    if (!(actual instanceof nx.NdArray)) {
      expect(Number(actual)).toBeCloseTo(numbers[0] as number, 6);
      return;
    }
    expect({ shape: actual.shape, dtype: actual.dtype }).toEqual({ shape: expected.shape, dtype: wanted });
    const data = [...actual.dataSync()];
    const wrong = data.findIndex((value, k) => !close(value, numbers[k] as number, rtol, atol));
    if (wrong >= 0) throw new Error(`${golden.id}: expected [${numbers.join(", ")}], got [${data.join(", ")}]`);
  });
}

/** The class of error that stands for one of NumPy's. */
export function errorNamed(name: string): new (message: string) => Error {
  if (name === "IndexError") return nx.IndexError;
  if (name === "ValueError" || name === "AxisError") return nx.ValueError;
  throw new Error(`no error for ${name}`);
}

/**
 * Where Chain means to differ: integers come as int32, and float64 only comes from float64 (functions of integers, and
 * integers with floats, give float32; so do creation functions by default).
 */
function expectedDType(dtype: GoldenArray["dtype"], golden: GoldenCase): nx.DType {
  if (dtype === "int64") return "int32";
  return dtype === "float64" && !JSON.stringify([golden.args, golden.kwargs]).includes('"float64"') ? "float32" : dtype;
}

function close(actual: number, expected: number, rtol: number, atol: number): boolean {
  if (Number.isNaN(expected)) return Number.isNaN(actual);
  return actual === expected || Math.abs(actual - expected) <= atol + rtol * Math.abs(expected);
}

function camelKey(key: string): string {
  return key.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());
}

function decodeValue(value: GoldenValue): unknown {
  if (isList(value)) return value.map(decodeValue);
  if (value === "Infinity" || value === "-Infinity" || value === "NaN") return Number(value);
  if (typeof value !== "object" || value === null) return value;
  if ("slice" in value) return nx.slice(...value.slice);
  if ("newaxis" in value) return nx.newaxis;
  if ("ellipsis" in value) return nx.ellipsis;
  const dtype = value.dtype === "int64" ? "int32" : value.dtype;
  return fromElements(Float64Array.from(value.data, Number), dtype, value.shape, nx.getDefaultBackend());
}

function isList(value: GoldenValue): value is readonly GoldenValue[] {
  return Array.isArray(value);
}
