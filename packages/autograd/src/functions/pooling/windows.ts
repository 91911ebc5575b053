import { ValueError, type NdArray } from "@chain/array";
import { expectFloating, expectNdim, expectThat } from "../../type-check.js";

/** A size along every spatial axis: one number for all, or one for each. */
export type PerAxis = number | readonly number[];

/** How windows lie along one axis: window `o` covers `size` positions from `o · stride - pad` on. */
export interface Windows {
  readonly size: number;
  readonly stride: number;
  readonly pad: number;
  /** Length of the axis that the windows lie on. */
  readonly length: number;
  /** Number of windows. */
  readonly count: number;
}

/** Sizes of windows as they are given: checked, one for every axis. */
export interface WindowSizes {
  readonly size: readonly number[];
  readonly stride: readonly number[];
  readonly pad: readonly number[];
}

/** Checks the sizes of windows along `ndim` axes; a stride that is not given is the window's size. */
export function windowSizes(
  label: string,
  ndim: number,
  ksize: PerAxis,
  stride: PerAxis | null | undefined,
  pad: PerAxis,
): WindowSizes {
  return {
    size: sizesOf(label, "ksize", ksize, ndim, 1),
    stride: sizesOf(label, "stride", stride ?? ksize, ndim, 1),
    pad: sizesOf(label, "pad", pad, ndim, 0),
  };
}

/** Checks one whole number from `least` up for each of `ndim` axes. */
export function sizesOf(label: string, name: string, given: PerAxis, ndim: number, least: number): number[] {
  const sizes = typeof given === "number" ? Array.from({ length: ndim }, () => given) : [...given];
  if (sizes.length !== ndim)
    throw new ValueError(`${label}: ${name} is a number or ${ndim} of them, got [${sizes.join()}]`);
  for (const size of sizes) {
    if (!Number.isInteger(size) || size < least) {
      throw new ValueError(`${label}: ${name} is a whole number from ${least} up, got ${size}`);
    }
  }
  return sizes;
}

/** The windows on every axis of `x` after the first two; checks that `x` is floating and has room for one. */
export function windowsOn(label: string, x: NdArray, { size, stride, pad }: WindowSizes, coverAll: boolean): Windows[] {
  expectFloating(label, "x", x);
  expectNdim(label, "x", x, size.length + 2);
  return size.map((k, i) => {
    const length = x.shape[2 + i] as number;
    const [s, p] = [stride[i] as number, pad[i] as number];
    const count = windowCount(length, k, s, p, coverAll);
    expectThat(
      label,
      count > 0,
      () => `x.shape[${2 + i}] with room for a window of ${k}${p > 0 ? `, padded by ${p}` : ""}`,
      () => `${length}`,
    );
    return { size: k, stride: s, pad: p, length, count };
  });
}

/** Number of windows on an axis; with `coverAll`, enough of them to cover every element. */
export function windowCount(length: number, size: number, stride: number, pad: number, coverAll: boolean): number {
  const room = length + 2 * pad - size + (coverAll ? stride - 1 : 0);
  return Math.floor(room / stride) + 1;
}

/**
 * The windows of which `x` holds one element each: on axes of lengths `outsize` or, where that is null, on the shortest
 * ones that have so many.
 */
export function windowsUnder(
  label: string,
  x: NdArray,
  { size, stride, pad }: WindowSizes,
  outsize: PerAxis | null | undefined,
  coverAll: boolean,
): Windows[] {
  expectFloating(label, "x", x);
  expectNdim(label, "x", x, size.length + 2);
  const given = outsize === null || outsize === undefined ? null : sizesOf(label, "outsize", outsize, size.length, 1);
  return size.map((k, i) => {
    const count = x.shape[2 + i] as number;
    const [s, p] = [stride[i] as number, pad[i] as number];
    const length = given?.[i] ?? s * (count - 1) + k - 2 * p - (coverAll ? s - 1 : 0);
    const expected = windowCount(length, k, s, p, coverAll);
    expectThat(
      label,
      length > 0 && expected === count,
      () => `an outsize[${i}] with ${count} windows for x.shape[${2 + i}]`,
      () => `${length} with ${expected}`,
    );
    return { size: k, stride: s, pad: p, length, count };
  });
}
