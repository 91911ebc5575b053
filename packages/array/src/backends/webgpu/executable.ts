/** From a shader to something that a launch can run: pipelines, and the parameters of each dispatch. */
import type { Launch } from "../../backend.js";
import { impliedStrides, type ComputeType, type Program } from "../../kernel/program.js";
import type { NdArray } from "../../ndarray.js";
import type { PooledBuffer } from "./buffer-pool.js";
import type { CommandStream, Pipeline } from "./command-stream.js";
import type { Shader } from "./wgsl/elementwise.js";
import { literalWords } from "./wgsl/library.js";

const scratch = new DataView(new ArrayBuffer(4));

/** Values of the parameters that do not come from the launch itself. */
export type ExtraParameters = Readonly<Record<string, number>>;

/** Writes the first words of every dispatch's parameters. */
export function writeLiterals(words: Uint32Array, start: number): void {
  words.set(literalWords, start);
}

type Reader = (launch: Launch, extra: ExtraParameters) => number;

/** A shader with its pipeline, which knows where each parameter of a launch goes. */
export class CompiledShader {
  private readonly readers: readonly Reader[];

  constructor(
    program: Program,
    shader: Shader,
    private readonly pipeline: Pipeline,
  ) {
    this.readers = shader.layout.names().map((name) => readerOf(name, program));
  }

  /** Records a dispatch of `groups` workgroups. */
  run(
    stream: CommandStream,
    launch: Launch,
    buffers: readonly PooledBuffer[],
    extra: ExtraParameters,
    groups: number,
  ): void {
    const { words, start } = stream.parameters(this.pipeline.parameterBytes);
    writeLiterals(words, start);
    this.readers.forEach((read, i) => (words[start + 4 + i] = read(launch, extra)));
    stream.dispatch(this.pipeline, buffers, groups);
  }
}

/** How the parameter of a name is found: `offset<k>`, `shape<axis>`, `stride<k>_<axis>`, `scalar<i>`, or an extra one. */
function readerOf(name: string, program: Program): Reader {
  const [, kind, first, second] = /^(offset|shape|stride|scalar)(\d+)(?:_(\d+))?$/.exec(name) ?? [];
  const k = Number(first);
  const axis = Number(second);
  switch (kind) {
    case "offset":
      return (launch) => operandAt(launch, k).offset;
    case "shape":
      return ({ shape }) => shape[k] as number;
    case "stride": {
      const implied = impliedStrides(program)[k]?.[0] ?? 1;
      return ({ strides }) => (strides === null ? implied : ((strides[k] as readonly number[])[axis] as number) >>> 0);
    }
    case "scalar": {
      const type = program.scalars[k] ?? "float32";
      return ({ scalars }) => encodeScalar(scalars[k] as number, type);
    }
    default:
      return (_, extra) => extra[name] as number;
  }
}

/** Operand k of a launch: outputs, then array inputs, then buffers. */
export function operandAt({ outputs, inputs, buffers }: Launch, k: number): NdArray {
  const array =
    k < outputs.length
      ? outputs[k]
      : k < outputs.length + inputs.length
        ? inputs[k - outputs.length]
        : buffers[k - outputs.length - inputs.length];
  return array as NdArray;
}

function encodeScalar(value: number, type: ComputeType): number {
  if (type === "float32") {
    scratch.setFloat32(0, value);
    return scratch.getUint32(0);
  }
  return type === "bool" ? (value === 0 ? 0 : 1) : value >>> 0;
}
