/** What all elementwise functions share: options, promotion of numbers, results in given arrays. */
import { getDefaultBackend } from "../device.js";
import { fromElements } from "../creation/from-host.js";
import { floatingType, isFloating, promoteTypes, type DType } from "../dtype.js";
import { InvalidType, ValueError } from "../errors.js";
import { elementwise } from "../kernel/elementwise.js";
import type { Expr, ExprLike } from "../kernel/expr.js";
import { checkOperands, operandTypes, type Operand } from "../kernel/launch.js";
import { where as select } from "../kernel/ops.js";
import { NdArray } from "../ndarray.js";
import { broadcastShapes } from "../shape.js";
import { astype } from "../manipulation/astype.js";
import { copyto } from "../manipulation/copy.js";

export type { Operand } from "../kernel/launch.js";

/** Options of functions whose result has a dtype of its own (comparisons: bool). */
export interface PredicateOptions {
  /** Where the result goes; it must have the result's shape. It is also what the function returns. */
  readonly out?: NdArray;
  /** Computes only where this holds; elsewhere `out` keeps what it has, and a new array is 0. */
  readonly where?: NdArray;
}

/** Options of elementwise functions. */
export interface UfuncOptions extends PredicateOptions {
  /** The dtype to compute in; by default the operands' common one. */
  readonly dtype?: DType;
}

/** An elementwise function of one operand. */
export type Unary = (x: Operand, options?: UfuncOptions) => NdArray;
/** An elementwise function of two operands, which broadcast. */
export type Binary = (x: Operand, y: Operand, options?: UfuncOptions) => NdArray;
/** An elementwise test of one operand. */
export type UnaryPredicate = (x: Operand, options?: PredicateOptions) => NdArray;
/** An elementwise test of two operands, which broadcast. */
export type BinaryPredicate = (x: Operand, y: Operand, options?: PredicateOptions) => NdArray;

/** The dtype of a result, from the operands' common one. */
export type ResultRule = (dtype: DType) => DType;

export const sameDType: ResultRule = (dtype) => dtype;
export const floatDType: ResultRule = floatingType;
export const boolDType: ResultRule = () => "bool";

/** A kernel as the functions here call it. */
export interface Kernel {
  (...operands: Operand[]): NdArray;
  into(out: NdArray, ...operands: Operand[]): void;
}

type Body1 = (x: Expr) => ExprLike;
type Body2 = (x: Expr, y: Expr) => ExprLike;

/** A function of one operand that has one kernel for all dtypes. */
export function unary(name: string, body: Body1, rule: ResultRule = sameDType): Unary {
  const kernel = elementwise(name, body);
  return (x, options) =>
    options === undefined && typeof x !== "number" ? kernel(x) : run(name, () => kernel, rule, [x], options);
}

/** A function of two operands that has one kernel for all dtypes. */
export function binary(name: string, body: Body2, rule: ResultRule = sameDType): Binary {
  const kernel = elementwise(name, body);
  return (x, y, options) =>
    options === undefined && isPlain(x, y) ? kernel(x, y) : run(name, () => kernel, rule, [x, y], options);
}

/** A function of one operand whose kernel depends on the operand's dtype. */
export function unaryByDType(name: string, body: (dtype: DType) => Body1, rule: ResultRule = sameDType): Unary {
  const kernelOf = perDType((dtype) => elementwise(name, body(dtype)));
  return (x, options) => run(name, kernelOf, rule, [x], options);
}

/** A function of two operands whose kernel depends on their common dtype. */
export function binaryByDType(name: string, body: (dtype: DType) => Body2, rule: ResultRule = sameDType): Binary {
  const kernelOf = perDType((dtype) => elementwise(name, body(dtype)));
  return (x, y, options) => run(name, kernelOf, rule, [x, y], options);
}

/** Makes something for every dtype, once, when it is first needed. */
export function perDType<T>(make: (dtype: DType) => T): (dtype: DType) => T {
  const made = new Map<DType, T>();
  return (dtype) => {
    let value = made.get(dtype);
    if (value === undefined) {
      value = make(dtype);
      made.set(dtype, value);
    }
    return value;
  };
}

