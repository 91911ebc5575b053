/** Random arrays, layouts and indices. */
import { fc } from "../../../../testing/property.js";
import * as nx from "../../src/index.js";
import { allPositions, type Part } from "./oracle.js";

export const shapes = (minAxes = 0, maxAxes = 4, maxLength = 4): fc.Arbitrary<number[]> =>
  fc.array(fc.integer({ min: 0, max: maxLength }), { minLength: minAxes, maxLength: maxAxes });

/** How the memory of an array of some shape is laid out: axes permuted, some backwards, some with gaps. */
export interface LayoutChoice {
  readonly order: readonly number[];
  readonly backwards: readonly boolean[];
  readonly gaps: readonly boolean[];
}

export const layouts = (ndim: number): fc.Arbitrary<LayoutChoice> =>
  fc.record({
    order: fc.shuffledSubarray(
      Array.from({ length: ndim }, (_, i) => i),
      { minLength: ndim, maxLength: ndim },
    ),
    backwards: fc.array(fc.boolean(), { minLength: ndim, maxLength: ndim }),
    gaps: fc.array(fc.boolean(), { minLength: ndim, maxLength: ndim }),
  });

/** An array of `shape` with elements 1, 2, 3, … in C order, in the given layout. */
export function laidOut(shape: readonly number[], layout: LayoutChoice, options: nx.ArrayOptions = {}): nx.NdArray {
  const { order, backwards, gaps } = layout;
  const stored = order.map((axis) => (shape[axis] as number) * (gaps[axis] ? 2 : 1) + (gaps[axis] ? 1 : 0));
  const inverse = shape.map((_, axis) => order.indexOf(axis));
  const slices = shape.map((n, axis) => {
    const step = gaps[axis] ? 2 : 1;
    const first = gaps[axis] ? 1 : 0;
    if (!backwards[axis]) return nx.slice(first, first + n * step, step);
    return n === 0 ? nx.slice(0, 0) : nx.slice(first + (n - 1) * step, first === 0 ? null : first - 1, -step);
  });
  const view = nx.getItem(nx.transpose(nx.full(stored, 99, options), inverse), slices);
  const values = nx.array(
    Float64Array.from(allPositions(shape), (_, i) => i + 1),
    options,
  );
  return nx.setItem(view, [], nx.reshape(values, shape));
}

const slicePart = (length: number): fc.Arbitrary<Part> => {
  const bound = fc.option(fc.integer({ min: -length - 2, max: length + 2 }));
  const step = fc.option(fc.integer({ min: -3, max: 3 }).filter((n) => n !== 0));
  return fc.record({ kind: fc.constant("slice" as const), start: bound, stop: bound, step });
};

/** Indices of all kinds for an array of `shape`; the index arrays in one broadcast together. */
export function indices(shape: readonly number[], options: { readonly masks?: boolean } = {}): fc.Arbitrary<Part[]> {
  return fc.array(fc.integer({ min: 1, max: 3 }), { maxLength: 2 }).chain((wide) => {
    const arrayPart = (length: number): fc.Arbitrary<Part> =>
      fc
        .tuple(fc.integer({ min: 0, max: wide.length }), fc.array(fc.boolean(), { minLength: 2, maxLength: 2 }))
        .chain(([from, ones]) => {
          const own = wide.slice(from).map((n, i) => (ones[i] ? 1 : n));
          const size = own.reduce((a, b) => a * b, 1);
          const data = fc.array(fc.integer({ min: -length, max: length - 1 }), { minLength: size, maxLength: size });
          return data.map((d): Part => ({ kind: "array", shape: own, data: d }));
        });
    const build = (axis: number, ellipsis: boolean): fc.Arbitrary<Part[]> => {
      if (axis >= shape.length) return fc.constantFrom<Part[]>([], [], [{ kind: "newaxis" }]);
      const length = shape[axis] as number;
      const next = (part: Part, axes: number, more = ellipsis): fc.Arbitrary<Part[]> =>
        fc.constant(part).chain(() => build(axis + axes, more).map((rest) => [part, ...rest]));
      const choices: { arbitrary: fc.Arbitrary<Part[]>; weight: number }[] = [
        { weight: 3, arbitrary: slicePart(length).chain((part) => next(part, 1)) },
        { weight: 1, arbitrary: next({ kind: "newaxis" }, 0) },
        // What follows an ellipsis reaches to the last axis.
        { weight: ellipsis ? 0 : 1, arbitrary: fc.constant([]) },
      ];
      if (length > 0) {
        choices.push({
          weight: 2,
          arbitrary: fc.integer({ min: -length, max: length - 1 }).chain((at) => next({ kind: "int", at }, 1)),
        });
        choices.push({ weight: 3, arbitrary: arrayPart(length).chain((part) => next(part, 1)) });
      }
      if (!ellipsis) {
        choices.push({
          weight: 1,
          arbitrary: fc
            .integer({ min: 0, max: shape.length - axis })
            .chain((skip) => next({ kind: "ellipsis" }, skip, true)),
        });
      }
      if (options.masks !== false && wide.length === 0) {
        const mask = fc.integer({ min: 1, max: shape.length - axis }).chain((axes) => {
          const own = shape.slice(axis, axis + axes);
          const size = own.reduce((a, b) => a * b, 1);
          return fc
            .array(fc.boolean(), { minLength: size, maxLength: size })
            .chain((data) => next({ kind: "mask", shape: own, data }, axes));
        });
        choices.push({ weight: 1, arbitrary: mask });
      }
      return fc.oneof(...choices);
    };
    // Several masks would have to select equally many elements.
    return build(0, false).filter((parts) => parts.filter(({ kind }) => kind === "mask").length < 2);
  });
}

/** The same index as the library takes it; arrays become arrays, or lists where `lists` says so. */
export function toIndex(parts: readonly Part[], device: string, lists = false): nx.Index[] {
  return parts.map((part): nx.Index => {
    switch (part.kind) {
      case "int":
        return part.at;
      case "slice":
        return nx.slice(part.start, part.stop, part.step);
      case "newaxis":
        return nx.newaxis;
      case "ellipsis":
        return nx.ellipsis;
      case "array":
        return lists && part.shape.length > 0
          ? (nested(part.data, part.shape) as nx.IndexList)
          : nx.array(Int32Array.from(part.data), { device }).reshape(part.shape);
      case "mask":
        return lists && part.data.length > 0
          ? (nested(part.data, part.shape) as nx.IndexList)
          : nx.array(Uint8Array.from(part.data, Number), { device, dtype: "bool" }).reshape(part.shape);
    }
  });
}

function nested(data: readonly unknown[], shape: readonly number[]): unknown {
  if (shape.length <= 1) return data;
  const rows = shape[0] as number;
  const size = data.length / rows;
  return Array.from({ length: rows }, (_, i) => nested(data.slice(i * size, (i + 1) * size), shape.slice(1)));
}
