import type { Variable, VariableLike } from "@chain/autograd";
import { add, concat, splitAxis, treeLstm } from "@chain/autograd/functions";
import { Chain } from "../chain.js";
import { Linear } from "../connection/linear.js";
import { zeroState } from "./state.js";
import { padded, treeNode } from "./tree-lstm-children.js";

/**
 * Long short-term memory units at the nodes of trees whose nodes have any number of children, in no order (Chainer's
 * `ChildSumTreeLSTM`; Tai, Socher and Manning, "Improved Semantic Representations From Tree-Structured Long Short-Term
 * Memory Networks", 2015). Input, input gate and output gate see the sum of the children's outputs, the forget gate of
 * a child that child's.
 */
export class ChildSumTreeLSTM extends Chain {
  /** From the input to all gates, with a bias. */
  readonly W_x: Linear;
  /** From the children's outputs together to the input and its and the output gate. */
  readonly W_h_aio: Linear;
  /** From each child's output to its forget gate. */
  readonly W_h_f: Linear;
  readonly inSize: number;
  readonly outSize: number;

  constructor(inSize: number, outSize: number) {
    super();
    this.inSize = inSize;
    this.outSize = outSize;
    this.W_x = new Linear(inSize, 4 * outSize);
    this.W_h_aio = new Linear(outSize, 3 * outSize, { nobias: true });
    this.W_h_f = new Linear(outSize, outSize, { nobias: true });
  }

  /**
   * State and output of a node, or of a batch of nodes with equally many children: `forward(...cs, ...hs, x)`.
   *
   * @param cshsx - The children's states, their outputs, all of shape (batch, outSize), and the input, (batch, inSize).
   * What is null counts as zeros; not everything may be.
   */
  override forward(...cshsx: (VariableLike | null)[]): [c: Variable, h: Variable] {
    const { outSize } = this;
    const { cs, hs, x } = treeNode("ChildSumTreeLSTM", cshsx, this.inSize);
    const upward = this.W_x.forward(x);
    const [aio, f] = splitAxis(upward, [3 * outSize], 1) as [Variable, Variable];
    if (cs.length === 0) {
      // A child that has never been: its forget gate lets nothing through, whatever it is.
      return treeLstm(zeroState(upward, upward.shape[0] as number, outSize), upward);
    }
    const outputs = padded(hs, upward, outSize);
    const [first, ...others] = outputs as [VariableLike, ...VariableLike[]];
    const total = others.reduce<VariableLike>((sum, h) => add(sum, h), first);
    const lateral = splitAxis(this.W_h_f.forward(concat(outputs, { axis: 0 })), outputs.length, 0);
    const gates = [add(aio, this.W_h_aio.forward(total)), ...lateral.map((part) => add(part, f))];
    return treeLstm(...padded(cs, upward, outSize), concat(gates, { axis: 1 }));
  }
}
