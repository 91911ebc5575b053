/** Who computes a product: the device itself, or BLAS with one thread or with all. */
export type Choice = "device" | "one thread" | "all threads";

interface Rule {
  readonly choice: Choice;
  readonly applies: (m: number, n: number, k: number) => boolean;
}

/**
 * From measurements of 37 shapes, OpenBLAS 0.3.21 with AVX-512 against WebAssembly, on two cores; the first rule that applies.
 * `docs/performance.md` has the figures.
 */
const rules: readonly Rule[] = [
  // The call costs more than the product: 8×8×8 takes 0.2 µs here, 0.4 by BLAS.
  { choice: "device", applies: (m, n, k) => m * n * k <= 16 ** 3 },
  // One row reads the matrix once, at the speed of memory: 1×650×2600 takes 190 µs here, 270 by BLAS.
  { choice: "device", applies: (m) => m === 1 },
  // Few rows by a matrix in the cache: 20×200×800 takes 44 µs with one thread, 50 with two.
  { choice: "one thread", applies: (m, n, k) => m <= 32 && n * k <= 2 ** 18 },
  // A sum of few matrices of rank one: 650×20×2600 takes 370 µs with one thread, 430 with two.
  { choice: "one thread", applies: (m, n, k) => k <= 32 && m * n <= 2 ** 21 },
  { choice: "all threads", applies: () => true },
];

/** Chooses for M×K by K×N. */
export function choose(m: number, n: number, k: number): Choice {
  return rules.find(({ applies }) => applies(m, n, k))?.choice ?? "all threads";
}
