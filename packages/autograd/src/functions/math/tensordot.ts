import { expectAxis, invalidType } from "../../type-check.js";
import { asVariable, type Variable, type VariableLike } from "../../variable.js";
import { reshape } from "../array/reshape.js";
import { transpose } from "../array/transpose.js";
import { matmul } from "./matmul.js";

/** Which axes to sum over. */
export interface TensordotOptions {
  /**
   * A number of axes, the last ones of `a` and the first ones of `b`, or the axes of each. Default 2.
   */
  readonly axes?: number | readonly [number | readonly number[], number | readonly number[]];
}

/**
 * Sum of products over pairs of axes (Chainer's and NumPy's `tensordot`): the result has the other axes of `a`, then
 * those of `b`.
 *
 * @throws InvalidType if axes have different lengths, or there are none such.
 */
export function tensordot(a: VariableLike, b: VariableLike, { axes = 2 }: TensordotOptions = {}): Variable {
  const [left, right] = axesOf(a, b, axes);
  for (let i = 0; i < left.length; i++) {
    const [p, q] = [left[i] as number, right[i] as number];
    if (a.shape[p] !== b.shape[q]) {
      throw invalidType("tensordot", `a.shape[${p}] == b.shape[${q}]`, `${a.shape[p]} != ${b.shape[q]}`);
    }
  }
  const leftRest = a.shape.map((_, i) => i).filter((i) => !left.includes(i));
  const rightRest = b.shape.map((_, i) => i).filter((i) => !right.includes(i));
  const lengths = (x: VariableLike, which: readonly number[]): number[] => which.map((i) => x.shape[i] as number);
  const product = (values: readonly number[]): number => values.reduce((p, n) => p * n, 1);
  const inner = product(lengths(a, left));
  const rows = reshape(inOrder(a, [...leftRest, ...left]), [product(lengths(a, leftRest)), inner]);
  const columns = reshape(inOrder(b, [...right, ...rightRest]), [inner, product(lengths(b, rightRest))]);
  return reshape(matmul(rows, columns), [...lengths(a, leftRest), ...lengths(b, rightRest)]);
}

function inOrder(x: VariableLike, axes: readonly number[]): Variable {
  return axes.every((axis, i) => axis === i) ? asVariable(x) : transpose(x, axes);
}

function axesOf(
  a: VariableLike,
  b: VariableLike,
  axes: NonNullable<TensordotOptions["axes"]>,
): [readonly number[], readonly number[]] {
  if (typeof axes === "number") {
    if (axes < 0 || axes > Math.min(a.ndim, b.ndim)) {
      throw invalidType("tensordot", `axes from 0 to ${Math.min(a.ndim, b.ndim)}`, `${axes}`);
    }
    const run = Array.from({ length: axes }, (_, i) => i);
    return [run.map((i) => a.ndim - axes + i), run];
  }
  const list = (given: number | readonly number[], x: VariableLike): number[] =>
    (typeof given === "number" ? [given] : given).map((axis) => expectAxis("tensordot", "axes", axis, x.ndim));
  const [left, right] = [list(axes[0], a), list(axes[1], b)];
  if (left.length !== right.length || new Set(left).size < left.length || new Set(right).size < right.length) {
    throw invalidType("tensordot", "as many different axes of a as of b", `${left.join(", ")} and ${right.join(", ")}`);
  }
  return [left, right];
}
