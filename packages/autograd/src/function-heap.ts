import type { FunctionNode } from "./function-node.js";

/** Functions that wait for backward: the one of highest rank first, among equals the one that came first. */
export class FunctionHeap {
  private readonly items: FunctionNode[] = [];
  private count = 0;

  push(fn: FunctionNode): void {
    const { items } = this;
    fn.backwardOrder = this.count++;
    let at = items.length;
    items.push(fn);
    while (at > 0) {
      const parent = (at - 1) >> 1;
      const above = items[parent] as FunctionNode;
      if (!before(fn, above)) break;
      items[at] = above;
      at = parent;
    }
    items[at] = fn;
  }

  pop(): FunctionNode | undefined {
    const { items } = this;
    const top = items[0];
    const last = items.pop();
    if (last === undefined || items.length === 0) return top;
    let at = 0;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= items.length) break;
      if (child + 1 < items.length && before(items[child + 1] as FunctionNode, items[child] as FunctionNode)) child++;
      const below = items[child] as FunctionNode;
      if (!before(below, last)) break;
      items[at] = below;
      at = child;
    }
    items[at] = last;
    return top;
  }
}

function before(a: FunctionNode, b: FunctionNode): boolean {
  return a.rank === b.rank ? a.backwardOrder < b.backwardOrder : a.rank > b.rank;
}
