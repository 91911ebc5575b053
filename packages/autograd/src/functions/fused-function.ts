import type { NdArray } from "@chain/array";
import { grad } from "../backward.js";
import { config, forceBackpropMode } from "../config.js";
import { FunctionNode, type Gradients } from "../function-node.js";
import type { Variable, VariableLike } from "../variable.js";
import { identity } from "./math/identity.js";

/** A function whose result and first gradients have kernels of their own. */
export interface FusedFunction {
  readonly name: string;
  /** The result, and arrays that the gradients are computed from besides the inputs. */
  forward(xs: readonly NdArray[]): { readonly y: NdArray; readonly kept: readonly NdArray[] };
  /** The gradients of inputs `indexes`. */
  gradients(
    xs: readonly NdArray[],
    kept: readonly NdArray[],
    gy: NdArray,
    indexes: readonly number[],
  ): readonly NdArray[];
  /** The same function from differentiable ones: second derivatives are those of this. */
  composed(xs: readonly Variable[]): Variable;
}

/** A run of a fused function. */
export class Fused extends FunctionNode {
  private kept: readonly NdArray[] = [];

  constructor(readonly definition: FusedFunction) {
    super();
  }

  override get label(): string {
    return this.definition.name;
  }

  override forward(xs: readonly NdArray[]): NdArray[] {
    this.retainInputs(xs.map((_, index) => index));
    const { y, kept } = this.definition.forward(xs);
    this.kept = kept;
    return [y];
  }

  override unchain(): void {
    super.unchain();
    this.kept = [];
  }

  override backward(indexes: readonly number[], [gy]: readonly [Variable]): Gradients {
    const gradient = new FusedGradient(this.definition, this.kept, indexes);
    return gradient.apply([...this.getRetainedInputs(), gy]);
  }
}

class FusedGradient extends FunctionNode {
  constructor(
    private readonly definition: FusedFunction,
    private readonly kept: readonly NdArray[],
    private readonly indexes: readonly number[],
  ) {
    super();
  }

  override get label(): string {
    return `${this.definition.name}-grad`;
  }

  override forward(inputs: readonly NdArray[]): readonly NdArray[] {
    this.retainInputs(inputs.map((_, index) => index));
    return this.definition.gradients(inputs.slice(0, -1), this.kept, inputs.at(-1) as NdArray, this.indexes);
  }

  override backward(indexes: readonly number[], ggxs: Gradients): Gradients {
    // Copies of the inputs, so that what they were made from is left alone.
    const inputs = forceBackpropMode(() => this.getRetainedInputs().map((x) => identity(x)));
    const [xs, gy] = [inputs.slice(0, -1), inputs.at(-1) as Variable];
    const y = forceBackpropMode(() => this.definition.composed(xs));
    const gxs = grad([y], xs, { gradOutputs: [gy], enableDoubleBackprop: true });
    const pairs = this.indexes.flatMap((index, i): [Variable, Variable][] => {
      const [gx, ggx] = [gxs[index] ?? null, ggxs[i] ?? null];
      return gx === null || ggx === null ? [] : [[gx, ggx]];
    });
    if (pairs.length === 0) return indexes.map(() => null);
    return grad(
      pairs.map(([gx]) => gx),
      indexes.map((index) => inputs[index] as Variable),
      { gradOutputs: pairs.map(([, ggx]) => ggx), enableDoubleBackprop: config.enableBackprop },
    );
  }
}

/** Runs a fused function; arguments have been checked. */
export function applyFused(definition: FusedFunction, inputs: readonly VariableLike[]): Variable {
  return new Fused(definition).apply(inputs)[0] as Variable;
}
