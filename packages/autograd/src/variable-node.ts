import { discard, type DType, type Lifetime, type NdArray, type Shape } from "@chain/array";
import type { FunctionNode } from "./function-node.js";
import type { GradientSum } from "./gradient-sum.js";
import type { Variable } from "./variable.js";

/** A gradient on its way to a node, or complete and waiting to be used. */
export interface GradientSlot {
  /** The backward pass that it belongs to. */
  readonly pass: object;
  gradient: Variable;
  /** If `gradient` is an array that nothing else sees: what more may be added to. */
  sum: GradientSum | null;
  /** What an enclosing pass (a backward that runs inside a function's backward) has here. */
  readonly outer: GradientSlot | null;
}

/**
 * The graph's side of a {@link Variable}: which function made it and what its gradient is. It holds the array only if a
 * function retained it, so that the graph does not keep arrays alive that backward does not need.
 */
export class VariableNode {
  /** The array, if a function retained it. */
  data: NdArray | null = null;
  /** The function that the variable is an output of; null for a leaf. */
  creator: FunctionNode | null = null;
  gradVar: Variable | null = null;
  /** Length of the longest path from a leaf. */
  rank = 0;
  /** Of a leaf: how long its variable lives, and so its gradient. */
  lifetime: Lifetime = null;
  /** The gradient's array, if backward made it (and nobody else knew of it then). */
  ownGradient: NdArray | null = null;
  /** The factor by which `backward({ lossScale })` multiplied the gradient, if it did. */
  lossScale: number | null = null;
  /** For the backward pass alone. */
  slot: GradientSlot | null = null;

  constructor(
    public shape: Shape,
    public dtype: DType,
    readonly requiresGrad: boolean,
    public name: string | null,
  ) {}

  /** Short text for graphs and messages: `x: (2, 3), float32`. */
  get label(): string {
    const { shape, dtype, name } = this;
    const text = `${shape.length === 1 ? `(${shape[0]},)` : `(${shape.join(", ")})`}, ${dtype}`;
    return name === null ? text : `${name}: ${text}`;
  }

  /** Forgets the gradient; one that backward made is given up with it. */
  cleargrad(): void {
    const { gradVar, ownGradient } = this;
    if (ownGradient !== null && gradVar !== null && gradVar.array === ownGradient) discard(ownGradient);
    this.ownGradient = null;
    this.gradVar = null;
    this.lossScale = null;
  }

  /** Makes `creator` the function that this node is an output of. */
  setCreatorNode(creator: FunctionNode): void {
    this.creator = creator;
    this.rank = creator.rank + 1;
  }

  /** Forgets the creator: backward stops here. */
  unchain(): void {
    this.creator = null;
  }
}
