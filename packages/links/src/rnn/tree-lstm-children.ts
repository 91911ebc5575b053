import { InvalidType } from "@chain/array";
import type { Variable, VariableLike } from "@chain/autograd";
import { zeroState } from "./state.js";

/** What the tree LSTM links are given: the states of all children, their outputs, and the node's input. */
export interface TreeNode {
  readonly cs: readonly (VariableLike | null)[];
  readonly hs: readonly (VariableLike | null)[];
  readonly x: VariableLike;
}

/** Sorts out the arguments `(…cs, …hs, x)`; a missing input is zeros. */
export function treeNode(link: string, cshsx: readonly (VariableLike | null)[], inSize: number): TreeNode {
  if (cshsx.length % 2 === 0) {
    throw InvalidType.of(link, "as many states as outputs of children, and x", `${cshsx.length} arguments`);
  }
  const children = (cshsx.length - 1) / 2;
  const x = cshsx.at(-1) ?? null;
  const given = cshsx.find((value) => value !== null) ?? null;
  if (given === null) throw InvalidType.of(link, "x, or the state of a child", "nothing");
  return {
    cs: cshsx.slice(0, children),
    hs: cshsx.slice(children, -1),
    x: x ?? zeroState(given, given.shape[0] as number, inSize),
  };
}

/** What is missing counts as zeros. */
export function padded(values: readonly (VariableLike | null)[], like: Variable, size: number): VariableLike[] {
  return values.map((value) => value ?? zeroState(like, like.shape[0] as number, size));
}
