import type { GemmLibraries } from "./gemm.js";

/** M×K by K×N, and how B lies in memory. */
export interface Product {
  readonly m: number;
  readonly n: number;
  readonly k: number;
  /** Whether the columns of B are contiguous, as those of a linear layer's weights are. */
  readonly transposed: boolean;
}

/** Who computes a product, and with how many threads. */
export interface Choice {
  readonly by: "device" | keyof GemmLibraries;
  readonly threads: "one" | "all";
}

interface Rule extends Choice {
  readonly applies: (product: Product) => boolean;
}

/** Below this many products a call costs more than it computes: 8×8×8 takes 0.2 µs on the device, 0.4 by a library. */
const SMALL = 16 ** 3;

/** For BLAS alone: from measurements of 37 shapes, OpenBLAS 0.3.21 with AVX-512 against WebAssembly, on two cores. */
const blasRules: readonly Rule[] = [
  { by: "device", threads: "all", applies: ({ m, n, k }) => m * n * k <= SMALL },
  // One row reads the matrix once, at the speed of memory: 1×650×2600 takes 190 µs here, 270 by BLAS.
  { by: "device", threads: "all", applies: ({ m }) => m === 1 },
  // Few rows by a matrix in the cache: 20×200×800 takes 44 µs with one thread, 50 with two.
  { by: "blas", threads: "one", applies: ({ m, n, k }) => m <= 32 && n * k <= 2 ** 18 },
  // A sum of few matrices of rank one: 650×20×2600 takes 370 µs with one thread, 430 with two.
  { by: "blas", threads: "one", applies: ({ m, n, k }) => k <= 32 && m * n <= 2 ** 21 },
  { by: "blas", threads: "all", applies: () => true },
];

/** For oneDNN alone. */
const oneDnnRules: readonly Rule[] = [
  { by: "device", threads: "all", applies: ({ m, n, k }) => m * n * k <= SMALL },
  { by: "oneDnn", threads: "one", applies: (product) => !isWorthThreads(product) },
  { by: "oneDnn", threads: "all", applies: () => true },
];

/**
 * Where there are both: from 427 shapes drawn at random and 300 with transposed weights, oneDNN 2.6.3 against OpenBLAS 0.3.21, one product after
 * the other. With all threads from a million on (see `isWorthThreads`), these rules take 7 % longer than the best choice for each of the former shapes
 * would, BLAS alone 54 %, oneDNN alone 19 %; waiting for six million is what networks gain by, and costs 11 % here.
 */
const rules: readonly Rule[] = [
  { by: "device", threads: "all", applies: ({ m, n, k }) => m * n * k <= SMALL },
  // OpenBLAS computes small products in place, where oneDNN packs them: 32×32×32 takes 0.4 µs against 0.9.
  { by: "blas", threads: "one", applies: ({ m, n, k }) => m > 1 && m * n * k <= 500_000 },
  // Large weights that lie transposed, by fewer rows than would pay for packing them: 48×650 by 650×2600 takes oneDNN 556 µs, BLAS 446.
  {
    by: "blas",
    threads: "all",
    applies: ({ m, n, k, transposed }) =>
      transposed && n * k >= 2 ** 18 && ((m > 28 && m <= 96) || (m <= 256 && sharesCacheLines(k))),
  },
  ...oneDnnRules.slice(1),
];

/**
 * Whether rows of so many numbers lie so that the same places in each fall on few lines of a cache, which oneDNN does not avoid:
 * 64×1024 by 1024×1024 takes it 930 µs, BLAS 390; with 1,040 instead of 1,024 it is 390 and 360.
 */
function sharesCacheLines(stride: number): boolean {
  return stride % 512 === 0;
}

/**
 * Whether handing work to a second thread pays: by multiplications, and by numbers of B that have to come from memory. One product after
 * the other, it would from a sixth of this on; in a network the second thread has fallen asleep in between.
 */
function isWorthThreads({ m, n, k }: Product): boolean {
  return m * n * k + 8 * n * k >= 6_000_000;
}

/** Chooses among the device and the libraries that there are. */
export function choose(
  product: Product,
  { blas, oneDnn }: { readonly [name in keyof GemmLibraries]: unknown },
): Choice {
  const applicable = oneDnn === null ? blasRules : blas === null ? oneDnnRules : rules;
  return applicable.find(({ applies }) => applies(product)) ?? { by: "device", threads: "all" };
}
