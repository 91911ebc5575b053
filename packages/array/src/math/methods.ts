/** Arithmetic, reductions and sorting as methods of arrays: operators by short names, the others as NumPy has them. */
import { dot } from "../linalg/dot.js";
import { matmul, type ProductOptions } from "../linalg/matmul.js";
import { trace, type TraceOptions } from "../linalg/products.js";
import type { NdArray } from "../ndarray.js";
import { cumprod, cumsum, type CumulativeOptions } from "../reductions/cumulative.js";
import { argmax, argmin, max, min, ptp, type ArgOptions } from "../reductions/extrema.js";
import type { ReductionOptions, TypedReductionOptions } from "../reductions/reduce.js";
import { mean, prod, sum } from "../reductions/sum.js";
import { all, any } from "../reductions/truth.js";
import { std, variance, type VarianceOptions } from "../reductions/variance.js";
import { searchsorted, type SearchsortedOptions } from "../sorting/search.js";
import { argsort, sortInPlace, type SortOptions } from "../sorting/sort.js";
import { absolute, add, divide, floorDivide, multiply, negative, power, remainder, subtract } from "./arithmetic.js";
import { equal, greater, greaterEqual, less, lessEqual, notEqual } from "./comparison.js";
import { clip } from "./extrema.js";
import { round, type RoundOptions } from "./rounding.js";
import type { Operand, UfuncOptions } from "./ufunc.js";

declare module "../ndarray.js" {
  interface NdArray {
    /** `|x|`, element by element; see {@link absolute}. */
    abs(): NdArray;
    /** `x + y`; see {@link add}. */
    add(y: Operand): NdArray;
    /** See {@link all}. */
    all(options?: ReductionOptions): NdArray;
    /** See {@link any}. */
    any(options?: ReductionOptions): NdArray;
    /** See {@link argmax}. */
    argmax(options?: ArgOptions): NdArray;
    /** See {@link argmin}. */
    argmin(options?: ArgOptions): NdArray;
    /** See {@link argsort}. */
    argsort(options?: SortOptions): NdArray;
    /** See {@link clip}. */
    clip(min: Operand | null, max: Operand | null, options?: UfuncOptions): NdArray;
    /** See {@link cumprod}. */
    cumprod(options?: CumulativeOptions): NdArray;
    /** See {@link cumsum}. */
    cumsum(options?: CumulativeOptions): NdArray;
    /** `x / y`; see {@link divide}. */
    div(y: Operand): NdArray;
    /** See {@link dot}. */
    dot(b: NdArray | number, options?: ProductOptions): NdArray;
    /** `x = y`, element by element; see {@link equal}. */
    equal(y: Operand): NdArray;
    /** `⌊x / y⌋`; see {@link floorDivide}. */
    floorDivide(y: Operand): NdArray;
    /** `x > y`; see {@link greater}. */
    greater(y: Operand): NdArray;
    /** `x ≥ y`; see {@link greaterEqual}. */
    greaterEqual(y: Operand): NdArray;
    /** Adds in place. Returns this array. */
    iadd(y: Operand): NdArray;
    /** Divides in place. Returns this array. */
    idiv(y: Operand): NdArray;
    /** Multiplies in place. Returns this array. */
    imul(y: Operand): NdArray;
    /** Subtracts in place. Returns this array. */
    isub(y: Operand): NdArray;
    /** `x < y`; see {@link less}. */
    less(y: Operand): NdArray;
    /** `x ≤ y`; see {@link lessEqual}. */
    lessEqual(y: Operand): NdArray;
    /** Matrix product; see {@link matmul}. */
    matmul(b: NdArray, options?: ProductOptions): NdArray;
    /** See {@link max}. */
    max(options?: ReductionOptions): NdArray;
    /** See {@link mean}. */
    mean(options?: TypedReductionOptions): NdArray;
    /** See {@link min}. */
    min(options?: ReductionOptions): NdArray;
    /** Remainder with the sign of `y`; see {@link remainder}. */
    mod(y: Operand): NdArray;
    /** `x · y`, element by element; see {@link multiply}. */
    mul(y: Operand): NdArray;
    /** `-x`; see {@link negative}. */
    neg(): NdArray;
    /** `x ≠ y`; see {@link notEqual}. */
    notEqual(y: Operand): NdArray;
    /** `x` to the power of `y`; see {@link power}. */
    pow(y: Operand): NdArray;
    /** See {@link prod}. */
    prod(options?: TypedReductionOptions): NdArray;
    /** See {@link ptp}. */
    ptp(options?: ReductionOptions): NdArray;
    /** See {@link round}. */
    round(options?: RoundOptions): NdArray;
    /** See {@link searchsorted}. */
    searchsorted(values: Operand, options?: SearchsortedOptions): NdArray;
    /** Sorts in place along an axis, the last one by default, NaN last. */
    sort(options?: { readonly axis?: number }): void;
    /** See {@link std}. */
    std(options?: VarianceOptions): NdArray;
    /** `x - y`; see {@link subtract}. */
    sub(y: Operand): NdArray;
    /** See {@link sum}. */
    sum(options?: TypedReductionOptions): NdArray;
    /** See {@link trace}. */
    trace(options?: TraceOptions): NdArray;
    /** See {@link variance}. */
    var(options?: VarianceOptions): NdArray;
  }
}

