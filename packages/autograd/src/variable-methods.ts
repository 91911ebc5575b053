/**
 * The operations of a Variable that are functions: operators, shapes, reductions, backward. They are added here, not in
 * the class, because functions are made of Variables. Code that hands Variables to users takes the class from here.
 */
import { copy, copyto, toDevice, zerosLike, type Index, type Shape } from "@chain/array";
import { add as addExprs, elementwise } from "@chain/array/kernel";
import { backward, type BackwardOptions } from "./backward.js";
import { debugPrint } from "./debug-print.js";
import type { FunctionOperand } from "./functions/elementwise-function.js";
import { absolute, add, div, floordiv, mul, neg, pow, sub } from "./functions/math/basic-math.js";
import { average } from "./functions/math/average.js";
import { matmul } from "./functions/math/matmul.js";
import { max, min } from "./functions/math/max.js";
import { getItem } from "./functions/array/get-item.js";
import { reshape } from "./functions/array/reshape.js";
import { sum, type ReductionOptions } from "./functions/math/sum.js";
import { transpose, type TransposeAxes } from "./functions/array/transpose.js";
import { unchainBackward } from "./unchain.js";
import { Variable as VariableClass, type VariableLike } from "./variable.js";

declare module "./variable.js" {
  interface Variable {
    /** `this + x`; see {@link add}. */
    add(x: FunctionOperand): Variable;
    /** `this - x`; see {@link sub}. */
    sub(x: FunctionOperand): Variable;
    /** `this * x`; see {@link mul}. */
    mul(x: FunctionOperand): Variable;
    /** `this / x`; see {@link div}. */
    div(x: FunctionOperand): Variable;
    /** `this ** x`; see {@link pow}. */
    pow(x: FunctionOperand): Variable;
    /** `this // x`; see {@link floordiv}. */
    floordiv(x: FunctionOperand): Variable;
    /** `this @ x`; see {@link matmul}. */
    matmul(x: VariableLike): Variable;
    /** `x + this`. */
    radd(x: FunctionOperand): Variable;
    /** `x - this`. */
    rsub(x: FunctionOperand): Variable;
    /** `x * this`. */
    rmul(x: FunctionOperand): Variable;
    /** `x / this`. */
    rdiv(x: FunctionOperand): Variable;
    /** `x ** this`. */
    rpow(x: FunctionOperand): Variable;
    /** `x // this`. */
    rfloordiv(x: FunctionOperand): Variable;
    /** `x @ this`. */
    rmatmul(x: VariableLike): Variable;
    /** `-this`. */
    neg(): Variable;
    /** Absolute value; see {@link absolute}. */
    abs(): Variable;
    /** Elements by index: `x.get(i, j)` is NumPy's `x[i, j]`; see {@link getItem}. */
    get(...indices: Index[]): Variable;
    /** The axes reversed; see {@link transpose}. */
    readonly T: Variable;
    /** See {@link reshape}. */
    reshape(shape: Shape): Variable;
    reshape(...shape: number[]): Variable;
    /** See {@link transpose}. */
    transpose(axes?: TransposeAxes): Variable;
    transpose(...axes: number[]): Variable;
    /** See {@link sum}. */
    sum(options?: ReductionOptions): Variable;
    /** See {@link average}. */
    mean(options?: ReductionOptions): Variable;
    mean(weights?: VariableLike | null, options?: ReductionOptions): Variable;
    /** See {@link max}. */
    max(options?: ReductionOptions): Variable;
    /** See {@link min}. */
    min(options?: ReductionOptions): Variable;
    /** See {@link backward}. */
    backward(options?: BackwardOptions): void;
    /** Cuts the whole graph that leads to this variable, and lets go of what it retained. */
    unchainBackward(): void;
    /** Makes the gradient zeros. */
    zerograd(): void;
    /** Copies the elements of another variable into this one's array. */
    copydata(from: Variable): void;
    /** Adds another variable's gradient to this one's. */
    addgrad(from: Variable): void;
    /** Moves the array and the gradient to a device. */
    toDevice(device: string): this;
    /** A description with statistics of the elements and the gradient, for people to read. */
    debugPrint(): Promise<string>;
  }
}

const addArrays = elementwise("add", (a, b) => addExprs(a, b));

const methods = {
  add(x: FunctionOperand) {
    return add(this, x);
  },
  sub(x: FunctionOperand) {
    return sub(this, x);
  },
  mul(x: FunctionOperand) {
    return mul(this, x);
  },
  div(x: FunctionOperand) {
    return div(this, x);
  },
  pow(x: FunctionOperand) {
    return pow(this, x);
  },
  floordiv(x: FunctionOperand) {
    return floordiv(this, x);
  },
  matmul(x: VariableLike) {
    return matmul(this, x);
  },
  radd(x: FunctionOperand) {
    return add(x, this);
  },
  rsub(x: FunctionOperand) {
    return sub(x, this);
  },
  rmul(x: FunctionOperand) {
    return mul(x, this);
  },
  rdiv(x: FunctionOperand) {
    return div(x, this);
  },
  rpow(x: FunctionOperand) {
    return pow(x, this);
  },
  rfloordiv(x: FunctionOperand) {
    return floordiv(x, this);
  },
  rmatmul(x: VariableLike) {
    return matmul(x, this);
  },
  neg() {
    return neg(this);
  },
  abs() {
    return absolute(this);
  },
  get(...indices: Index[]) {
    return getItem(this, indices);
  },
  get T() {
    return transpose(this);
  },
  reshape(...shape: number[] | [Shape]) {
    return reshape(this, shape.flat());
  },
  transpose(...axes: [TransposeAxes?] | number[]) {
    return transpose(this, typeof axes[0] === "number" ? (axes as number[]) : (axes[0] ?? null));
  },
  sum(options?: ReductionOptions) {
    return sum(this, options);
  },
  mean(weights?: VariableLike | ReductionOptions | null, options?: ReductionOptions) {
    return average(this, weights as VariableLike | null, options);
  },
  max(options?: ReductionOptions) {
    return max(this, options);
  },
  min(options?: ReductionOptions) {
    return min(this, options);
  },
  backward(options?: BackwardOptions) {
    backward(this, options);
  },
  unchainBackward() {
    unchainBackward(this);
  },
  zerograd() {
    this.grad = zerosLike(this.array);
  },
  copydata(from: Variable) {
    copyto(this.array, toDevice(from.array, this.device));
  },
  addgrad(from: Variable) {
    const { grad } = from;
    if (grad === null) return;
    const moved = toDevice(grad, this.device);
    this.grad = this.grad === null ? copy(moved) : addArrays(this.grad, moved);
  },
  toDevice(device: string) {
    const { grad } = this;
    this.array = toDevice(this.array, device);
    if (grad !== null) this.grad = toDevice(grad, device);
    return this;
  },
  debugPrint() {
    return debugPrint(this);
  },
} satisfies Partial<VariableClass> & ThisType<VariableClass>;

/** Adds methods to the class; the result is used, so that bundlers keep this module. */
function withMethods(target: typeof VariableClass, added: object): typeof VariableClass {
  for (const [name, descriptor] of Object.entries(Object.getOwnPropertyDescriptors(added))) {
    Object.defineProperty(target.prototype, name, { ...descriptor, enumerable: false });
  }
  return target;
}

export const Variable = withMethods(VariableClass, methods);
export type Variable = VariableClass;
