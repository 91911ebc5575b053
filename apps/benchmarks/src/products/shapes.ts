import { inputs } from "../contestant.js";

/** `batch` products of an `M × K` with a `K × N` matrix, which `transposed` says to be stored as `N × K`. */
export interface Product {
  readonly batch: number;
  readonly m: number;
  readonly k: number;
  readonly n: number;
  readonly transposed: boolean;
}

/** Products that networks consist of, few of them square. A workload's size is a place in this list; `python/host.py` has the same. */
export const products: readonly (Product & { readonly title: string })[] = [
  { title: "linear layer, one example", batch: 1, m: 1, k: 784, n: 1000, transposed: true },
  { title: "LSTM gates, forward", batch: 1, m: 20, k: 650, n: 2600, transposed: true },
  { title: "LSTM gates, by input", batch: 1, m: 20, k: 2600, n: 650, transposed: false },
  { title: "linear layer, 64 examples", batch: 1, m: 64, k: 1024, n: 1024, transposed: true },
  { title: "linear layer, 128 examples", batch: 1, m: 128, k: 256, n: 256, transposed: true },
  { title: "gradient by weights, 100 examples", batch: 1, m: 784, k: 100, n: 1000, transposed: false },
  { title: "scores of 10,000 words", batch: 1, m: 700, k: 200, n: 10_000, transposed: true },
  { title: "attention, 128 heads", batch: 128, m: 64, k: 64, n: 64, transposed: false },
];

/** A product's operands, in C order: `a` of `(batch, M, K)`, `b` of `(batch, K, N)` or, transposed, `(batch, N, K)`. */
export function operands(index: number): Product & {
  readonly a: Float32Array<ArrayBuffer>;
  readonly b: Float32Array<ArrayBuffer>;
} {
  const product = products[index] as Product;
  const { batch, m, k, n } = product;
  return { ...product, a: inputs(batch * m * k, 1), b: inputs(batch * k * n, 2) };
}

/** `LSTM gates, forward 20×650×2600`. */
export function title(index: number): string {
  const { title: name, batch, m, k, n } = products[index] as (typeof products)[number];
  return `${name} ${batch === 1 ? "" : `${batch}×`}${m}×${k}×${n}`;
}

/** Floating-point operations. */
export function operations(index: number): number {
  const { batch, m, k, n } = products[index] as Product;
  return 2 * batch * m * k * n;
}
