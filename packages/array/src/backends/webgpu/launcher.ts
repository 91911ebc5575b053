/** Decides, per launch, which shader of a program runs and with how many workgroups. */
import type { Executable, Launch } from "../../backend.js";
import {
  type ElementwiseProgram,
  type Program,
  type ReductionProgram,
  type RowwiseProgram,
} from "../../kernel/program.js";
import type { Adapter } from "./adapter.js";
import type { BufferPool, PooledBuffer } from "./buffer-pool.js";
import type { CommandStream } from "./command-stream.js";
import { CompiledShader, operandAt } from "./executable.js";
import type { PipelineMaker } from "./pipeline-maker.js";
import { elementwiseShader, fourWide, fourwiseShader, type Shader } from "./wgsl/elementwise.js";
import { elementsPerWord } from "./wgsl/operands.js";
import { longestUnrolled, sourceLength } from "./wgsl/source-length.js";
import { combineShader, reductionShader } from "./wgsl/reduction.js";
import { rowwiseShader } from "./wgsl/rowwise.js";
import { layoutsOf, workgroupSize } from "./wgsl/shader.js";
import { alone, type Team } from "./wgsl/team.js";

/** What a launch needs of the device. */
export interface GpuContext {
  readonly stream: CommandStream;
  readonly pool: BufferPool;
  readonly pipelines: PipelineMaker;
  readonly adapter: Adapter;
}

/** Turns a program into an executable; shaders are made when a launch first needs them. */
export function compileProgram(program: Program, context: GpuContext): Executable {
  switch (program.kind) {
    case "elementwise":
      return compileElementwise(program, context);
    case "reduction":
      return compileReduction(program, context);
    case "rowwise":
      return compileRowwise(program, context);
  }
}

/** The shaders of a program for people to read. */
export function printProgram(program: Program): string {
  const memory = distinctMemory(program);
  switch (program.kind) {
    case "elementwise":
      return elementwiseShader(program, memory).source;
    case "reduction":
      return reductionShader(program, memory, { size: 256, subgroups: null }, false).source;
    case "rowwise":
      return rowwiseShader(program, memory, { size: 256, subgroups: null }).source;
  }
}

function distinctMemory(program: Program): number[] {
  const arrays = program.inputs.filter((input) => input.layout !== "number").length;
  return Array.from({ length: program.outputs.length + arrays + program.buffers.length }, (_, i) => i);
}

/** Which operands share memory, numbered by first appearance, and the buffers in that order. */
function memoryOf(launch: Launch): { memory: number[]; buffers: PooledBuffer[]; key: string } {
  const buffers: PooledBuffer[] = [];
  const memory: number[] = [];
  let key = "";
  const count = launch.outputs.length + launch.inputs.length + launch.buffers.length;
  for (let k = 0; k < count; k++) {
    const buffer = operandAt(launch, k).storage.buffer as PooledBuffer;
    let index = buffers.indexOf(buffer);
    if (index < 0) {
      index = buffers.length;
      buffers.push(buffer);
    }
    memory.push(index);
    key += index;
  }
  return { memory, buffers, key };
}

/** Shaders of a program by what distinguishes them. */
class ShaderCache {
  private readonly shaders = new Map<string, CompiledShader>();

  constructor(
    private readonly program: Program,
    private readonly pipelines: PipelineMaker,
  ) {}

  get(key: string, make: () => Shader): CompiledShader {
    let compiled = this.shaders.get(key);
    if (compiled === undefined) {
      const shader = make();
      compiled = new CompiledShader(this.program, shader, this.pipelines.make(this.program.id, shader));
      this.shaders.set(key, compiled);
    }
    return compiled;
  }
}

function compileElementwise(program: ElementwiseProgram, { stream, pipelines }: GpuContext): Executable {
  const cache = new ShaderCache(program, pipelines);
  const packed = program.outputs.some(({ dtype }) => elementsPerWord(dtype) > 1);
  const layouts = layoutsOf(program);
  const unrolled = sourceLength(program.body) <= longestUnrolled;
  // Packed outputs gain by whole words even in a loop.
  const inFours = program.outputs.every(({ layout }) => layout === "contiguous") && (packed || unrolled);
  return (launch) => {
    const { memory, buffers, key } = memoryOf(launch);
    const size = product(launch.shape, 0, launch.shape.length);
    const whole = inFours ? layouts.map((layout, k) => layout === "contiguous" && startsWithFour(launch, k)) : [];
    if (whole.length > 0 && program.outputs.every((_, k) => whole[k] === true)) {
      // Branches that are hardly ever taken are not free everywhere.
      const options = { whole, unrolled, rest: size % fourWide !== 0 };
      const shader = cache.get(`${key}:${whole.join()}${options.rest}`, () => fourwiseShader(program, memory, options));
      shader.run(stream, launch, buffers, { size }, Math.ceil(size / (workgroupSize * fourWide)));
    } else {
      const shader = cache.get(key, () => elementwiseShader(program, memory));
      shader.run(stream, launch, buffers, { size }, Math.ceil(size / workgroupSize));
    }
  };
}

