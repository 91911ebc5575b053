/** Every operation and conversion of the kernel language, in every dtype. */
import { dtypes, isFloating, type DType } from "../dtype.js";
import { elementwise } from "../kernel/elementwise.js";
import type { Expr } from "../kernel/expr.js";
import * as k from "../kernel/ops.js";
import { arityOf, opNames, type OpName } from "../kernel/ops-table.js";
import { define, type CaseDefinition } from "./context.js";
import { exact, expectArray, rounded } from "./compare.js";
import { convert, evaluate, resultType, toleranceOf } from "./oracle.js";
import { binarySamples, unarySamples } from "./samples.js";

function operation(op: OpName, ...args: Expr[]): Expr {
  return { kind: "op", op, args };
}

const perOperation: CaseDefinition[] = opNames.flatMap((op) =>
  dtypes.flatMap((dtype) => {
    const result = resultType(op, dtype);
    return result === null
      ? []
      : [define(`operation ${op} of ${dtype}`, dtypesOf(op, dtype, result), (c) => check(op, dtype, result, c))];
  }),
);

function dtypesOf(op: OpName, dtype: DType, result: DType): DType[] {
  return op === "where" ? [dtype, "bool"] : [dtype, result];
}

async function check(
  op: OpName,
  dtype: DType,
  result: DType,
  context: Parameters<CaseDefinition["body"]>[0],
): Promise<void> {
  const rows = samplesOf(op, dtype);
  const operands = Array.from({ length: arityOf(op) }, (_, i) => {
    const type = op === "where" && i === 0 ? "bool" : dtype;
    return context.array(
      rows.map((row) => row[i] as number),
      type,
    );
  });
  const expected = rows.map((row) => evaluate(op, dtype, row));
  await expectArray(
    run(op, operands),
    expected,
    result,
    [rows.length],
    toleranceOf(op, result),
    (i) => `${op}(${(rows[i] as number[]).join(", ")})`,
  );
}

function samplesOf(op: OpName, dtype: DType): number[][] {
  if (arityOf(op) === 1) return unarySamples(op, dtype).map((value) => [value]);
  const pairs = binarySamples(op, dtype);
  return op === "where" ? pairs.map(([a, b], i) => [i % 2, a, b]) : pairs;
}

type Arrays = readonly Parameters<typeof expectArray>[0][];

const unary = new Map<OpName, (a: Arrays[0]) => Arrays[0]>();
const binary = new Map<OpName, (a: Arrays[0], b: Arrays[0]) => Arrays[0]>();
const select = elementwise("conformance_where", (a, b, c) => operation("where", a, b, c));

function run(op: OpName, [a, b, c]: Arrays): Arrays[0] {
  if (a === undefined) throw new Error("an operation has operands");
  if (b === undefined) {
    const kernel = unary.get(op) ?? elementwise(`conformance_${op}`, (x) => operation(op, x));
    unary.set(op, kernel);
    return kernel(a);
  }
  if (c !== undefined) return select(a, b, c);
  const kernel = binary.get(op) ?? elementwise(`conformance_${op}`, (x, y) => operation(op, x, y));
  binary.set(op, kernel);
  return kernel(a, b);
}

const casts: CaseDefinition[] = dtypes.flatMap((from) =>
  dtypes.map((to) =>
    define(`cast of ${from} to ${to}`, [from, to], async ({ array }) => {
      const values = unarySamples("neg", from);
      const kernel = elementwise("conformance_cast", (x) => k.cast(x, to));
      const expected = values.map((value) => convert(value, from, to));
      await expectArray(kernel(array(values, from)), expected, to, [values.length], exact, (i) => String(values[i]));
    }),
  ),
);

const bitcasts: CaseDefinition[] = [
  define("bitcast between float32, int32 and uint32", ["float32", "int32", "uint32"], async ({ array }) => {
    const values = Float32Array.from([0, 1, -1, 0.1, -3.5e20, Infinity, 2 ** -126]);
    const x = array(values);
    const toInt = elementwise("conformance_bits", (v) => k.bitcast(v, "int32"));
    const toUint = elementwise("conformance_bits", (v) => k.bitcast(v, "uint32"));
    const toFloat = elementwise("conformance_bits", (v) => k.bitcast(v, "float32"));
    await expectArray(toInt(x), new Int32Array(values.buffer), "int32", [values.length]);
    await expectArray(toUint(x), new Uint32Array(values.buffer), "uint32", [values.length]);
    await expectArray(toFloat(toInt(x)), values, "float32", [values.length]);
    await expectArray(toFloat(toUint(x)), values, "float32", [values.length]);
  }),
];

const constants: CaseDefinition[] = dtypes
  .filter((dtype) => dtype !== "bool")
  .map((dtype) =>
    define(`constants and numbers with ${dtype}`, [dtype], async ({ array }) => {
      const values = [1, 2, 3, 5, 8];
      const x = array(values, dtype);
      const third = isFloating(dtype) ? 1 / 3 : 3;
      const withConstant = elementwise("conformance_constant", (v) => k.add(v, third));
      const withNumber = elementwise("conformance_number", (v, n) => k.mul(k.add(v, n), 2));
      const wide = (value: number): number => rounded(value, dtype === "float16" ? "float32" : dtype);
      const sum = values.map((v) => v + wide(third));
      await expectArray(withConstant(x), sum, dtype, [5], { ulps: 1 });
      await expectArray(
        withNumber(x, third),
        sum.map((v) => 2 * v),
        dtype,
        [5],
        { ulps: 1 },
      );
      await expectArray(
        withNumber(third, x),
        sum.map((v) => 2 * v),
        dtype,
        [5],
        { ulps: 1 },
      );
    }),
  );

export const operationCases: readonly CaseDefinition[] = [...perOperation, ...casts, ...bitcasts, ...constants];
