/** Runs ONNX files in onnxruntime, and says what is in them. */
import * as ort from "onnxruntime-web/wasm";

ort.env.wasm.numThreads = 1;

/** An array or a Variable of float32 or int32. */
interface Elements {
  readonly dtype: string;
  readonly shape: readonly number[];
  dataSync(): ArrayLike<number>;
}

/** What onnxruntime computes with a file, by output. */
export async function runOnnx(
  file: Uint8Array,
  inputs: Readonly<Record<string, Elements>>,
): Promise<Map<string, { readonly shape: readonly number[]; readonly data: ArrayLike<number> }>> {
  const session = await ort.InferenceSession.create(file);
  const feeds = Object.entries(inputs).map(([name, input]) => [name, tensorOf(input)] as const);
  const results = await session.run(Object.fromEntries(feeds));
  const outputs = session.outputNames.map((name) => {
    const { data, dims } = results[name] as ort.Tensor;
    return [name, { shape: dims, data: data as Float32Array }] as const;
  });
  await session.release();
  return new Map(outputs);
}

function tensorOf(x: Elements): ort.Tensor {
  const data = x.dataSync();
  if (x.dtype === "int32") return new ort.Tensor("int32", Int32Array.from(data), x.shape);
  return new ort.Tensor("float32", Float32Array.from(data), x.shape);
}

/** The largest distance of numbers from those expected, relative to these where they are above 1; infinite for NaN. */
export function largestDistance(actual: ArrayLike<number>, expected: ArrayLike<number>): number {
  let worst = actual.length === expected.length ? 0 : Infinity;
  for (let i = 0; i < expected.length; i++) {
    const want = expected[i] as number;
    if (actual[i] === want) continue;
    const distance = Math.abs((actual[i] as number) - want) / Math.max(1, Math.abs(want));
    worst = Math.max(worst, Number.isNaN(distance) ? Infinity : distance);
  }
  return worst;
}

/** How many nodes a file has of each operator. */
export function operatorsIn(file: Uint8Array): Record<string, number> {
  const counts: Record<string, number> = {};
  const [graph] = fieldsOf(file, 7);
  for (const node of fieldsOf(graph ?? new Uint8Array(), 1)) {
    const [name] = fieldsOf(node, 4).map((bytes) => new TextDecoder().decode(bytes));
    counts[name ?? ""] = (counts[name ?? ""] ?? 0) + 1;
  }
  return counts;
}

/** The contents of the fields with a tag in a message of Protocol Buffers, of those that have a length. */
function fieldsOf(message: Uint8Array, wanted: number): Uint8Array[] {
  const found: Uint8Array[] = [];
  let at = 0;
  const varint = (): number => {
    let [value, scale] = [0, 1];
    for (;;) {
      const byte = message[at++] as number;
      value += (byte & 127) * scale;
      if (byte < 128) return value;
      scale *= 128;
    }
  };
  while (at < message.length) {
    const key = varint();
    const kind = key % 8;
    if (kind === 0) varint();
    else if (kind === 1) at += 8;
    else if (kind === 5) at += 4;
    else {
      const length = varint();
      if (Math.floor(key / 8) === wanted) found.push(message.subarray(at, at + length));
      at += length;
    }
  }
  return found;
}