/** Whether operand k, contiguous along the last axis, is made of fours that begin at multiples of four. */
function startsWithFour(launch: Launch, k: number): boolean {
  if (operandAt(launch, k).offset % 4 !== 0) return false;
  const strides = launch.strides?.[k];
  const last = launch.shape.length - 1;
  if (last === 0 || strides === undefined) return last === 0;
  if ((launch.shape[last] as number) % 4 !== 0) return false;
  for (let axis = 0; axis < last; axis++) if ((strides[axis] as number) % 4 !== 0) return false;
  return true;
}

/** Elements of one output that a single invocation, and a team of 32, combines. */
const smallReduction = 32;
const mediumReduction = 1024;
/** Parts of a reduced range are at least this long. */
const shortestPart = 4096;
/** Invocations that keep a GPU busy. */
const busyInvocations = 1 << 16;
/** On a processor that plays a GPU: a few for each of its vector lanes, and no barriers, which it pays dearly. */
const busySoftware = 1 << 8;

function teamFor(length: number, { kind, subgroups }: Adapter): Team {
  if (kind === "software" || length <= smallReduction) return alone;
  return { size: length <= mediumReduction ? 32 : 256, subgroups };
}

function groupsFor({ size }: Team, tasks: number): number {
  return Math.ceil((tasks * size) / workgroupSize);
}

function compileReduction(program: ReductionProgram, { stream, pool, pipelines, adapter }: GpuContext): Executable {
  const software = adapter.kind === "software";
  const cache = new ShaderCache(program, pipelines);
  return (launch) => {
    const { memory, buffers, key } = memoryOf(launch);
    const outputs = product(launch.shape, 0, program.keptRank);
    const reduced = product(launch.shape, program.keptRank, program.rank);
    // Neighbouring invocations should read neighbouring elements: along the kept axis if that is the contiguous one.
    const team = program.inner === "kept" ? alone : teamFor(reduced, adapter);
    const wanted = Math.ceil((software ? busySoftware : busyInvocations) / (outputs * team.size));
    const shortest = team.size === 1 ? shortestPart / 16 : shortestPart;
    const parts = Math.max(1, Math.min(wanted, Math.floor(reduced / shortest), 1024));
    const part = Math.ceil(reduced / parts);
    const extra = { outputs, parts, reduced, part };
    const tasks = outputs * parts;
    if (parts === 1) {
      const shader = cache.get(`${key}:${team.size}`, () => reductionShader(program, memory, team, false));
      shader.run(stream, launch, buffers, extra, groupsFor(team, tasks));
      return;
    }
    const first = cache.get(`${key}:${team.size}parts`, () => reductionShader(program, memory, team, true));
    const states = program.combine.types.map(() => pool.take(tasks * 4));
    first.run(stream, launch, [...buffers, ...states], extra, groupsFor(team, tasks));
    const second = teamFor(parts, adapter);
    const written = memory.slice(0, program.outputs.length);
    const combine = cache.get(`${key}:combine${second.size}`, () => combineShader(program, written, second));
    const results = buffers.slice(0, Math.max(...written) + 1);
    combine.run(stream, launch, [...results, ...states], extra, groupsFor(second, outputs));
    for (const state of states) pool.give(state);
  };
}

function compileRowwise(program: RowwiseProgram, { stream, pipelines, adapter }: GpuContext): Executable {
  const cache = new ShaderCache(program, pipelines);
  return (launch) => {
    const { memory, buffers, key } = memoryOf(launch);
    const rows = product(launch.shape, 0, program.rank - 1);
    const team = teamFor(launch.shape[program.rank - 1] as number, adapter);
    const shader = cache.get(`${key}:${team.size}`, () => rowwiseShader(program, memory, team));
    shader.run(stream, launch, buffers, { rows }, groupsFor(team, rows));
  };
}

function product(shape: readonly number[], from: number, to: number): number {
  let n = 1;
  for (let i = from; i < to; i++) n *= shape[i] as number;
  return n;
}
