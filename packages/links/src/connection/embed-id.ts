import { Parameter, type Variable, type VariableLike } from "@chain/autograd";
import { embedId } from "@chain/autograd/functions";
import { getInitializer } from "../initializers/get-initializer.js";
import type { InitializerLike } from "../initializers/initializer.js";
import { Normal } from "../initializers/normal.js";
import { Link } from "../link.js";

/** Options of {@link EmbedID}. */
export interface EmbedIDOptions {
  /** First vectors; from a normal distribution with deviation 1 by default. */
  readonly initialW?: InitializerLike | null;
  /** An id whose vector is zero, and is not learnt. */
  readonly ignoreLabel?: number | null;
}

/** A vector for each id (Chainer's `EmbedID`): `W` has shape (inSize, outSize). */
export class EmbedID extends Link {
  readonly W: Parameter;
  readonly ignoreLabel: number | null;

  constructor(inSize: number, outSize: number, options: EmbedIDOptions = {}) {
    super();
    const { initialW = null, ignoreLabel = null } = options;
    this.ignoreLabel = ignoreLabel;
    this.W = new Parameter(getInitializer(initialW ?? new Normal({ scale: 1 })), {
      shape: [inSize, outSize],
      name: "W",
    });
  }

  /** The vectors of the ids in the integer array `x`, along one more axis. */
  override forward(x: VariableLike): Variable {
    return embedId(x, this.W, { ignoreLabel: this.ignoreLabel });
  }
}
