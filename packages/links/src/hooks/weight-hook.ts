import { ValueError } from "@chain/array";
import { Parameter, type Variable, type VariableLike } from "@chain/autograd";
import { fieldsOf } from "../link-fields.js";
import type { Link } from "../link-core.js";
import { LinkHook, type LinkForwardArgs } from "../link-hook.js";

/** Links that make their weights for the first input have this method. */
interface LazyLink {
  initializeParams(x: VariableLike): void;
}

/**
 * A hook that has a link run with a weight computed from its own: while `forward` runs, the link's field holds that
 * instead of the parameter. It is added to links, not turned on for all.
 */
export abstract class WeightHook extends LinkHook {
  /** Name of the field that holds the weight. */
  readonly weightName: string;
  /** Parameters of links that are running. */
  private readonly replaced = new Map<Link, Parameter>();

  constructor(weightName: string) {
    super();
    this.weightName = weightName;
  }

  /** The weight that the link is to run with. */
  protected abstract compute(link: Link, weight: Parameter): Variable;

  /** Called when the weight has its array, the first time it is needed. */
  protected prepare(_link: Link, _weight: Parameter): void {}

  override added(link: Link | null): void {
    if (link === null) throw new ValueError(`${this.name} is added to links: link.addHook(hook)`);
    const weight = this.weightOf(link);
    if (weight.isInitialized) this.prepare(link, weight);
  }

  override forwardPreprocess({ link, args }: LinkForwardArgs): void {
    const weight = this.weightOf(link);
    if (!weight.isInitialized) {
      if (isLazy(link)) link.initializeParams(args[0] as VariableLike);
      this.prepare(link, weight);
    }
    const computed = this.compute(link, weight);
    this.replaced.set(link, weight);
    fieldsOf(link)[this.weightName] = computed;
  }

  override forwardPostprocess({ link }: LinkForwardArgs): void {
    this.restore(link);
  }

  override forwardFailed({ link }: LinkForwardArgs): void {
    this.restore(link);
  }

  private restore(link: Link): void {
    const weight = this.replaced.get(link);
    if (weight === undefined) return;
    fieldsOf(link)[this.weightName] = weight;
    this.replaced.delete(link);
  }

  protected weightOf(link: Link): Parameter {
    const weight = fieldsOf(link)[this.weightName];
    if (!(weight instanceof Parameter)) {
      throw new ValueError(`${this.name}: ${link.constructor.name} has no parameter "${this.weightName}"`);
    }
    return weight;
  }
}

function isLazy(link: object): link is LazyLink {
  return "initializeParams" in link && typeof link.initializeParams === "function";
}
