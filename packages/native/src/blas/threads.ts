import type { LibraryHandle } from "koffi";
import { optional } from "../shared-library.js";

/** Functions that tell a library how many threads it may use; OpenBLAS, MKL and BLIS have one each. */
const setters = ["openblas_set_num_threads", "MKL_Set_Num_Threads", "bli_thread_set_num_threads"];

/** What `openblas_get_parallel` says of threads of OpenMP. */
const OPENMP = 2;

/**
 * The function that sets how many threads compute the next products, or null where a library has none that is known: it is not
 * one of those that are known to be fast, then.
 */
export function threadSetterOf(lib: LibraryHandle): ((count: number) => void) | null {
  if (optional(lib, "int openblas_get_parallel()")?.() === OPENMP) {
    // It goes by OpenMP's own number, which oneDNN shares and may have changed.
    const set = optional(lib, "void omp_set_num_threads(int threads)");
    return set === null ? null : (count) => void set(count);
  }
  const set = setters.map((name) => optional(lib, `void ${name}(int threads)`)).find((found) => found !== null);
  return set === undefined ? null : remembering(set);
}

/** Calls a function only when the number changes. */
function remembering(set: (count: number) => unknown): (count: number) => void {
  let current: number | null = null;
  return (count) => {
    if (count !== current) set(count);
    current = count;
  };
}
