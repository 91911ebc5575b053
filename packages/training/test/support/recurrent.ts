import { array, type NdArray } from "@chain/array";
import { Variable } from "@chain/autograd";
import * as F from "@chain/autograd/functions";
import * as L from "@chain/links";

/** `h = w h + x`; the loss is the mean of (h - t)². Values are float64. */
export class Accumulator extends L.Chain {
  readonly w = new L.Parameter(array([0.5], { dtype: "float64" }));
  h: Variable | null = null;

  override forward(x: NdArray, t: NdArray): Variable {
    const input = new Variable(x.astype("float64"));
    this.h = this.h === null ? input : F.add(F.mul(F.broadcastTo(this.w.W, input.shape), this.h), input);
    const loss = F.mean(F.square(F.sub(this.h, t.astype("float64"))));
    this.reportLoss(loss);
    return loss;
  }

  reportLoss(loss: Variable): void {
    L.report({ loss, one: 1 }, this);
  }

  resetState(): void {
    this.h = null;
  }

  get value(): number {
    return this.w.W.array.itemSync();
  }
}

/** Losses and states of {@link Accumulator} over windows of a sequence, in plain numbers: gradients go back to the window's start. */
export function accumulate(
  batches: readonly (readonly (readonly [x: number, t: number])[])[],
  bpropLen: number,
  lr: number,
): { readonly w: number; readonly h: readonly number[]; readonly windows: readonly (readonly number[])[] } {
  let w = 0.5;
  let h: number[] | null = null;
  const windows: number[][] = [];
  for (let start = 0; start < batches.length; start += bpropLen) {
    let slope = 0;
    const losses: number[] = [];
    let dh: number[] | null = null;
    for (const batch of batches.slice(start, start + bpropLen)) {
      const before: number[] | null = h;
      const slopesBefore: readonly number[] = dh ?? batch.map(() => 0);
      const weight = w;
      dh = batch.map((_, i) => (before === null ? 0 : (before[i] ?? 0) + weight * (slopesBefore[i] ?? 0)));
      h = batch.map(([x], i) => (before === null ? x : weight * (before[i] ?? 0) + x));
      const errors = batch.map(([, t], i) => (h?.[i] ?? 0) - t);
      losses.push(errors.reduce((sum, e) => sum + e * e, 0) / batch.length);
      slope += errors.reduce((sum, e, i) => sum + 2 * e * (dh?.[i] ?? 0), 0) / batch.length;
    }
    windows.push(losses);
    w -= lr * slope;
  }
  return { w, h: h ?? [], windows };
}
