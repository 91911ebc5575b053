import { ValueError } from "../errors.js";

/** A value for each end of each axis: one for all, `[before, after]` for all axes, or such a pair for each axis. */
export type PerSide = number | readonly number[] | readonly (readonly number[])[];

/** The values before and after each of `ndim` axes. */
export function perSide(name: string, given: PerSide, ndim: number): [number, number][] {
  const axes = typeof given === "number" ? [[given]] : isFlat(given) ? [given] : given;
  const fits =
    (axes.length === 1 || axes.length === ndim) && axes.every((axis) => axis.length === 1 || axis.length === 2);
  if (!fits) {
    throw new ValueError(
      `pad: ${name} is a number, [before, after], or such a pair for each of the ${ndim} axes, got ${JSON.stringify(given)}`,
    );
  }
  const pairs = axes.map(([before, after]): [number, number] => [before as number, (after ?? before) as number]);
  return Array.from({ length: ndim }, (_, i) => (pairs.length === 1 ? pairs[0] : pairs[i]) as [number, number]);
}

function isFlat(given: Exclude<PerSide, number>): given is readonly number[] {
  return typeof given[0] === "number";
}
