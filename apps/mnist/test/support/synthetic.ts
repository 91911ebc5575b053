import { array, random, type NdArray } from "@chain/array";
import { TupleDataset, type OutputStream } from "@chain/training";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";

/** Pictures of 28 x 28 in ten classes: a bright stripe in another place for each, and noise. */
export function pictures(count: number, seed: number): { pixels: Uint8Array; labels: Uint8Array } {
  const generator = new random.Generator(seed);
  const labels = Uint8Array.from({ length: count }, (_, i) => i % 10);
  const pixels = Uint8Array.from({ length: count * 784 }, (_, i) => {
    const row = Math.floor((i % 784) / 28);
    const bright = Math.floor(row / 2.8) === labels[Math.floor(i / 784)] ? 150 : 0;
    return bright + Math.floor(100 * generator.random());
  });
  return { pixels, labels };
}

/** The same as data sets. */
export function datasets(): [
  TupleDataset<readonly [NdArray, Int32Array]>,
  TupleDataset<readonly [NdArray, Int32Array]>,
] {
  const make = (count: number, seed: number): TupleDataset<readonly [NdArray, Int32Array]> => {
    const { labels, pixels } = pictures(count, seed);
    const images = array(Float32Array.from(pixels, (pixel) => pixel / 255)).reshape(count, 784);
    return new TupleDataset(images, Int32Array.from(labels));
  };
  return [make(200, 1), make(50, 2)];
}

/** The same as MNIST's files below `root`. */
export async function writeDataset(root: string): Promise<void> {
  const folder = join(root, "mnist");
  await mkdir(folder, { recursive: true });
  for (const [name, count, seed] of [
    ["train", 200, 1],
    ["t10k", 50, 2],
  ] as const) {
    // prettier-ignore
    const { labels, pixels } = pictures(count, seed);
    await writeFile(join(folder, `${name}-images-idx3-ubyte`), idx([count, 28, 28], pixels));
    await writeFile(join(folder, `${name}-labels-idx1-ubyte`), idx([count], labels));
  }
}

function idx(shape: readonly number[], data: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(4 + 4 * shape.length + data.length);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, 0x0800 + shape.length);
  shape.forEach((length, axis) => view.setUint32(4 + 4 * axis, length));
  bytes.set(data, 4 + 4 * shape.length);
  return bytes;
}

/** Keeps what is written to it. */
export class TextStream implements OutputStream {
  text = "";

  write(text: string): void {
    this.text += text;
  }
}
