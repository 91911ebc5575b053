import type { NdArray } from "@chain/array";
import { asArray, type VariableLike } from "@chain/autograd";
import * as ort from "onnxruntime-web/wasm";

ort.env.wasm.numThreads = 1;

/** What onnxruntime computes with a file, by output. */
export async function runOnnx(
  file: Uint8Array,
  inputs: Readonly<Record<string, VariableLike>>,
): Promise<Map<string, { readonly shape: readonly number[]; readonly data: ArrayLike<number> }>> {
  const session = await ort.InferenceSession.create(file);
  const feeds = Object.entries(inputs).map(([name, input]) => [name, tensorOf(asArray(input))] as const);
  const results = await session.run(Object.fromEntries(feeds));
  const outputs = session.outputNames.map((name) => {
    const { data, dims } = results[name] as ort.Tensor;
    return [name, { shape: dims, data: data as Float32Array }] as const;
  });
  await session.release();
  return new Map(outputs);
}

function tensorOf(x: NdArray): ort.Tensor {
  const data = x.dataSync();
  if (x.dtype === "int32") return new ort.Tensor("int32", Int32Array.from(data), x.shape);
  return new ort.Tensor("float32", Float32Array.from(data), x.shape);
}
