import { InvalidType, ValueError, zeros } from "@chain/array";
import { asVariable, Parameter, type Variable, type VariableLike } from "@chain/autograd";
import { permutate, transposeSequence, type ParameterLists } from "@chain/autograd/functions";
import { getInitializer } from "../initializers/get-initializer.js";
import type { InitializerLike } from "../initializers/initializer.js";
import { fieldsOf } from "../link-fields.js";
import { ChainList } from "../link-list.js";
import { Link } from "../link.js";

/** Options of the N-step links. */
export interface NStepOptions {
  /** First weights; `LeCunNormal` by default. */
  readonly initialW?: InitializerLike | null;
  /** First biases; 0 by default. */
  readonly initialBias?: InitializerLike | null;
}

/** What kind of network a link runs. */
export interface NStepKind {
  /** 1, or 2 for both directions. */
  readonly directions: 1 | 2;
  /** Number of matrices, and of biases, of a direction of a layer. */
  readonly weights: number;
  /** Runs it over time-major lists. */
  run(
    nLayers: number,
    dropout: number,
    states: readonly VariableLike[],
    ws: ParameterLists,
    bs: ParameterLists,
    xs: readonly VariableLike[],
  ): { readonly states: readonly Variable[]; readonly ys: readonly Variable[] };
}

/**
 * Base of links that run layers over whole sequences, which may differ in length (Chainer's `NStepRNNBase`): a list of
 * links, one for each direction of each layer, with parameters `w0`, `b0`, `w1`, ….
 */
export abstract class NStepBase extends ChainList {
  readonly nLayers: number;
  readonly outSize: number;
  /** Of what layers but the first take in, in training. */
  readonly dropout: number;

  constructor(
    private readonly kind: NStepKind,
    nLayers: number,
    inSize: number,
    outSize: number,
    dropout: number,
    { initialW = null, initialBias = null }: NStepOptions,
  ) {
    if (!Number.isInteger(nLayers) || nLayers < 1) {
      throw new ValueError(`an N-step link has one layer or more, got nLayers = ${nLayers}`);
    }
    const { directions, weights } = kind;
    const [weight, bias] = [getInitializer(initialW), getInitializer(initialBias ?? 0)];
    super(
      ...Array.from({ length: nLayers * directions }, (_, index) => {
        const width = index < directions ? inSize : outSize * directions;
        const params: Record<string, Parameter> = {};
        for (let j = 0; j < weights; j++) {
          params[`w${j}`] = new Parameter(weight, { shape: [outSize, j < weights / 2 ? width : outSize] });
          params[`b${j}`] = new Parameter(bias, { shape: outSize });
        }
        return new Link(params);
      }),
    );
    this.nLayers = nLayers;
    this.outSize = outSize;
    this.dropout = dropout;
  }

  /** First states of zeros for sequences `xs`: shape (layers · directions, sequences, outSize). */
  initHx(xs: readonly VariableLike[]): Variable {
    const [{ dtype, device }] = checkedSequences(this, xs);
    return asVariable(zeros([this.length, xs.length, this.outSize], { dtype, device }));
  }

  /** Runs all layers over sequences in any order. */
  protected call(
    given: readonly (VariableLike | null)[],
    xs: readonly VariableLike[],
  ): { states: Variable[]; ys: Variable[] } {
    const sequences = checkedSequences(this, xs);
    const lengths = sequences.map((x) => x.shape[0] as number);
    const order = lengths.map((_, i) => i).sort((a, b) => (lengths[b] as number) - (lengths[a] as number) || a - b);
    const sorted = order.every((from, to) => from === to);
    const arrange = (state: VariableLike, inv: boolean): Variable =>
      sorted ? asVariable(state) : permutate(state, order, { axis: 1, inv });

    const initial = given.map((state) => (state === null ? this.initHx(xs) : arrange(state, false)));
    const byTime = transposeSequence(order.map((i) => sequences[i] as VariableLike));
    const { states, ys } = this.kind.run(
      this.nLayers,
      this.dropout,
      initial,
      this.parameters("w"),
      this.parameters("b"),
      byTime,
    );
    const outputs = transposeSequence(ys);
    const [{ dtype, device }] = sequences;
    const width = this.outSize * this.kind.directions;
    const results = new Array<Variable>(xs.length);
    // Sequences without elements are at the end of the order, and nothing came out for them.
    order.forEach((i, k) => (results[i] = outputs[k] ?? asVariable(zeros([0, width], { dtype, device }))));
    return { states: states.map((state) => arrange(state, true)), ys: results };
  }

  private parameters(kind: "w" | "b"): Parameter[][] {
    return this.items.map((link) => {
      const fields = fieldsOf(link);
      const found: Parameter[] = [];
      for (let j = 0; fields[`${kind}${j}`] instanceof Parameter; j++) found.push(fields[`${kind}${j}`] as Parameter);
      return found;
    });
  }
}

/** Base of those whose only state is the last output. */
export abstract class NStepOutputBase extends NStepBase {
  /**
   * Last outputs of all layers and all outputs of the last one.
   *
   * @param hx - First outputs, shape (layers · directions, sequences, outSize), or null for zeros.
   * @param xs - Sequences of shape (length, inSize), in any order.
   * @returns `hy` as `hx`, and a sequence of shape (length, outSize · directions) for each of `xs`.
   */
  override forward(hx: VariableLike | null, xs: readonly VariableLike[]): [hy: Variable, ys: Variable[]] {
    const { states, ys } = this.call([hx], xs);
    return [states[0] as Variable, ys];
  }
}

function checkedSequences(link: NStepBase, xs: readonly VariableLike[]): readonly [VariableLike, ...VariableLike[]] {
  const { name } = link.constructor;
  if (!Array.isArray(xs)) throw InvalidType.of(name, "a list of sequences", "one array");
  const [first, ...others] = xs as readonly VariableLike[];
  if (first === undefined) throw InvalidType.of(name, "one sequence or more", "an empty list");
  return [first, ...others];
}
