import { pad as padArray, slice, ValueError, type NdArray, type PerSide } from "@chain/array";
import { FunctionNode, type Gradients } from "../../function-node.js";
import type { Variable, VariableLike } from "../../variable.js";
import { along } from "./along.js";
import { getItem } from "./get-item.js";

/** What is put around an array: a constant, or elements of the array. */
export type PadMode = "constant" | "edge" | "reflect" | "symmetric" | "wrap";

/** Options of {@link pad}. */
export interface PadOptions {
  /** For mode "constant": what is put there; 0 by default. One number, or as `padWidth`. */
  readonly constantValues?: PerSide;
}

type Widths = readonly (readonly [before: number, after: number])[];

/** A run of {@link pad} in mode "constant". */
export class PadConstant extends FunctionNode {
  constructor(
    readonly widths: Widths,
    readonly values: PerSide,
  ) {
    super();
  }

  override get label(): string {
    return "pad";
  }

  override forward([x]: readonly [NdArray]): NdArray[] {
    return [padArray(x, this.widths, { constantValues: this.values })];
  }

  override backward(_indexes: readonly number[], [gy]: readonly [Variable]): Gradients {
    const shape = this.inputShape(0);
    return [
      getItem(
        gy,
        this.widths.map(([before], axis) => slice(before, before + (shape[axis] as number))),
      ),
    ];
  }
}

/** The position in an axis of `length` whose element stands at position `at` outside of it. */
const sources: Record<Exclude<PadMode, "constant">, (at: number, length: number) => number> = {
  edge: (at, length) => Math.min(Math.max(at, 0), length - 1),
  wrap: (at, length) => modulo(at, length),
  symmetric: (at, length) => mirror(modulo(at, 2 * length), 2 * length - 1),
  reflect: (at, length) => (length === 1 ? 0 : mirror(modulo(at, 2 * length - 2), 2 * length - 2)),
};

function modulo(a: number, n: number): number {
  return ((a % n) + n) % n;
}

function mirror(at: number, sum: number): number {
  return Math.min(at, sum - at);
}

/**
 * Adds elements around an array.
 *
 * Follows Chainer's `pad`, with the gradients of all elements that modes other than "constant" copy.
 *
 * @param padWidth - How many on each side: one number, `[before, after]` for all axes, or such a pair for each axis.
 * @param mode - As NumPy's `pad`: "constant" values, the "edge" element, the array mirrored with the edge element
 * ("symmetric") or without ("reflect"), or from its other end ("wrap").
 * @throws ValueError if a width is negative, or there is no element to copy.
 */
export function pad(x: VariableLike, padWidth: PerSide, mode: PadMode, options: PadOptions = {}): Variable {
  const widths = widthsOf(padWidth, x.ndim);
  if (mode === "constant") {
    return new PadConstant(widths, options.constantValues ?? 0).apply([x])[0] as Variable;
  }
  const source = sources[mode];
  if (source === undefined) {
    throw new ValueError(`pad: mode is one of constant, ${Object.keys(sources).join(", ")}; got "${mode as string}"`);
  }
  let result = getItem(x, []);
  widths.forEach(([before, after], axis) => {
    const length = x.shape[axis] as number;
    if (before + after === 0) return;
    if (length === 0) throw new ValueError(`pad: axis ${axis} is empty, so that mode "${mode}" has nothing to copy`);
    result = getItem(
      result,
      along(
        axis,
        Array.from({ length: before + length + after }, (_, i) => source(i - before, length)),
      ),
    );
  });
  return result;
}

function widthsOf(padWidth: PerSide, ndim: number): Widths {
  const axes = typeof padWidth === "number" ? [[padWidth]] : isFlat(padWidth) ? [padWidth] : padWidth;
  const pairs = axes.map(([before = -1, after = before]): [number, number] => [before, after]);
  const [first] = pairs;
  const all = pairs.length === 1 && first !== undefined ? new Array<[number, number]>(ndim).fill(first) : pairs;
  const valid = axes.every((axis) => axis.length <= 2) && all.flat().every((n) => Number.isInteger(n) && n >= 0);
  if (all.length !== ndim || !valid) {
    throw new ValueError(
      `pad: padWidth is a number, [before, after], or such a pair for each of the ${ndim} axes, none negative; ` +
        `got ${JSON.stringify(padWidth)}`,
    );
  }
  return all;
}

function isFlat(padWidth: Exclude<PerSide, number>): padWidth is readonly number[] {
  return typeof padWidth[0] === "number";
}
