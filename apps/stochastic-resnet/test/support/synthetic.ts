import { array, random, type NdArray } from "@chain/array";
import { TupleDataset, type OutputStream } from "@chain/training";
import { prepare, type Data } from "../../src/data.js";

/** Pictures of 32 × 32 in ten classes: a bright stripe in another place and colour for each, and noise; bytes. */
export function pictures(count: number, seed: number): TupleDataset<readonly [NdArray, Int32Array]> {
  const generator = new random.Generator(seed);
  const labels = Int32Array.from({ length: count }, (_, i) => i % 10);
  const pixels = Uint8Array.from({ length: count * 3072 }, (_, i) => {
    const label = Math.floor(i / 3072) % 10;
    const channel = Math.floor(i / 1024) % 3;
    const row = Math.floor((i % 1024) / 32);
    const bright = Math.floor(row / 6.4) === label % 5 && channel === Math.floor(label / 5) ? 150 : 0;
    return bright + Math.floor(100 * generator.random());
  });
  return new TupleDataset(array(pixels).reshape(count, 3, 32, 32), labels);
}

/** The same as CIFAR-10 would be prepared. */
export function data(train = 60, test = 20): Data {
  return prepare("cifar10", [pictures(train, 1), pictures(test, 2)]);
}

/** Keeps what is written to it. */
export class TextStream implements OutputStream {
  text = "";

  write(text: string): void {
    this.text += text;
  }
}
