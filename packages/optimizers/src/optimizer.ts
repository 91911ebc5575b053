import { ValueError } from "@chain/array";
import type { Variable } from "@chain/autograd";
import { Link } from "@chain/links";
import type { AbstractSerializer, Serializable } from "@chain/links/serializers";

/** Computes a loss: a function, or a link, which is run by its `forward`. */
export type LossFunction<A extends readonly unknown[]> =
  | ((...args: A) => Variable)
  | { readonly forward: (...args: A) => Variable };

/** What all optimizers have: a target, and counts of updates and epochs (Chainer's `Optimizer`). */
export abstract class Optimizer implements Serializable {
  /** Number of updates so far. */
  t = 0;
  /** Number of epochs so far. */
  epoch = 0;
  private held: Link | null = null;
  private automatic = false;

  /** The link whose parameters are optimized. */
  get target(): Link {
    if (this.held === null) {
      throw new ValueError(`${this.constructor.name} has no target; call setup(link) first`);
    }
    return this.held;
  }

  /** Whether {@link setup} has been called. */
  get isSetUp(): boolean {
    return this.held !== null;
  }

  /** Makes a link the target; counts start over. */
  setup(link: Link): this {
    if (!(link instanceof Link)) {
      throw new ValueError(`${this.constructor.name}.setup() takes a Link, got ${describe(link)}`);
    }
    this.held = link;
    this.t = 0;
    this.epoch = 0;
    return this;
  }

  /** Updates the parameters from the gradients that they have. */
  abstract update(): null;
  /** Computes a loss and its gradients, and updates the parameters. */
  abstract update<A extends readonly unknown[]>(lossfun: LossFunction<A>, ...args: A): Variable;

  /**
   * Counts an epoch. `auto` is for updaters, which call it at the end of each; once they do, others must not.
   *
   * @throws ValueError if both do.
   */
  newEpoch(options: { readonly auto?: boolean } = {}): void {
    if (options.auto === true) this.automatic = true;
    else if (this.automatic) throw new ValueError("newEpoch() is called by the updater; do not call it as well");
    this.epoch++;
  }

  /** Saves or loads the counts. */
  serialize(serializer: AbstractSerializer): void {
    this.t = serializer.value("t", this.t);
    this.epoch = serializer.value("epoch", this.epoch);
  }
}

function describe(value: unknown): string {
  return typeof value === "object" && value !== null ? value.constructor.name : String(value);
}
