/** Reads stored results of Chainer's functions and calls Chain's by the naming and argument rules. */
import { array, ellipsis, isFloating, NdArray, newaxis, slice, type DType } from "@chain/array";
import { CooMatrix, Variable } from "@chain/autograd";
import * as F from "@chain/autograd/functions";
import { readFileSync } from "node:fs";
import { signatures } from "./signatures.js";

export interface StoredArray {
  readonly shape: number[];
  readonly dtype: string;
  readonly data: (number | string)[];
}

export type Stored = StoredArray | number | string | boolean | null | Stored[] | { [key: string]: Stored };

export interface GoldenCase {
  readonly id: string;
  readonly name: string;
  readonly args: Stored[];
  readonly kwargs: Record<string, Stored>;
  readonly outputs: Stored[];
  readonly grad_outputs: Stored[];
  readonly grads: Stored[];
  readonly double?: {
    readonly c: Stored[];
    readonly grads: Stored[];
    readonly grad_grad_outputs: Stored[];
    readonly rtol?: number;
    readonly atol?: number;
  };
  readonly nondiff_args?: number[];
  readonly config?: Record<string, boolean>;
  readonly note?: string;
  readonly rtol: number;
  readonly atol: number;
  /** In errors.json: the exception. */
  readonly raises?: string;
}

export function readCases(file: string): GoldenCase[] {
  return JSON.parse(readFileSync(new URL(file, import.meta.url), "utf8")) as GoldenCase[];
}

/** `softmax_cross_entropy` → `softmaxCrossEntropy`. */
export function camelCase(name: string): string {
  return name.replace(/_+([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());
}

export function isStoredArray(value: Stored | undefined): value is StoredArray {
  return typeof value === "object" && value !== null && !Array.isArray(value) && "shape" in value && "dtype" in value;
}

export function numbersOf({ data }: StoredArray): number[] {
  return data.map(Number);
}

const dtypes: Record<string, DType> = { int64: "int32", int8: "int32", int16: "int32" };

export function toArray(stored: StoredArray): NdArray {
  const dtype = dtypes[stored.dtype] ?? (stored.dtype as DType);
  return array(Float64Array.from(numbersOf(stored)), { dtype }).reshape(stored.shape);
}

/** Turns a stored argument into what is passed; floating arrays become Variables if they want a gradient. */
export function decode(value: Stored, differentiable: boolean): unknown {
  if (isStoredArray(value)) {
    const made = toArray(value);
    return differentiable && isFloating(made.dtype) ? new Variable(made) : made;
  }
  if (Array.isArray(value)) return value.map((item) => decode(item, differentiable));
  if (typeof value !== "object" || value === null) return value;
  if ("slice" in value) return slice(...(value.slice as [number | null, number | null, number | null]));
  if ("newaxis" in value) return newaxis;
  if ("ellipsis" in value) return ellipsis;
  if ("coo" in value) {
    const { data, row, col, shape } = value.coo as unknown as Record<"data" | "row" | "col", StoredArray> & {
      shape: number[];
    };
    return new CooMatrix(decode(data, differentiable) as Variable, toArray(row), toArray(col), shape);
  }
  if (value.function === "fixed_sampler") {
    const fixed = toArray(value.value as StoredArray);
    return () => fixed;
  }
  if (value.function === "mul_tanh") return (x: Variable, y: Variable) => F.add(F.tanh(F.mul(x, y)), x);
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [camelCase(key), decode(item, differentiable)]));
}

function holdsArray(value: unknown): boolean {
  return value instanceof NdArray || value instanceof Variable || (Array.isArray(value) && value.some(holdsArray));
}

/** Optional parameters that are arrays: positional, and null when left out before another positional one. */
const optionalArrays = new Set(["b", "V1", "V2", "weights", "class_weight", "sample_weight", "mask"]);

/** Orders arguments as Chain takes them: required ones and arrays by position, the rest as options. */
export function arrange(name: string, args: readonly unknown[], kwargs: Record<string, unknown>): unknown[] {
  const signature = signatures[name];
  if (signature === undefined || signature.startsWith("*")) return [...args, ...optionsOf(kwargs)];
  const positional: unknown[] = [];
  const options: Record<string, unknown> = {};
  const rest = { ...kwargs };
  const parameters = signature.split(",").map((p) => p.trim());
  let waiting: null[] = [];
  parameters.forEach((parameter, i) => {
    if (parameter.startsWith("**")) return;
    if (parameter.startsWith("*")) {
      positional.push(...args.slice(i));
      return;
    }
    const optional = parameter.endsWith("=");
    const key = optional ? parameter.slice(0, -1) : parameter;
    const given = i < args.length || key in rest;
    const value = i < args.length ? args[i] : rest[key];
    delete rest[key];
    if (!optional || holdsArray(value)) {
      positional.push(...waiting, value);
      waiting = [];
    } else if (optionalArrays.has(key)) {
      waiting.push(null);
    } else if (given) {
      options[camelCase(key)] = value;
    }
  });
  Object.assign(options, ...Object.entries(rest).map(([key, value]) => ({ [camelCase(key)]: value })));
  return [...positional, ...optionsOf(options)];
}

function optionsOf(options: Record<string, unknown>): unknown[] {
  const named = Object.entries(options).map(([key, value]) => [camelCase(key), value]);
  return named.length === 0 ? [] : [Object.fromEntries(named)];
}

/** All Variables in an argument list, and the stored values in the same places of another. */
export function pairVariables(values: unknown, stored: Stored | undefined, found: [Variable, Stored][] = []) {
  if (values instanceof Variable) found.push([values, stored ?? null]);
  else if (values instanceof CooMatrix) found.push([values.data, stored ?? null]);
  else if (Array.isArray(values)) {
    const items = Array.isArray(stored) ? stored : [];
    values.forEach((value, i) => pairVariables(value, items[i], found));
  }
  return found;
}
