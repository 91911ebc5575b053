import { InvalidType, ValueError } from "@chain/array";
import { Variable, type VariableLike } from "@chain/autograd";
import { accuracy, softmaxCrossEntropy } from "@chain/autograd/functions";
import { Chain } from "../chain.js";
import type { Link } from "../link.js";
import { report } from "../reporter/reporter.js";

/** Compares predictions with labels. */
export type LabelFunction = (y: Variable, t: VariableLike) => Variable;

/** Options of {@link Classifier}. */
export interface ClassifierOptions {
  /** The loss; `softmaxCrossEntropy` by default. */
  readonly lossfun?: LabelFunction;
  /** The accuracy; `accuracy` by default. */
  readonly accfun?: LabelFunction;
  /** Which argument of `forward` is the label: its position, the last (-1) by default, or its name. */
  readonly labelKey?: number | string;
}

/**
 * A predictor with a loss (Chainer's `Classifier`). Running it gives the loss; loss and accuracy are reported as `loss`
 * and `accuracy`, and stay in {@link loss}, {@link accuracy} and {@link y} until the next run.
 */
export class Classifier<P extends Link = Link> extends Chain {
  readonly predictor: P;
  lossfun: LabelFunction;
  accfun: LabelFunction;
  readonly labelKey: number | string;
  /** Whether the accuracy is computed. Default true. */
  computeAccuracy = true;
  /** What the predictor gave last. */
  y: Variable | null = null;
  /** The last loss. */
  loss: Variable | null = null;
  /** The last accuracy. */
  accuracy: Variable | null = null;

  constructor(predictor: P, options: ClassifierOptions = {}) {
    super();
    this.predictor = predictor;
    this.lossfun = options.lossfun ?? ((y, t) => softmaxCrossEntropy(y, t));
    this.accfun = options.accfun ?? ((y, t) => accuracy(y, t));
    this.labelKey = options.labelKey ?? -1;
  }

  /**
   * The loss of the predictor's output for all arguments but the label. A label with a name is taken out of the last
   * argument, an object; what remains of it goes to the predictor.
   */
  override forward(...args: unknown[]): Variable {
    const [inputs, t] = this.split(args);
    this.y = null;
    this.loss = null;
    this.accuracy = null;
    const y: unknown = (this.predictor as Link & { forward(...inputs: unknown[]): unknown }).forward(...inputs);
    if (!(y instanceof Variable)) throw InvalidType.of("Classifier", "a predictor that gives a Variable", typeof y);
    const loss = this.lossfun(y, t);
    this.y = y;
    this.loss = loss;
    report({ loss }, this);
    if (this.computeAccuracy) {
      this.accuracy = this.accfun(y, t);
      report({ accuracy: this.accuracy }, this);
    }
    return loss;
  }

  private split(args: readonly unknown[]): [inputs: unknown[], t: VariableLike] {
    const { labelKey } = this;
    if (typeof labelKey === "number") {
      const position = labelKey < 0 ? args.length + labelKey : labelKey;
      if (!(position in args)) {
        throw new ValueError(`Classifier: there is no argument ${labelKey} for the label, only ${args.length}`);
      }
      return [args.toSpliced(position, 1), args[position] as VariableLike];
    }
    const named = args.at(-1);
    if (typeof named !== "object" || named === null || !(labelKey in named)) {
      throw new ValueError(`Classifier: the last argument has no label "${labelKey}"`);
    }
    const { [labelKey]: t, ...rest } = named as Record<string, unknown>;
    const inputs = args.slice(0, -1);
    return [Object.keys(rest).length === 0 ? inputs : [...inputs, rest], t as VariableLike];
  }
}
