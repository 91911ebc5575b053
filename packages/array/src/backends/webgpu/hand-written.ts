/** Shaders that are written by hand, with their parameters by name. */
import type { NdArray } from "../../ndarray.js";
import type { PooledBuffer } from "./buffer-pool.js";
import type { Pipeline } from "./command-stream.js";
import { writeLiterals } from "./executable.js";
import type { GpuContext } from "./launcher.js";
import type { Shader } from "./wgsl/elementwise.js";

interface Compiled {
  readonly pipeline: Pipeline;
  readonly names: readonly string[];
}

/** Compiles each variant of a routine once, and runs it. */
export class HandWritten {
  private readonly compiled = new Map<string, Compiled>();

  constructor(private readonly context: GpuContext) {}

  /** Runs `groups` workgroups of the variant `key` over arrays, which are bound in order. */
  run(
    key: string,
    make: () => Shader,
    arrays: readonly NdArray[],
    parameters: Readonly<Record<string, number>>,
    groups: number,
  ): void {
    const buffers = arrays.map(({ storage }) => storage.buffer as PooledBuffer);
    this.runOn(key, make, buffers, parameters, groups);
  }

  /** {@link run} over memory that need not be an array's. */
  runOn(
    key: string,
    make: () => Shader,
    buffers: readonly PooledBuffer[],
    parameters: Readonly<Record<string, number>>,
    groups: number,
  ): void {
    let compiled = this.compiled.get(key);
    if (compiled === undefined) {
      const shader = make();
      compiled = { pipeline: this.context.pipelines.make(key, shader), names: shader.layout.names() };
      this.compiled.set(key, compiled);
    }
    const { pipeline, names } = compiled;
    const { words, start } = this.context.stream.parameters(pipeline.parameterBytes);
    writeLiterals(words, start);
    names.forEach((name, i) => (words[start + 4 + i] = (parameters[name] as number) >>> 0));
    this.context.stream.dispatch(pipeline, buffers, groups);
  }
}