/** Runs the kernel for the operands' common dtype, with options. */
export function run(
  name: string,
  kernelOf: (dtype: DType) => Kernel,
  rule: ResultRule,
  given: readonly Operand[],
  options: UfuncOptions = {},
): NdArray {
  checkOperands(name, given, given.length);
  const { out, where: mask, dtype } = options;
  let operands = withArray(given);
  if (dtype !== undefined) {
    operands = operands.map((operand) =>
      typeof operand === "number" ? operand : astype(operand, dtype, { copy: false }),
    );
  }
  const common = commonDType(operands);
  checkNumbers(name, operands);
  const kernel = kernelOf(common);
  if (mask !== undefined) return runWhere(name, kernel, rule(common), operands, mask, out);
  if (out === undefined) return kernel(...operands);
  checkOut(name, out, rule(common));
  kernel.into(out, ...operands);
  return out;
}

const selectKernel = elementwise("select", (mask, x, y) => select(mask, x, y));

function runWhere(
  name: string,
  kernel: Kernel,
  dtype: DType,
  operands: readonly Operand[],
  mask: NdArray,
  out: NdArray | undefined,
): NdArray {
  if (mask.dtype !== "bool") throw InvalidType.of(`${name} (where)`, "a bool array", mask.dtype);
  if (out !== undefined) checkOut(name, out, dtype);
  const result = kernel(...operands);
  if (out === undefined) return astype(selectKernel(mask, result, 0), dtype, { copy: false });
  broadcastShapes(out.shape, result.shape, mask.shape);
  copyto(out, selectKernel(mask, result, out));
  return out;
}

/** Common dtype of arrays and the numbers that adapt to them. */
export function commonDType(operands: readonly Operand[]): DType {
  return operandTypes(operands).reduce(promoteTypes);
}

/** Operands of which at least one is an array: a function of numbers alone computes in float32. */
export function withArray(operands: readonly Operand[]): readonly Operand[] {
  if (operands.some((operand) => typeof operand !== "number")) return operands;
  return operands.map((operand, i) =>
    i === 0 && typeof operand === "number" ? fromElements([operand], "float32", [], getDefaultBackend()) : operand,
  );
}

const ranges: Partial<Record<DType, readonly [number, number]>> = {
  bool: [-(2 ** 31), 2 ** 31 - 1],
  uint8: [0, 255],
  int32: [-(2 ** 31), 2 ** 31 - 1],
  uint32: [0, 2 ** 32 - 1],
};

/** Lowest and highest number that an integer dtype holds (for bool: int32, which it becomes with a number). */
export function rangeOf(dtype: DType): readonly [number, number] | undefined {
  return ranges[dtype];
}

/** Whether a number can take part in an operation on arrays of `dtype` without being cut. */
export function fits(dtype: DType, value: number): boolean {
  if (isFloating(dtype) || !Number.isInteger(value)) return true;
  const range = ranges[dtype];
  return range === undefined || (value >= range[0] && value <= range[1]);
}

function isPlain(x: Operand, y: Operand): boolean {
  if (typeof y === "number") return typeof x !== "number" && fits(x.dtype, y);
  return typeof x !== "number" || fits(y.dtype, x);
}

function checkNumbers(name: string, operands: readonly Operand[]): void {
  const arrays = operands.filter((operand): operand is NdArray => typeof operand !== "number");
  if (arrays.length === operands.length) return;
  const dtype = arrays.map((array) => array.dtype).reduce(promoteTypes);
  for (const operand of operands) {
    if (typeof operand === "number" && !fits(dtype, operand)) {
      throw new ValueError(`${name}: ${operand} does not fit into ${dtype}; convert the array with astype() first`);
    }
  }
}

const kinds: Record<DType, number> = { bool: 0, uint8: 1, uint32: 1, int32: 2, float16: 3, float32: 3, float64: 3 };

/** Throws unless results of `dtype` may be stored in `out`: a float never becomes an integer by accident. */
export function checkOut(name: string, out: NdArray, dtype: DType): void {
  if (!(out instanceof NdArray)) throw InvalidType.of(`${name} (out)`, "an array", String(out));
  if (kinds[dtype] > kinds[out.dtype]) {
    throw InvalidType.of(`${name} (out)`, `an array that holds ${dtype}`, `${out.dtype}; convert with astype() first`);
  }
}
