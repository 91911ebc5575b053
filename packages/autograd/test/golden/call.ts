import * as F from "@chain/autograd/functions";
import type { Variable } from "@chain/autograd";
import { arrange, camelCase, decode, type GoldenCase } from "./cases.js";

const functions = F as unknown as Record<string, ((...args: unknown[]) => unknown) | undefined>;

const operators: Record<string, string> = {
  __add__: "add",
  __radd__: "add",
  __sub__: "sub",
  __rsub__: "rsub",
  __mul__: "mul",
  __rmul__: "mul",
  __truediv__: "div",
  __rtruediv__: "rdiv",
  __pow__: "pow",
  __rpow__: "rpow",
  __floordiv__: "floordiv",
  __rfloordiv__: "rfloordiv",
  __matmul__: "matmul",
  __rmatmul__: "rmatmul",
  __neg__: "neg",
  __abs__: "abs",
};

/** Whether there is such a function yet. */
export function isPresent(name: string): boolean {
  return name.startsWith("Variable.") || functions[camelCase(name)] !== undefined;
}

/** Calls the function of a case by its name here, with arguments in the order that they take here. */
export function call(golden: GoldenCase, args: unknown[]): unknown {
  const { name } = golden;
  const kwargs = Object.fromEntries(Object.entries(golden.kwargs).map(([key, value]) => [key, decode(value, false)]));
  if (!name.startsWith("Variable.")) return functions[camelCase(name)]?.(...arrange(name, args, kwargs));
  const [self, ...rest] = args as [Variable, ...unknown[]];
  const method = name.slice("Variable.".length);
  if (method === "__getitem__") return self.get(...((Array.isArray(rest[0]) ? rest[0] : rest) as number[]));
  const key = operators[method] ?? camelCase(method);
  return (self as unknown as Record<string, (...a: unknown[]) => unknown>)[key]?.(...arrange(method, rest, kwargs));
}
