import { concatenate, matmulInto, transpose, type NdArray, type TransientScope } from "@chain/array";
import { add as addExprs, elementwise } from "@chain/array/kernel";

const addArrays = elementwise("add", (a, b) => addExprs(a, b));

/** Products of so many rows are not collected any further. */
const enoughRows = 256;
/** So many rows are collected however small the sum is. */
const fewRows = 64;

/**
 * A gradient that comes together from several functions, in an array that nothing else sees: what
 * `FunctionNode.addGradient` adds to.
 */
export class GradientSum {
  private waiting: [a: NdArray, b: NdArray][] = [];
  private rows = 0;

  constructor(
    /** To be added to in place. Products that wait are missing from it. */
    readonly array: NdArray,
    private readonly memory: TransientScope,
  ) {}

  /** Adds an array of the sum's shape. */
  add(x: NdArray): void {
    addArrays.into(this.array, this.array, x);
  }

  /** Adds the sum of a matrix's rows, if it has only one; returns whether it did. */
  addOnlyRow(matrix: NdArray): boolean {
    if (matrix.shape[0] !== 1) return false;
    const row = matrix.reshape(this.array.shape);
    this.add(row);
    row.dispose();
    return true;
  }

  /**
   * Adds `aᵀ · b`, for arrays of shapes `(rows, m)` and `(rows, n)`. A product of few rows costs as much for going through
   * the whole sum as for multiplying; so it waits for others, such as those of other steps of a sequence, until they
   * have rows enough together, or would take more memory than the sum and are more than a few.
   */
  addProduct(a: NdArray, b: NdArray): void {
    const own = a.shape[0] as number;
    const [m, n] = this.array.shape as [number, number];
    const most = Math.min(enoughRows, Math.max(fewRows, (m * n) / (m + n)));
    if (this.rows > 0 && this.rows + own > most) this.complete();
    if (own >= most) {
      this.multiply(a, b);
      return;
    }
    this.memory.pin(a);
    this.memory.pin(b);
    this.waiting.push([a, b]);
    this.rows += own;
  }

  /** Adds what waits. */
  complete(): void {
    const { waiting } = this;
    const [only] = waiting;
    if (only === undefined) return;
    if (waiting.length === 1) {
      this.multiply(...only);
    } else {
      const [left, right] = [0, 1].map((side) => concatenate(waiting.map((pair) => pair[side] as NdArray))) as [
        NdArray,
        NdArray,
      ];
      this.multiply(left, right);
      left.dispose();
      right.dispose();
    }
    for (const [a, b] of waiting) {
      this.memory.unpin(a);
      this.memory.unpin(b);
    }
    this.waiting = [];
    this.rows = 0;
  }

  private multiply(a: NdArray, b: NdArray): void {
    matmulInto(transpose(a), b, { out: this.array, accumulate: true });
  }
}
