import { numberToHalf, ValueError, type DType, type NdArray, type Shape, type TypedArray } from "@chain/array";
import { protobuf } from "@chain/links/serializers";

const { float, integer, message, nested, text } = protobuf;

/** An attribute of an ONNX node: whole numbers, zero or above, a text, or a number that may have a fraction. */
export type OnnxAttribute = number | string | readonly number[] | { readonly float: number };

/** Values of a graph that readers see: an input or an output. A length is a number or the name of one. */
export interface OnnxValue {
  readonly name: string;
  readonly dtype: DType;
  readonly shape: readonly (number | string)[];
}

/** `TensorProto.DataType`. */
const dataTypes: Readonly<Record<DType | "int64", number>> = {
  float32: 1,
  uint8: 2,
  int32: 6,
  int64: 7,
  bool: 9,
  float16: 10,
  float64: 11,
  uint32: 12,
};

/** Version of the operators, and of the file format that came with it. */
const opset = 17;
const irVersion = 8;

/** No larger file can be read: lengths in it are 31 bits. */
const mostBytes = 2 ** 31 - 1;

/** An ONNX graph in the making: nodes in the order in which they are computed, and tensors. */
export class OnnxGraph {
  private readonly nodes: Uint8Array[] = [];
  private readonly tensors: (() => Promise<Uint8Array>)[] = [];
  private readonly constants = new Map<string, string>();
  private readonly arrays = new Map<NdArray, string>();
  private readonly used = new Set<string>();
  private readonly taken: Set<string>;

  /** The names of inputs and outputs are nobody else's. */
  constructor(reserved: readonly string[] = []) {
    this.taken = new Set(reserved);
  }

  /** Adds a node of one result, whose name is returned. */
  op(type: string, inputs: readonly string[], attributes: Readonly<Record<string, OnnxAttribute>> = {}): string {
    const [name] = this.ops(type, inputs, 1, attributes);
    return name as string;
  }

  /** Adds a node of several results. */
  ops(
    type: string,
    inputs: readonly string[],
    count: number,
    attributes: Readonly<Record<string, OnnxAttribute>> = {},
  ): string[] {
    const name = this.unique(type);
    for (const input of inputs) this.used.add(input);
    const outputs = Array.from({ length: count }, (_, i) => (count === 1 ? name : `${name}:${i}`));
    this.nodes.push(
      message(
        ...inputs.map((input) => text(1, input)),
        ...outputs.map((output) => text(2, output)),
        text(3, name),
        text(4, type),
        ...Object.entries(attributes).map(([key, value]) => nested(5, attribute(key, value))),
      ),
    );
    return outputs;
  }

  /** Gives a value another name, under which it can be an output of the graph. */
  rename(value: string, name: string): void {
    this.used.add(value);
    this.nodes.push(message(text(1, value), text(2, name), text(4, "Identity")));
  }

  /** A list of whole numbers, as operators take shapes and axes: an int64 tensor. */
  integers(values: readonly number[]): string {
    return this.constant(`int64:${values.join()}`, () => {
      const data = BigInt64Array.from(values, (value) => BigInt(value));
      return [[values.length], "int64", new Uint8Array(data.buffer)];
    });
  }

  /** A single number. */
  scalar(value: number, dtype: DType): string {
    return this.constant(`${dtype}:${Object.is(value, -0) ? "-0" : value}`, () => [
      [],
      dtype,
      elements([value], dtype),
    ]);
  }

  /** The elements that an array has when the file is written; once, however often it is used. */
  array(array: NdArray, name = "constant"): string {
    const known = this.arrays.get(array);
    if (known !== undefined) return known;
    const given = this.unique(name);
    this.arrays.set(array, given);
    this.tensors.push(async () => {
      const data = await array.data();
      return tensor(given, array.shape, array.dtype, elements(data, array.dtype));
    });
    return given;
  }

  /** Says under which name an array is an input of the graph. */
  bind(array: NdArray, name: string): void {
    this.arrays.set(array, name);
  }

  /** Whether a node or an output takes a value. */
  uses(value: string): boolean {
    return this.used.has(value);
  }

  /** The whole file: a `ModelProto`. */
  async encode(name: string, inputs: readonly OnnxValue[], outputs: readonly OnnxValue[]): Promise<Uint8Array> {
    const tensors: Uint8Array[] = [];
    for (const encoded of this.tensors) tensors.push(await encoded());
    const graph = message(
      ...this.nodes.map((node) => nested(1, node)),
      text(2, name),
      ...tensors.map((encoded) => nested(5, encoded)),
      ...inputs.map((input) => nested(11, valueInfo(input))),
      ...outputs.map((output) => nested(12, valueInfo(output))),
    );
    const operators = nested(8, message(text(1, ""), integer(2, opset)));
    const bytes = message(integer(1, irVersion), text(2, "chain"), nested(7, graph), operators);
    if (bytes.length > mostBytes)
      throw new ValueError(`an ONNX file holds less than 2 GiB, this one ${bytes.length} B`);
    return bytes;
  }

  private constant(key: string, make: () => [Shape, DType | "int64", Uint8Array]): string {
    const known = this.constants.get(key);
    if (known !== undefined) return known;
    const name = this.unique("constant");
    this.constants.set(key, name);
    this.tensors.push(() => Promise.resolve(tensor(name, ...make())));
    return name;
  }

  private unique(base: string): string {
    let name = base;
    for (let ordinal = 1; this.taken.has(name); ordinal++) name = `${base}_${ordinal}`;
    this.taken.add(name);
    return name;
  }
}

/** The number by which ONNX knows a dtype, as the attribute `to` of Cast takes it. */
export function dataTypeOf(dtype: DType): number {
  return dataTypes[dtype];
}

/** An `AttributeProto`. */
function attribute(name: string, value: OnnxAttribute): Uint8Array {
  if (typeof value === "number") return message(text(1, name), integer(3, value), integer(20, 2));
  if (typeof value === "string") return message(text(1, name), text(4, value), integer(20, 3));
  if ("float" in value) return message(text(1, name), float(2, value.float), integer(20, 1));
  return message(text(1, name), ...value.map((item) => integer(8, item)), integer(20, 7));
}

/** A `TensorProto`. */
function tensor(name: string, shape: Shape, dtype: DType | "int64", data: Uint8Array): Uint8Array {
  return message(
    ...shape.map((length) => integer(1, length)),
    integer(2, dataTypes[dtype]),
    text(8, name),
    nested(9, data),
  );
}

/** A `ValueInfoProto`. */
function valueInfo({ name, dtype, shape }: OnnxValue): Uint8Array {
  const lengths = shape.map((length) => nested(1, typeof length === "number" ? integer(1, length) : text(2, length)));
  const type = message(integer(1, dataTypes[dtype]), nested(2, message(...lengths)));
  return message(text(1, name), nested(2, nested(1, type)));
}

/** Elements as they are stored, the lowest byte first. */
function elements(values: ArrayLike<number>, dtype: DType): Uint8Array {
  const stored = storedAs(values, dtype);
  return new Uint8Array(stored.buffer, stored.byteOffset, stored.byteLength);
}

function storedAs(values: ArrayLike<number>, dtype: DType): TypedArray {
  switch (dtype) {
    case "float32":
      return Float32Array.from(values);
    case "float64":
      return Float64Array.from(values);
    case "float16":
      return Uint16Array.from(values, numberToHalf);
    case "int32":
      return Int32Array.from(values);
    case "uint32":
      return Uint32Array.from(values);
    case "uint8":
    case "bool":
      return Uint8Array.from(values);
  }
}
