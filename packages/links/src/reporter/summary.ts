import { free, full, isFloating, keep, scope, ValueError, type NdArray } from "@chain/array";
import { elementwise, add, mul, sub, type Expr } from "@chain/array/kernel";
import { SerializationError } from "../serializers/serialization-error.js";
import type { AbstractSerializer, Serializable } from "../serializers/serializer.js";
import { observedData, type Observed } from "./observation.js";

/** `sum + term`, and what the addition lost, which the next one gets back (Kahan's summation). */
function compensated(sum: Expr, lost: Expr, term: Expr): [Expr, Expr] {
  const corrected = sub(term, lost);
  const next = add(sum, corrected);
  return [next, sub(sub(next, sum), corrected)];
}

const accumulate = elementwise("summary_add", { scalars: ["weight"] }, (value, x, xLost, x2, x2Lost, { weight }) => {
  const term = mul(value, weight);
  return [...compensated(x, xLost, term), ...compensated(x2, x2Lost, mul(value, term))] as [Expr, Expr, Expr, Expr];
});

/** Sums on a device: of the values, of their squares, and what rounding took from each. */
type Sums = [x: NdArray, xLost: NdArray, x2: NdArray, x2Lost: NdArray];

/** Mean and standard deviation. */
export interface Statistics {
  readonly mean: number;
  readonly std: number;
}

/**
 * Mean and standard deviation of a sequence of numbers, added one by one (Chainer's `Summary`). Values on a device are
 * summed there; nothing is read before a result is asked for.
 */
export class Summary implements Serializable {
  private n = 0;
  /** What `Sums` holds, as long as only numbers were added. */
  private host: [x: number, xLost: number, x2: number, x2Lost: number] = [0, 0, 0, 0];
  private device: Sums | null = null;

  /** Adds a number, or an array or Variable of one element, which counts `weight` times. */
  add(value: Observed, options: { readonly weight?: number } = {}): void {
    const weight = options.weight ?? 1;
    const data = observedData(value);
    if (typeof data === "number" && this.device === null) {
      this.host[0] += weight * data;
      this.host[2] += weight * data * data;
    } else {
      scope(() => this.addOnDevice(data, weight));
    }
    this.n += weight;
  }

  /** The mean so far; NaN if nothing was added. */
  async computeMean(): Promise<number> {
    const { n } = this;
    const [x] = await this.totals();
    return x / n;
  }

  /** Mean and (population) standard deviation so far. */
  async makeStatistics(): Promise<Statistics> {
    const { n } = this;
    const [x, x2] = await this.totals();
    const mean = x / n;
    return { mean, std: Math.sqrt(Math.max(0, x2 / n - mean * mean)) };
  }

  /** Frees what it holds on a device; it starts over. */
  dispose(): void {
    free(this.device);
    this.device = null;
    this.host = [0, 0, 0, 0];
    this.n = 0;
  }

  /** Chainer's `_x`, `_x2` and `_n`, and what rounding took from the sums, so that a resumed run goes on exactly. */
  serialize(serializer: AbstractSerializer): void {
    const n = serializer.value("_n", this.n);
    const keys = ["_x", "_xLost", "_x2", "_x2Lost"];
    if (!serializer.reading) {
      keys.forEach((key, i) => serializer.value(key, (this.device ?? this.host)[i] as NdArray | number));
      return;
    }
    const stored = keys.map((key) => (serializer.has(key) || !key.endsWith("Lost") ? serializer.value(key, 0) : 0));
    if (serializer.checking) return;
    this.dispose();
    this.n = n;
    this.host = stored as typeof this.host;
  }

  private addOnDevice(data: NdArray | number, weight: number): void {
    if (typeof data === "number") {
      const sums = this.device as Sums;
      accumulate.into(sums, data, ...sums, { weight });
      return;
    }
    if (data.size !== 1) throw new ValueError(`a summary adds single numbers, got ${data.size} elements`);
    const { device } = data;
    const dtype = data.dtype === "float64" ? "float64" : "float32";
    this.device ??= keep(this.host.map((sum) => full([], sum, { dtype, device })) as Sums);
    const sums = this.device;
    if (sums[0].device !== device) {
      throw new ValueError(
        `a summary of values on ${sums[0].device} cannot add one on ${device}; use one summary a device`,
      );
    }
    const value = data.ndim === 0 ? data : data.reshape([]);
    accumulate.into(sums, isFloating(value.dtype) ? value : value.astype("float32"), ...sums, { weight });
  }

  /** Sums of values and squares. */
  private async totals(): Promise<[x: number, x2: number]> {
    const [x, xLost, x2, x2Lost] =
      this.device === null
        ? this.host
        : ((await Promise.all(this.device.map((array) => array.item()))) as typeof this.host);
    return [x - xLost, x2 - x2Lost];
  }
}

/** Means and standard deviations of the values of observations, by name (Chainer's `DictSummary`). */
export class DictSummary implements Serializable {
  private readonly summaries = new Map<string, Summary>();

  /** Adds the values of an observation; each may be a pair of a value and its weight. */
  add(values: Readonly<Record<string, Observed | readonly [value: Observed, weight: number]>>): void {
    for (const [name, entry] of Object.entries(values)) {
      const [value, weight] = isWeighted(entry) ? entry : [entry, 1];
      let summary = this.summaries.get(name);
      if (summary === undefined) {
        summary = new Summary();
        this.summaries.set(name, summary);
      }
      summary.add(value, { weight });
    }
  }

  /** Means by name. */
  async computeMean(): Promise<Record<string, number>> {
    const means = [...this.summaries].map(async ([name, summary]) => [name, await summary.computeMean()] as const);
    return Object.fromEntries(await Promise.all(means));
  }

  /** Means by name, and standard deviations by name + `.std`. */
  async makeStatistics(): Promise<Record<string, number>> {
    const pairs = [...this.summaries].map(async ([name, summary]) => {
      const { mean, std } = await summary.makeStatistics();
      return [
        [name, mean],
        [`${name}.std`, std],
      ] as const;
    });
    return Object.fromEntries((await Promise.all(pairs)).flat());
  }

  /** Frees what it holds on devices; it starts over. */
  dispose(): void {
    for (const summary of this.summaries.values()) summary.dispose();
    this.summaries.clear();
  }

  /** As Chainer: names as JSON in `_names`, then a summary each in `_summaries/0`, `_summaries/1`, … */
  serialize(serializer: AbstractSerializer): void {
    const names = parseNames(serializer.value("_names", JSON.stringify([...this.summaries.keys()])));
    if (serializer.checking) return;
    if (serializer.reading) this.dispose();
    const parts = serializer.child("_summaries");
    names.forEach((name, i) => {
      let summary = this.summaries.get(name);
      if (summary === undefined) {
        summary = new Summary();
        this.summaries.set(name, summary);
      }
      summary.serialize(parts.child(String(i)));
    });
  }
}

function isWeighted(entry: Observed | readonly [Observed, number]): entry is readonly [Observed, number] {
  return Array.isArray(entry);
}

function parseNames(text: string): string[] {
  try {
    const names: unknown = JSON.parse(text);
    if (Array.isArray(names) && names.every((name) => typeof name === "string")) return names;
  } catch {
    // the error below says it
  }
  throw new SerializationError(`"_names" of a summary is not a JSON list of names: ${text}`);
}
