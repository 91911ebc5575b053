import { slice, type Index } from "@chain/array";

/** The index that has `index` on one axis and takes the axes before it whole. */
export function along(axis: number, index: Index): Index[] {
  return [...new Array<Index>(axis).fill(slice()), index];
}
