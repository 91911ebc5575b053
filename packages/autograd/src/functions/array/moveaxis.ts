import { expectAxis, expectThat } from "../../type-check.js";
import type { Variable, VariableLike } from "../../variable.js";
import { transpose } from "./transpose.js";

/**
 * Moves axes to other positions; the rest stay in their order. Nothing is copied.
 *
 * Follows Chainer's `moveaxis`.
 *
 * @param source - One axis or several.
 * @param destination - Where each of them goes.
 * @throws InvalidType if an axis is out of range or named twice, or the lists differ in length.
 */
export function moveaxis(
  x: VariableLike,
  source: number | readonly number[],
  destination: number | readonly number[],
): Variable {
  const from = axesOf(source, "source", x.ndim);
  const to = axesOf(destination, "destination", x.ndim);
  expectThat(
    "moveaxis",
    from.length === to.length,
    "as many destinations as sources",
    `${to.length} for ${from.length}`,
  );
  const order = x.shape.map((_, axis) => axis).filter((axis) => !from.includes(axis));
  const moves = to.map((position, i) => ({ position, axis: from[i] as number }));
  moves.sort((a, b) => a.position - b.position);
  for (const { position, axis } of moves) order.splice(position, 0, axis);
  return transpose(x, order);
}

function axesOf(given: number | readonly number[], name: string, ndim: number): number[] {
  const axes = (typeof given === "number" ? [given] : given).map((axis) => expectAxis("moveaxis", name, axis, ndim));
  expectThat("moveaxis", new Set(axes).size === axes.length, `${name} without repeats`, `[${String(given)}]`);
  return axes;
}
