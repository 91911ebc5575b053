import { random } from "@chain/array";

/** Points in a square; the label says whether both coordinates have the same sign. */
export function signs(length: number): { length: number; getExample(index: number): [Float32Array, number] } {
  return {
    length,
    getExample: () => {
      const [x, y] = [2 * random.random() - 1, 2 * random.random() - 1];
      return [Float32Array.of(x, y), x * y > 0 ? 1 : 0];
    },
  };
}
