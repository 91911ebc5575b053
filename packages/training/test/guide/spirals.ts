import { array, random, type NdArray } from "@chain/array";
import { DatasetMixin } from "@chain/training";

/** Points of three spiral arms. Imagine that they are photos, each of which takes a while to decode and to distort. */
class Spirals extends DatasetMixin<readonly [point: NdArray, arm: number]> {
  constructor(override readonly length: number) {
    super();
  }

  override getExample(index: number): readonly [point: NdArray, arm: number] {
    const arm = index % 3;
    const radius = Math.sqrt(random.random()); // another one in each sweep
    const angle = 3 * radius + (arm * 2 * Math.PI) / 3;
    return [array([radius * Math.cos(angle), radius * Math.sin(angle)]), arm];
  }
}

/** What threads call. */
export function spirals(length: number): Spirals {
  return new Spirals(length);
}
