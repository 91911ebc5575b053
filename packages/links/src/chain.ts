import { ValueError } from "@chain/array";
import { Link } from "./link.js";

/**
 * A link made of other links, in fields (Chainer's `Chain`):
 *
 * ```ts
 * class MLP extends Chain {
 *   readonly l1 = new Linear(null, 100);
 *   readonly l2 = new Linear(null, 10);
 *   forward(x: Variable): Variable {
 *     return this.l2.forward(F.relu(this.l1.forward(x)));
 *   }
 * }
 * ```
 */
export class Chain extends Link {
  /** Links may be given by name, to make a chain of without a class. */
  constructor(links: Readonly<Record<string, Link>> = {}) {
    super();
    Object.assign(this, links);
  }

  /** Adds a child link as field `name`. */
  addLink(name: string, link: Link): void {
    if (name in this) throw new ValueError(`${this.constructor.name} has a field "${name}" already`);
    Object.assign(this, { [name]: link });
  }
}
