/**
 * NumPy's methods on NdArray. They are added here, not in the class, so that the class does not depend on everything
 * that can be done with it. Code that makes arrays for users imports `NdArray` from this module.
 */
import type { ArrayLikeValue } from "./creation/from-host.js";
import type { DType } from "./dtype.js";
import { formatArray, inspectArray } from "./format.js";
import { compress } from "./indexing/compress.js";
import { getItem } from "./indexing/get-item.js";
import type { IndexMode } from "./indexing/index-array.js";
import { nonzero } from "./indexing/nonzero.js";
import type { Index, IndexList, Indices } from "./indexing/parse.js";
import { put } from "./indexing/put.js";
import { setItem } from "./indexing/set-item.js";
import { take, type TakeOptions } from "./indexing/take.js";
import { astype } from "./manipulation/astype.js";
import { copy } from "./manipulation/copy.js";
import { diagonal, type DiagonalOptions } from "./manipulation/diagonal.js";
import { flatten, ravel } from "./manipulation/ravel.js";
import { repeat } from "./manipulation/repeat.js";
import { reshape, type ReshapeOptions } from "./manipulation/reshape.js";
import { squeeze } from "./manipulation/squeeze.js";
import { toDevice, toDeviceAsync } from "./manipulation/to-device.js";
import { swapaxes, transpose } from "./manipulation/transpose.js";
import { calculationMethods, operatorMethods } from "./math/methods.js";
import { NdArray as NdArrayClass } from "./ndarray.js";
import type { AxesOption, OptionalAxis } from "./options.js";
import type { Shape } from "./shape.js";

declare module "./ndarray.js" {
  interface NdArray {
    /** The array with its axes reversed, as a view; see `transpose`. */
    readonly T: NdArray;
    /** See {@link astype}. */
    astype(dtype: DType, options?: { readonly copy?: boolean }): NdArray;
    /** See {@link compress}. */
    compress(condition: NdArray | readonly (boolean | number)[], options?: OptionalAxis): NdArray;
    /** See {@link copy}. */
    copy(): NdArray;
    /** See {@link diagonal}. */
    diagonal(options?: number | DiagonalOptions, more?: DiagonalOptions): NdArray;
    /** Gives every element one value, in place. Returns this array. */
    fill(value: number | boolean): NdArray;
    /** See {@link flatten}. */
    flatten(options?: ReshapeOptions): NdArray;
    /** Elements by index: `x.get(0, slice(1))` is NumPy's `x[0, 1:]`; see {@link getItem}. */
    get(...indices: Index[]): NdArray;
    /** See {@link nonzero}. */
    nonzero(): NdArray[];
    /** See {@link put}. */
    put(
      indices: NdArray | number | IndexList,
      values: ArrayLikeValue,
      options?: { readonly mode?: IndexMode },
    ): NdArray;
    /** See {@link ravel}. */
    ravel(options?: ReshapeOptions): NdArray;
    /** See {@link repeat}. */
    repeat(repeats: number | readonly number[] | NdArray, options?: OptionalAxis): NdArray;
    /** See {@link reshape}. */
    reshape(shape: Shape, options?: ReshapeOptions): NdArray;
    reshape(...shape: number[]): NdArray;
    /** Assigns in place: `x.set([0, slice(1)], 5)` is NumPy's `x[0, 1:] = 5`; see {@link setItem}. Returns this array. */
    set(indices: Indices, value: ArrayLikeValue): NdArray;
    /** See {@link squeeze}. */
    squeeze(options?: AxesOption): NdArray;
    /** See {@link swapaxes}. */
    swapaxes(axis1: number, axis2: number): NdArray;
    /** See {@link take}. */
    take(indices: NdArray | number | IndexList, options?: number | null | TakeOptions, more?: TakeOptions): NdArray;
    /** See {@link toDevice}. */
    toDevice(device: string): NdArray;
    /** See {@link toDeviceAsync}. */
    toDeviceAsync(device: string): Promise<NdArray>;
    /** The elements as NumPy prints them, the inner ones of large arrays left out. */
    toString(): string;
    /** See {@link transpose}. */
    transpose(axes?: readonly number[] | null): NdArray;
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
  diagonal(options, more) {
    return diagonal(this, options, more);
  },
  flatten(options) {
    return flatten(this, options);
  },
  ravel(options) {
    return ravel(this, options);
  },
  repeat(repeats, options) {
    return repeat(this, repeats, options);
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
  toDevice(device) {
    return toDevice(this, device);
  },
  toDeviceAsync(device) {
    return toDeviceAsync(this, device);
  },
  transpose(...axes: number[] | [(readonly number[] | null)?]) {
    const [first] = axes;
    return transpose(this, typeof first === "number" ? (axes as number[]) : first);
  },
} satisfies Methods;

const elementMethods = {
  compress(condition, options) {
    return compress(condition, this, options);
  },
  fill(value) {
    return setItem(this, [], value);
  },
  get(...indices) {
    return getItem(this, indices);
  },
  nonzero() {
    return nonzero(this);
  },
  put(indices, values, options) {
    return put(this, indices, values, options);
  },
  set(indices, value) {
    return setItem(this, indices, value);
  },
  take(indices, options, more) {
    return take(this, indices, options, more);
  },
  toString() {
    return formatArray(this);
  },
  /** What Node prints for an array. */
  [Symbol.for("nodejs.util.inspect.custom")](this: NdArrayClass) {
    return inspectArray(this);
  },
} satisfies Methods;

type Methods = Partial<NdArrayClass> & ThisType<NdArrayClass>;

/** Adds methods to the class; the result is used, so that bundlers keep this module. */
function withMethods(target: typeof NdArrayClass, ...groups: object[]): typeof NdArrayClass {
  for (const group of groups) {
    for (const name of Reflect.ownKeys(group)) {
      const descriptor = Object.getOwnPropertyDescriptor(group, name);
      Object.defineProperty(target.prototype, name, { ...descriptor, enumerable: false });
    }
  }
  return target;
}

export const NdArray = withMethods(NdArrayClass, shapeMethods, elementMethods, operatorMethods, calculationMethods);
export type NdArray = NdArrayClass;
