/**
 * NumPy's methods on NdArray. They are added here, not in the class, so that the class does not depend on everything
 * that can be done with it. Code that makes arrays for users imports `NdArray` from this module.
 */
import type { DType } from "./dtype.js";
import { getItem } from "./indexing/get-item.js";
import type { Index } from "./indexing/parse.js";
import { astype } from "./manipulation/astype.js";
import { copy } from "./manipulation/copy.js";
import { flatten, ravel } from "./manipulation/ravel.js";
import { reshape, type ReshapeOptions } from "./manipulation/reshape.js";
import { squeeze } from "./manipulation/squeeze.js";
import { swapaxes, transpose } from "./manipulation/transpose.js";
import { NdArray as NdArrayClass } from "./ndarray.js";
import type { Axis, Shape } from "./shape.js";

declare module "./ndarray.js" {
  interface NdArray {
    /** The array with its axes reversed; see `transpose`. */
    readonly T: NdArray;
    /** See {@link astype}. */
    astype(dtype: DType, options?: { readonly copy?: boolean }): NdArray;
    /** See {@link copy}. */
    copy(): NdArray;
    /** See {@link flatten}. */
    flatten(options?: ReshapeOptions): NdArray;
    /** Elements by index, as NumPy's `x[...]`; see {@link getItem}. */
    get(...indices: Index[]): NdArray;
    /** See {@link ravel}. */
    ravel(options?: ReshapeOptions): NdArray;
    /** See {@link reshape}. */
    reshape(shape: Shape, options?: ReshapeOptions): NdArray;
    reshape(...shape: number[]): NdArray;
    /** See {@link squeeze}. */
    squeeze(options?: Axis | { readonly axis?: Axis }): NdArray;
    /** See {@link swapaxes}. */
    swapaxes(axis1: number, axis2: number): NdArray;
    /** See {@link transpose}. */
    transpose(axes?: readonly number[]): NdArray;
    transpose(...axes: number[]): NdArray;
  }
}

const shapeMethods = {
  get T() {
    return transpose(this);
  },
  astype(dtype, options) {
    return astype(this, dtype, options);
  },
  copy() {
    return copy(this);
  },
  flatten(options) {
    return flatten(this, options);
  },
  get(...indices) {
    return getItem(this, indices);
  },
  ravel(options) {
    return ravel(this, options);
  },
  reshape(...args: [Shape, ReshapeOptions?] | number[]) {
    const [shape, options] = args;
    if (typeof shape === "object") return reshape(this, shape, options as ReshapeOptions | undefined);
    return reshape(this, args as number[]);
  },
  squeeze(options) {
    return squeeze(this, options);
  },
  swapaxes(axis1, axis2) {
    return swapaxes(this, axis1, axis2);
  },
  transpose(...axes: number[] | [(readonly number[])?]) {
    const [first] = axes;
    return transpose(this, typeof first === "number" ? (axes as number[]) : first);
  },
} satisfies Partial<NdArrayClass> & ThisType<NdArrayClass>;

/** Adds methods to the class; the result is used, so that bundlers keep this module. */
function withMethods(target: typeof NdArrayClass, ...groups: object[]): typeof NdArrayClass {
  for (const group of groups) {
    for (const [name, descriptor] of Object.entries(Object.getOwnPropertyDescriptors(group))) {
      Object.defineProperty(target.prototype, name, { ...descriptor, enumerable: false });
    }
  }
  return target;
}

export const NdArray = withMethods(NdArrayClass, shapeMethods);
export type NdArray = NdArrayClass;
