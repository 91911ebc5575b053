import { InvalidType } from "@chain/array";
import type { Variable } from "@chain/autograd";
import { Link } from "./link-core.js";
import { LinkList } from "./link-list.js";

/** What a Sequential runs: a link, or a function of what the layer before it gives. */
export type Layer = Link | ((...args: never[]) => unknown);

/**
 * Layers run one after the other (Chainer's `Sequential`): links, and functions such as `F.relu`. A layer that returns a
 * list gives the next one several arguments.
 *
 * ```ts
 * const model = new Sequential(new Linear(null, 100), F.relu, new Linear(100, 10));
 * ```
 *
 * Only links count in the names of parameters: those of the example are `/0/W`, `/0/b`, `/1/W` and `/1/b`.
 */
export class Sequential extends LinkList<Layer> {
  constructor(...layers: Layer[]) {
    super(layers);
  }

  /** Runs all layers. */
  override forward(...inputs: unknown[]): Variable {
    let values = inputs;
    for (const layer of this.items) {
      const run = (layer instanceof Link ? layer.forward.bind(layer) : layer) as (...args: unknown[]) => unknown;
      const result = run(...values);
      values = Array.isArray(result) ? (result as unknown[]) : [result];
    }
    return (values.length === 1 ? values[0] : values) as Variable;
  }

  /** Layers `start` up to before `end` as a Sequential of their own, which shares them. */
  slice(start?: number, end?: number): Sequential {
    return new Sequential(...this.items.slice(start, end));
  }

  /** Removes all layers of a type: the name of a link's class or of a function, such as `"Linear"` or `"relu"`. */
  removeByLayerType(typeName: string): void {
    const kept = this.items.filter((layer) => typeNameOf(layer) !== typeName);
    this.clear();
    this.extend(kept);
  }

  /** Number of layers of a type; see {@link removeByLayerType}. */
  countByLayerType(typeName: string): number {
    return this.items.filter((layer) => typeNameOf(layer) === typeName).length;
  }

  /** A Sequential of the same layers in which those of inner Sequentials take their place. */
  flatten(): Sequential {
    return new Sequential(
      ...this.items.flatMap((layer) => (layer instanceof Sequential ? [...layer.flatten()] : [layer])),
    );
  }

  protected override check(layer: Layer): void {
    if (!(layer instanceof Link) && typeof layer !== "function") {
      throw InvalidType.of("Sequential", "links and functions", typeof layer);
    }
  }
}

function typeNameOf(layer: Layer): string {
  return layer instanceof Link ? layer.constructor.name : layer.name;
}
