import { array, random, type NdArray } from "@chain/array";
import type { Variable } from "@chain/autograd";
import * as F from "@chain/autograd/functions";
import * as L from "@chain/links";
import { TupleDataset } from "../../src/datasets/index.js";

/** A small network with dropout, so that random numbers matter. */
export class SmallNetwork extends L.Chain {
  readonly l1 = new L.Linear(null, 8);
  readonly l2 = new L.Linear(null, 3);

  override forward(x: Variable): Variable {
    return this.l2.forward(F.dropout(F.relu(this.l1.forward(x)), { ratio: 0.2 }));
  }
}

/** Points of three classes around different centres, the same every time. */
export function points(count: number, seed = 1): TupleDataset<readonly [NdArray, Int32Array]> {
  const generator = new random.Generator(seed);
  const labels = Int32Array.from({ length: count }, (_, i) => i % 3);
  const values = Float32Array.from({ length: 4 * count }, (_, i) => {
    const label = Math.floor(i / 4) % 3;
    return (i % 4 === label ? 1 : 0) + 0.5 * (generator.random() - 0.5);
  });
  return new TupleDataset(array(values).reshape(count, 4), labels);
}
