import { random } from "@chain/array";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";

/** Pictures of noise with labels, as MNIST's files below `root`. */
export async function writeMnist(root: string): Promise<void> {
  const folder = join(root, "mnist");
  await mkdir(folder, { recursive: true });
  const generator = new random.Generator(1);
  for (const [name, count] of [
    ["train", 200],
    ["t10k", 50],
  ] as const) {
    const pixels = Uint8Array.from({ length: count * 784 }, () => Math.floor(256 * generator.random()));
    await writeFile(join(folder, `${name}-images-idx3-ubyte`), idx([count, 28, 28], pixels));
    const labels = Uint8Array.from({ length: count }, (_, i) => i % 10);
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
