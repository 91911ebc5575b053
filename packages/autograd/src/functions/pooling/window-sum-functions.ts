import type { NdArray } from "@chain/array";
import type { Gradients } from "../../function-node.js";
import type { Variable, VariableLike } from "../../variable.js";
import { WindowFunction } from "./window-function.js";
import { spreadWindows, sumWindows } from "./window-sums.js";
import type { Windows } from "./windows.js";

/** Sums of windows, times a factor: average pooling. */
export class WindowSums extends WindowFunction {
  constructor(
    name: string,
    windows: readonly Windows[],
    readonly scale: number,
  ) {
    super(name, windows);
  }

  override forward([x]: readonly [NdArray]): NdArray[] {
    return [sumWindows(x, this.windows, this.scale)];
  }

  override backward(_indexes: readonly number[], [gy]: readonly [Variable]): Gradients {
    return [spreadOverWindows(this.label, gy, this.windows, this.scale)];
  }
}

/** The transpose of {@link WindowSums}. */
export class WindowSpread extends WindowFunction {
  constructor(
    name: string,
    windows: readonly Windows[],
    readonly scale: number,
  ) {
    super(name, windows);
  }

  override forward([x]: readonly [NdArray]): NdArray[] {
    return [spreadWindows(x, this.windows, this.scale)];
  }

  override backward(_indexes: readonly number[], [gy]: readonly [Variable]): Gradients {
    return [sumsOfWindows(this.label, gy, this.windows, this.scale)];
  }
}

/** The sum of every window, times `scale`; differentiable. */
export function sumsOfWindows(label: string, x: VariableLike, windows: readonly Windows[], scale: number): Variable {
  return new WindowSums(label, windows, scale).apply([x])[0] as Variable;
}

/** Every element, times `scale`, added to all of its window; differentiable. */
export function spreadOverWindows(
  label: string,
  x: VariableLike,
  windows: readonly Windows[],
  scale: number,
): Variable {
  return new WindowSpread(label, windows, scale).apply([x])[0] as Variable;
}
