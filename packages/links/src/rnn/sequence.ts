/** What stateful links share that may be given a whole sequence. */
import type { Variable, VariableLike } from "@chain/autograd";
import { concat, splitAxis } from "@chain/autograd/functions";
import type { Linear } from "../connection/linear.js";

/** What a stateful link takes: one element of a sequence, or a list of them by time. */
export type ElementOrSequence = VariableLike | readonly VariableLike[];

export function isSequence(x: ElementOrSequence): x is readonly VariableLike[] {
  return Array.isArray(x);
}

/** What each of `links` makes of the elements, by time: of all of them in one product. */
export function project<const Links extends readonly Linear[]>(
  links: Links,
  xs: readonly VariableLike[],
): { [At in keyof Links]: Variable }[] {
  const [first] = xs;
  if (first === undefined) return [];
  if (xs.length === 1) return [links.map((link) => link.forward(first))] as { [At in keyof Links]: Variable }[];
  let end = 0;
  const ends = xs.slice(0, -1).map(({ shape }) => (end += shape[0] as number));
  const rows = concat(xs, { axis: 0 });
  const parts = links.map((link) => splitAxis(link.forward(rows), ends, 0));
  return xs.map((_, time) => parts.map((part) => part[time])) as { [At in keyof Links]: Variable }[];
}
