import type { Chunk, ExampleLoader } from "./threads/example-loader.js";

/**
 * Chunks of examples that workers load before somebody asks for them, in the order of the training. They are used only if
 * they turn out to be what is wanted; so it does not matter why something else is: a reset, or a snapshot that was loaded.
 */
export class PrefetchQueue<E> {
  private chunks: Chunk[] = [];

  constructor(private readonly loader: ExampleLoader<E>) {}

  /** Takes chunks out that are together a minibatch; what is not there is ordered now. */
  take(indices: Int32Array, ordinal: number, seed: number): Chunk[] {
    const taken: Chunk[] = [];
    let count = 0;
    for (;;) {
      const [next] = this.chunks;
      if (next === undefined) break;
      const wanted = indices.subarray(count, count + next.indices.length);
      if (next.ordinal !== ordinal + count || next.seed !== seed || !areEqual(next.indices, wanted)) break;
      taken.push(next);
      this.chunks.shift();
      count += wanted.length;
      if (count === indices.length) return taken;
    }
    this.clear();
    return [...taken, ...this.order(indices.subarray(count), ordinal + count, seed)];
  }

  /** Orders a minibatch that will be wanted after what is in the queue, but for what is there already. */
  extend(indices: Int32Array, ordinal: number, seed: number): void {
    const last = this.chunks.at(-1);
    const there = last === undefined ? 0 : Math.max(0, last.ordinal + last.indices.length - ordinal);
    this.chunks.push(...this.order(indices.subarray(there), ordinal + there, seed));
  }

  /** Gives up everything. */
  clear(): void {
    this.loader.drop(this.chunks);
    this.chunks = [];
  }

  /** Divides examples among the workers. */
  private order(indices: Int32Array, ordinal: number, seed: number): Chunk[] {
    const { loader } = this;
    const border = (part: number): number => Math.floor((indices.length * part) / loader.workers);
    return Array.from({ length: loader.workers }, (_, part) => [border(part), border(part + 1)] as const)
      .filter(([from, to]) => from < to)
      .map(([from, to]) => loader.submit({ indices: indices.slice(from, to), ordinal: ordinal + from, seed }));
  }
}

function areEqual(a: Int32Array, b: Int32Array): boolean {
  return a.length === b.length && a.every((value, i) => value === b[i]);
}
