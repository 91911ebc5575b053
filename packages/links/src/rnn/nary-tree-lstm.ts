import { InvalidType, ValueError } from "@chain/array";
import type { Variable, VariableLike } from "@chain/autograd";
import { add, treeLstm } from "@chain/autograd/functions";
import { Chain } from "../chain.js";
import { Linear } from "../connection/linear.js";
import { fieldsOf } from "../link-fields.js";
import { padded, treeNode } from "./tree-lstm-children.js";

/** Options of {@link NaryTreeLSTM}. */
export interface NaryTreeLSTMOptions {
  /** Number of children of every node, 2 by default. */
  readonly nAry?: number;
}

/**
 * Long short-term memory units at the nodes of trees whose nodes have up to `nAry` children, each with a place of its
 * own (Chainer's `NaryTreeLSTM`; Tai, Socher and Manning, "Improved Semantic Representations From Tree-Structured Long
 * Short-Term Memory Networks", 2015). The parameters for child 1, 2, … are in links `W_h1`, `W_h2`, ….
 */
export class NaryTreeLSTM extends Chain {
  /** From the input to all gates, with a bias. */
  readonly W_x: Linear;
  readonly inSize: number;
  readonly outSize: number;
  readonly nAry: number;

  constructor(inSize: number, outSize: number, options: NaryTreeLSTMOptions = {}) {
    super();
    const { nAry = 2 } = options;
    if (!Number.isInteger(nAry) || nAry < 1) throw new ValueError(`NaryTreeLSTM: nAry is 1 or more, got ${nAry}`);
    this.inSize = inSize;
    this.outSize = outSize;
    this.nAry = nAry;
    this.W_x = new Linear(inSize, (3 + nAry) * outSize);
    for (let i = 1; i <= nAry; i++) {
      this.addLink(`W_h${i}`, new Linear(outSize, (3 + nAry) * outSize, { nobias: true }));
    }
  }

  /**
   * State and output of a node, or of a batch of nodes: `forward(c1, …, h1, …, x)`.
   *
   * @param cshsx - The states of `nAry` children, their outputs, all of shape (batch, outSize), and the input, (batch,
   * inSize). What is null counts as zeros; not everything may be.
   */
  override forward(...cshsx: (VariableLike | null)[]): [c: Variable, h: Variable] {
    const { nAry, outSize } = this;
    const { cs, hs, x } = treeNode("NaryTreeLSTM", cshsx, this.inSize);
    if (cs.length !== nAry) {
      throw InvalidType.of("NaryTreeLSTM", `states and outputs of ${nAry} children`, `${cs.length}`);
    }
    let gates = this.W_x.forward(x);
    hs.forEach((h, i) => {
      if (h !== null) gates = add(gates, (fieldsOf(this)[`W_h${i + 1}`] as Linear).forward(h));
    });
    return treeLstm(...padded(cs, gates, outSize), gates);
  }
}
