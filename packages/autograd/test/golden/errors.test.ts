import { ChainError } from "@chain/array";
import type { Variable } from "@chain/autograd";
import * as F from "@chain/autograd/functions";
import { describe, expect, test } from "@jest/globals";
import { arrange, camelCase, decode, readCases } from "./cases.js";

const functions = F as unknown as Record<string, ((...args: unknown[]) => unknown) | undefined>;
const operators: Record<string, string> = { __add__: "add", __matmul__: "matmul" };

/** Python tells 1 from 1.0, JavaScript does not. */
const wholeNumbers = new Set(["clipped_relu/1"]);

const cases = readCases("errors.json").filter(
  ({ id, name }) =>
    !wholeNumbers.has(id) && (name.startsWith("Variable.") || functions[camelCase(name)] !== undefined),
);

describe.each(cases.map((golden) => [golden.id, golden] as const))("%s", (_id, golden) => {
  const { name, raises } = golden;
  test(`is refused, as Chainer's ${raises}`, () => {
    const args = golden.args.map((arg) => decode(arg, true));
    const kwargs = Object.fromEntries(Object.entries(golden.kwargs).map(([key, value]) => [key, decode(value, true)]));
    const call = (): unknown => {
      if (!name.startsWith("Variable.")) return functions[camelCase(name)]?.(...arrange(name, args, kwargs));
      const [self, ...rest] = args as [Variable, ...unknown[]];
      const method = operators[name.slice("Variable.".length)] as "add";
      return self[method](rest[0] as Variable);
    };
    let error: unknown;
    try {
      call();
    } catch (thrown) {
      error = thrown;
    }
    expect(error).toBeInstanceOf(ChainError);
    if (raises === "InvalidType" || raises === "ValueError" || raises === "IndexError") {
      expect((error as Error).name).toBe(raises);
    }
  });
});
