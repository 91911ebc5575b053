import {
  hostExecutable,
  impliedStrides,
  inputSlots,
  nodeArgs,
  type CombineGraph,
  type Executable,
  type Launch,
  type NdArray,
  type Node,
  type Program,
} from "@chain/array/backend";
import { exactLimit, integerNodes, staysExact, type Interval } from "./bounds.js";
import { bufferOf } from "./buffer.js";
import type { Gpu, KernelSource } from "./gpu.js";
import type { Placer } from "./place.js";
import { ProgramKernels } from "./program-kernels.js";
import { sizeOf } from "./size-of.js";
import { canCompute, type Dialect } from "./source/expression.js";
import { functionSource, outerAxes, Writer } from "./source/writer.js";

/** Textures that every WebGL2 lets a shader read. */
const mostArrays = 16;

/** The roots of all expressions of a program. */
function rootsOf(program: Program): Node[] {
  switch (program.kind) {
    case "elementwise":
      return [...program.body];
    case "reduction":
      return [...program.map, ...program.combine.body, ...program.finish];
    case "rowwise":
      return [...program.passes.flatMap(({ values, combine }) => [...values, ...combine.body]), ...program.body];
  }
}

function combinesOf(program: Program): CombineGraph[] {
  if (program.kind === "reduction") return [program.combine];
  return program.kind === "rowwise" ? program.passes.map(({ combine }) => combine) : [];
}

/** Whether kernels of gpu.js can compute a program at all: their results and what they combine are floats and truth values. */
export function canRun(program: Program, dialect: Dialect): boolean {
  const computed = new Set<Node>();
  const visit = (node: Node): boolean => {
    if (computed.has(node)) return true;
    computed.add(node);
    return canCompute(node, dialect) && nodeArgs(node).every(visit);
  };
  const arrays = program.outputs.length + program.inputs.length + program.buffers.length;
  return (
    arrays <= mostArrays &&
    program.outputs.every(({ dtype }) => dtype === "float32" || dtype === "bool") &&
    combinesOf(program).every(({ types }) => types.every((type) => type === "float32" || type === "bool")) &&
    rootsOf(program).every(visit)
  );
}

/** How kernels are written for where they run. */
export function dialectOf(gpu: Gpu): Dialect {
  return gpu.onHost ? "math" : "native";
}

/** The kernels of a program, for people: those of short rows, and what folds the results of long ones. */
export function print(program: Program, dialect: Dialect): string {
  if (!canRun(program, dialect)) return `// ${program.id} runs on the host`;
  const writer = new Writer(program, dialect);
  const components = (combine: CombineGraph): number[] => combine.identity.map((_, c) => c);
  const sources: KernelSource[] = [];
  if (program.kind === "reduction") {
    const { map, combine, finish } = program;
    sources.push(...finish.map((node) => writer.fold(map, combine, node)));
    sources.push(...finish.map((node) => writer.refold(combine, node)));
  } else {
    for (const { values, combine } of program.kind === "rowwise" ? program.passes : []) {
      sources.push(...components(combine).map((c) => writer.fold(values, combine, c)));
    }
    const perRow = (i: number): boolean => program.kind === "rowwise" && program.per[i] === "row";
    sources.push(...program.body.map((node, i) => (perRow(i) ? writer.mapOuter(node) : writer.map(node))));
  }
  return [`// ${program.id}`, ...sources.map(functionSource)].join("\n");
}

/** A program as kernels of gpu.js; launches that they could not compute exactly run on the host. */
export function compile(program: Program, gpu: Gpu, placer: Placer): Executable {
  const split = outerAxes(program);
  const kernels = new ProgramKernels(program, new Writer(program, dialectOf(gpu)), gpu);
  const integers = integerNodes(rootsOf(program));
  let onHost: Executable | null = null;
  return (launch) => {
    if (!fits(launch) || !staysExact(integers, (node) => intervalOf(node, program, launch, split))) {
      onHost ??= hostExecutable(program);
      onHost(launch);
      return;
    }
    const strides = launch.strides ?? impliedStrides(program);
    const results = kernels.run(launch, strides);
    results.forEach((values, i) => {
      const per = program.kind === "elementwise" || (program.kind === "rowwise" && program.per[i] === "element");
      const axes = per ? launch.shape.length : split;
      const { offset } = launch.outputs[i] as NdArray;
      const view = { shape: launch.shape.slice(0, axes), strides: (strides[i] ?? []).slice(0, axes), offset };
      if (values !== null) placer.store(launch.outputs[i] as NdArray, values, view);
    });
  };
}

/** Whether positions of all arrays are exact as floats. */
function fits({ outputs, inputs, buffers, shape }: Launch): boolean {
  return (
    sizeOf(shape) <= exactLimit &&
    [...outputs, ...inputs, ...buffers].every(({ storage, itemsize }) => storage.bytes <= exactLimit * itemsize)
  );
}

function intervalOf(
  node: Node,
  program: Program,
  { inputs, buffers, scalars, shape }: Launch,
  split: number,
): Interval {
  const arrayRange = ({ storage, dtype }: NdArray): Interval => bufferOf(storage.buffer).rangeOf(dtype);
  const size = sizeOf(shape.slice(split));
  switch (node.kind) {
    case "index":
      return [0, size];
    case "size":
      return [size, size];
    case "parameter": {
      const slot = inputSlots(program)[node.index];
      if (slot?.kind === "array") return arrayRange(inputs[slot.operand - program.outputs.length] as NdArray);
      const value = scalars[slot?.scalar ?? 0] as number;
      return [value, value];
    }
    case "scalar":
      return [scalars[node.index] as number, scalars[node.index] as number];
    case "at":
      return arrayRange(buffers[node.buffer] as NdArray);
    default:
      return [-Infinity, Infinity];
  }
}