type Methods = Partial<NdArray> & ThisType<NdArray>;

export const operatorMethods = {
  abs() {
    return absolute(this);
  },
  add(y) {
    return add(this, y);
  },
  div(y) {
    return divide(this, y);
  },
  equal(y) {
    return equal(this, y);
  },
  floorDivide(y) {
    return floorDivide(this, y);
  },
  greater(y) {
    return greater(this, y);
  },
  greaterEqual(y) {
    return greaterEqual(this, y);
  },
  iadd(y) {
    return add(this, y, { out: this });
  },
  idiv(y) {
    return divide(this, y, { out: this });
  },
  imul(y) {
    return multiply(this, y, { out: this });
  },
  isub(y) {
    return subtract(this, y, { out: this });
  },
  less(y) {
    return less(this, y);
  },
  lessEqual(y) {
    return lessEqual(this, y);
  },
  matmul(b, options) {
    return matmul(this, b, options);
  },
  mod(y) {
    return remainder(this, y);
  },
  mul(y) {
    return multiply(this, y);
  },
  neg() {
    return negative(this);
  },
  notEqual(y) {
    return notEqual(this, y);
  },
  pow(y) {
    return power(this, y);
  },
  sub(y) {
    return subtract(this, y);
  },
} satisfies Methods;

export const calculationMethods = {
  all(options) {
    return all(this, options);
  },
  any(options) {
    return any(this, options);
  },
  argmax(options) {
    return argmax(this, options);
  },
  argmin(options) {
    return argmin(this, options);
  },
  argsort(options) {
    return argsort(this, options);
  },
  clip(low, high, options) {
    return clip(this, low, high, options);
  },
  cumprod(options) {
    return cumprod(this, options);
  },
  cumsum(options) {
    return cumsum(this, options);
  },
  dot(b, options) {
    return dot(this, b, options);
  },
  max(options) {
    return max(this, options);
  },
  mean(options) {
    return mean(this, options);
  },
  min(options) {
    return min(this, options);
  },
  prod(options) {
    return prod(this, options);
  },
  ptp(options) {
    return ptp(this, options);
  },
  round(options) {
    return round(this, options);
  },
  searchsorted(values, options) {
    return searchsorted(this, values, options);
  },
  sort(options) {
    sortInPlace(this, options);
  },
  std(options) {
    return std(this, options);
  },
  sum(options) {
    return sum(this, options);
  },
  trace(options) {
    return trace(this, options);
  },
  var(options) {
    return variance(this, options);
  },
} satisfies Methods;
