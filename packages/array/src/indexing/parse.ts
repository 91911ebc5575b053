/** Reads an index: what each part of it does to which axis. */
import { IndexError } from "../errors.js";
import { NdArray } from "../ndarray.js";
import { formatShape, type Shape } from "../shape.js";
import { ellipsis, newaxis, Slice, wholeAxis } from "./slice.js";

/** Nested lists of positions, or of booleans that form a mask. */
export type IndexList = readonly (number | boolean | IndexList)[];

/** One part of an index, as in NumPy's `x[part, part]`. */
export type Index = number | boolean | Slice | typeof newaxis | typeof ellipsis | NdArray | IndexList;

/** An index: one part, or a list of parts. A list of positions for one axis is a list within that list. */
export type Indices = Exclude<Index, IndexList> | readonly Index[];

/** A part of an index that picks elements: positions along an axis, or a mask over any number of axes. */
export type Picker = NdArray | IndexList | boolean;

/** What is done along the axes of an array, in order. */
export type Step =
  | { readonly kind: "slice"; readonly axis: number; readonly slice: Slice }
  | { readonly kind: "integer"; readonly axis: number; readonly index: number }
  | { readonly kind: "newaxis" }
  /** Stands before the whole axes that an ellipsis gives. */
  | { readonly kind: "ellipsis" }
  /** Positions along `axis`, or a mask over as many axes as it has. */
  | {
      readonly kind: "pick";
      readonly axis: number;
      readonly axes: number;
      readonly picker: Picker;
      readonly mask: boolean;
    };

/** Assigns the parts of an index to the axes of an array of `shape`; whole axes are added for those left. */
export function parseIndex(shape: Shape, indices: Indices): Step[] {
  const parts: readonly Index[] = isList(indices) ? indices : [indices];
  const used = parts.reduce<number>((sum, part) => sum + axesOf(part), 0);
  const left = shape.length - used;
  if (left < 0) {
    throw new IndexError(`too many indices: the array has ${shape.length} axes, the index names ${used}`);
  }
  if (parts.filter((part) => part === ellipsis).length > 1) throw new IndexError("an index can have only one ellipsis");
  const steps: Step[] = [];
  let axis = 0;
  const takeWhole = (): void => {
    for (let i = 0; i < left; i++) steps.push({ kind: "slice", axis: axis++, slice: wholeAxis });
  };
  for (const part of parts) {
    if (part === ellipsis) {
      steps.push({ kind: "ellipsis" });
      takeWhole();
    } else if (part === newaxis) {
      steps.push({ kind: "newaxis" });
    } else if (part instanceof Slice) {
      steps.push({ kind: "slice", axis: axis++, slice: part });
    } else if (typeof part === "number") {
      steps.push({ kind: "integer", axis, index: checkedIndex(part, shape, axis) });
      axis++;
    } else {
      const axes = axesOf(part);
      steps.push({ kind: "pick", axis, axes, picker: part, mask: isMask(part) });
      axis += axes;
    }
  }
  if (!parts.includes(ellipsis)) takeWhole();
  return steps;
}

/** Resolves a position that may count from the end. */
export function checkedIndex(index: number, shape: Shape, axis: number): number {
  const length = shape[axis] as number;
  const resolved = index < 0 ? index + length : index;
  if (!Number.isInteger(index)) throw new IndexError(`an index is a whole number, got ${index}`);
  if (resolved < 0 || resolved >= length) {
    throw new IndexError(
      `index ${index} is out of bounds for axis ${axis} with size ${length} (array of shape ${formatShape(shape)})`,
    );
  }
  return resolved;
}

function isList(value: unknown): value is readonly Index[] {
  return Array.isArray(value);
}

function isMask(part: Picker): boolean {
  if (part instanceof NdArray) return part.dtype === "bool";
  let item: Picker | number | undefined = part;
  while (isList(item)) item = item[0];
  return typeof item === "boolean";
}

/** How many axes of the array a part of the index stands for. */
function axesOf(part: Index): number {
  if (part === newaxis || part === ellipsis) return 0;
  if (typeof part === "number" || part instanceof Slice) return 1;
  if (!(part instanceof NdArray) && !isList(part) && typeof part !== "boolean") {
    throw new IndexError(
      `an index is made of whole numbers, slices, newaxis, ellipsis, arrays and lists, got ${typeof part}`,
    );
  }
  if (!isMask(part)) return 1;
  if (part instanceof NdArray) return part.ndim;
  let axes = 0;
  for (let item: unknown = part; isList(item); item = item[0]) axes++;
  return axes;
}
