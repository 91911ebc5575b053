import {
  evaluator,
  halfToNumber,
  impliedStrides,
  inputSlots,
  numberToHalf,
  registerBackend,
  storedView,
  type Backend,
  type CombineGraph,
  type InputSlot,
  type Launch,
  type LeafValue,
  type NdArray,
  type Node,
  type Program,
} from "@chain/array/backend";

/** A device that interprets kernels, in plain TypeScript: slow, complete, and short. */
export function createReferenceBackend(): Backend {
  return {
    interfaceVersion: 1,
    name: "reference",
    supports: () => true,
    allocate: (bytes) => new Uint8Array(Math.ceil(bytes / 8) * 8),
    free: () => undefined,
    write: (buffer, byteOffset, data) => memoryOf(buffer).set(data, byteOffset),
    read: async (buffer, byteOffset, bytes) => memoryOf(buffer).slice(byteOffset, byteOffset + bytes),
    compile: (program) => (launch) => run(program, launch),
    print: ({ id, kind }) => `${id}: ${kind}, interpreted`,
    isNative: () => true,
    routines: {},
    synchronize: async () => undefined,
    memory: () => ({ reservedBytes: 0 }),
  };
}

registerBackend("reference", createReferenceBackend);

function memoryOf(buffer: unknown): Uint8Array<ArrayBuffer> {
  return buffer as Uint8Array<ArrayBuffer>;
}

/** An array of a launch: its elements by their positions along the outer and the inner axes, both in C order. */
interface Operand {
  readonly get: (outer: number, inner: number) => number;
  readonly set: (outer: number, inner: number, value: number) => void;
}

function operandOf(array: NdArray, shape: readonly number[], strides: readonly number[], split: number): Operand {
  const stored = storedView(array.dtype, memoryOf(array.storage.buffer));
  const half = array.dtype === "float16";
  const starts = offsets(shape.slice(0, split), strides.slice(0, split));
  const steps = offsets(shape.slice(split), strides.slice(split));
  const place = (outer: number, inner: number) => array.offset + (starts[outer] as number) + (steps[inner] ?? 0);
  return {
    get: (outer, inner) => {
      const value = stored[place(outer, inner)] as number;
      return half ? halfToNumber(value) : value;
    },
    set: (outer, inner, value) => void (stored[place(outer, inner)] = half ? numberToHalf(value) : value),
  };
}

/** How far from the first element each one is, in C order. */
function offsets(shape: readonly number[], strides: readonly number[]): Int32Array {
  const result = new Int32Array(sizeOf(shape));
  for (let axis = shape.length - 1, block = 1; axis >= 0; block *= shape[axis--] as number) {
    for (let p = block; p < block * (shape[axis] as number); p++) {
      result[p] = (result[p - block] as number) + (strides[axis] as number);
    }
  }
  return result;
}

function sizeOf(shape: readonly number[]): number {
  return shape.reduce((size, length) => size * length, 1);
}

/** Runs a program: for every position along the outer axes, a walk along the inner ones. */
function run(program: Program, { outputs, inputs, buffers, scalars, shape, strides }: Launch): void {
  const split = { elementwise: 0, reduction: "keptRank" in program ? program.keptRank : 0, rowwise: shape.length - 1 };
  const arrays = [...outputs, ...inputs];
  const steps = strides ?? impliedStrides(program);
  const operands = arrays.map((array, k) => operandOf(array, shape, steps[k] ?? [], split[program.kind]));
  const tables = buffers.map((array) => operandOf(array, [array.size], [1], 0));
  const slots = inputSlots(program);
  const rows = sizeOf(shape.slice(0, split[program.kind]));
  const size = sizeOf(shape.slice(split[program.kind]));
  const rowValues: number[][] = [];
  let [outer, inner] = [0, 0];

  const scalar = (i: number): number =>
    program.scalars[i] === "float32" ? Math.fround(scalars[i] as number) : (scalars[i] as number);
  const parameter = (slot: InputSlot | undefined): number =>
    slot?.kind === "array" ? (operands[slot.operand] as Operand).get(outer, inner) : scalar(slot?.scalar ?? 0);
  const leaf: LeafValue = (node, at) => {
    switch (node.kind) {
      case "parameter":
        return parameter(slots[node.index]);
      case "scalar":
        return scalar(node.index);
      case "index":
        return inner;
      case "size":
        return size;
      case "rowValue":
        return rowValues[node.pass]?.[node.component] as number;
      case "at":
        return (tables[node.buffer] as Operand).get(0, at);
    }
  };
  const store = (value: number, output: number): void => (operands[output] as Operand).set(outer, inner, value);

  /** Combines the mapped elements `from` to `to` of the walk, by halves, so that rounding errors stay small. */
  const reducer = (values: readonly Node[], { identity, body }: CombineGraph) => {
    let [left, right]: number[][] = [[], []];
    const map = evaluator(values, leaf);
    const combine = evaluator(body, (node) => {
      const component = node.kind === "parameter" ? node.index : 0;
      return (component < identity.length ? left?.[component] : right?.[component - identity.length]) as number;
    });
    const reduce = (from: number, to: number): number[] => {
      if (to - from > 64) {
        const middle = (from + to) >> 1;
        [left, right] = [reduce(from, middle), reduce(middle, to)];
        return combine();
      }
      let state = [...identity];
      for (inner = from; inner < to; inner++) {
        [left, right] = [state, map()];
        state = combine();
      }
      return state;
    };
    return () => reduce(0, size);
  };

  if (program.kind === "reduction") {
    const reduce = reducer(program.map, program.combine);
    let state: number[] = [];
    const finish = evaluator(program.finish, (node) =>
      node.kind === "parameter" ? (state[node.index] as number) : size,
    );
    for (outer = 0; outer < rows; outer++) {
      state = reduce();
      inner = 0;
      finish().forEach(store);
    }
    return;
  }
  const passes = program.kind === "rowwise" ? program.passes : [];
  const reducers = passes.map(({ values, combine }) => reducer(values, combine));
  const [once, each]: [number[], number[]] = [[], []];
  program.body.forEach((_, i) => (program.kind === "rowwise" && program.per[i] === "row" ? once : each).push(i));
  const computer = (which: readonly number[]) =>
    evaluator(
      which.map((i) => program.body[i] as Node),
      leaf,
    );
  const [computeOnce, computeEach] = [computer(once), computer(each)];
  for (outer = 0; outer < rows; outer++) {
    rowValues.length = 0;
    for (const reduce of reducers) rowValues.push(reduce()); // a pass may use what earlier ones found
    inner = 0;
    const results = computeOnce(); // stored when nothing of the row is read any more: an output may be an input, too
    for (; inner < size; inner++) computeEach().forEach((value, k) => store(value, each[k] as number));
    inner = 0;
    results.forEach((value, k) => store(value, once[k] as number));
  }
}
