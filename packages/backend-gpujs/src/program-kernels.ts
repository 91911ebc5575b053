import type { CombineGraph, Launch, Node, Program } from "@chain/array/backend";
import { bound, type Bindings, type Run } from "./bindings.js";
import { bufferOf } from "./buffer.js";
import type { Gpu, KernelSource, Values } from "./gpu.js";
import { sizeOf } from "./size-of.js";
import { blockSize, outerAxes, type Writer } from "./source/writer.js";

/** The kernels that a program consists of, made when they are needed. */
export class ProgramKernels {
  private readonly made = new Map<string, Run>();

  constructor(
    private readonly program: Program,
    private readonly writer: Writer,
    private readonly gpu: Gpu,
  ) {}

  /** The results of a launch, one after the other in C order; null for those without elements. */
  run(launch: Launch, strides: readonly (readonly number[])[]): (Values | null)[] {
    const { program, writer } = this;
    const split = outerAxes(program);
    const [outer, inner] = [sizeOf(launch.shape.slice(0, split)), sizeOf(launch.shape.slice(split))];
    const bindings = this.bind(launch, strides, inner);
    switch (program.kind) {
      case "elementwise":
        return program.body.map((node, i) => this.kernel(`map ${i}`, () => writer.map(node), inner, bindings));
      case "reduction":
        return this.fold("", program.map, program.combine, program.finish, outer, inner, bindings);
      case "rowwise": {
        const rowValues: Values[] = [];
        program.passes.forEach(({ values, combine }, pass) => {
          const components = combine.identity.map((_, c) => c);
          const found = this.fold(`pass ${pass} `, values, combine, components, outer, inner, bindings);
          found.forEach((each, c) => {
            if (each === null) return;
            bindings.arrays.set(`r${pass}_${c}`, each);
            rowValues.push(each);
          });
        });
        const results = program.body.map((node, i) =>
          program.per[i] === "row"
            ? this.kernel(`row ${i}`, () => writer.mapOuter(node), outer, bindings)
            : this.kernel(`map ${i}`, () => writer.map(node), outer * inner, bindings),
        );
        for (const each of rowValues) this.gpu.release(each);
        return results;
      }
    }
  }

  /** Folds blocks, then blocks of their results, until there is one for every outer position. */
  private fold(
    name: string,
    values: readonly Node[],
    combine: CombineGraph,
    results: readonly (Node | number)[],
    outer: number,
    inner: number,
    bindings: Bindings,
  ): (Values | null)[] {
    const { writer } = this;
    const components = combine.identity.map((_, c) => c);
    let [size, partials]: [number, Values[]] = [inner, []];
    for (let first = true; ; first = false) {
      const blocks = Math.max(Math.ceil(size / blockSize), 1);
      const last = blocks === 1;
      const numbers = new Map([...bindings.numbers, ["size", size], ["blocks", blocks], ["whole", inner]] as const);
      const arrays = new Map([...bindings.arrays, ...partials.map((each, c) => [`p${c}`, each] as const)]);
      const found = (last ? results : components).map((result, i) =>
        this.kernel(
          `${name}${first ? "fold" : "refold"} ${last ? `result ${i}` : i}`,
          () => (first ? writer.fold(values, combine, result) : writer.refold(combine, result)),
          outer * blocks,
          { arrays, numbers },
        ),
      );
      for (const each of partials) this.gpu.release(each);
      if (last) return found;
      partials = found.filter((each) => each !== null);
      if (partials.length < found.length) return results.map(() => null);
      size = blocks;
    }
  }

  private kernel(key: string, source: () => KernelSource, size: number, bindings: Bindings): Values | null {
    if (size === 0) return null;
    let run = this.made.get(key);
    if (run === undefined) {
      run = bound(source(), this.gpu);
      this.made.set(key, run);
    }
    return run(size, bindings);
  }

  private bind(
    { outputs, inputs, buffers, scalars, shape }: Launch,
    strides: readonly (readonly number[])[],
    size: number,
  ): Bindings {
    const arrays = new Map<string, Values>();
    const numbers = new Map<string, number>([
      ["size", size],
      ["inf", Infinity],
      ["nan", NaN],
    ]);
    shape.forEach((length, axis) => numbers.set(`n${axis}`, length));
    scalars.forEach((value, i) =>
      numbers.set(`s${i}`, this.program.scalars[i] === "float32" ? Math.fround(value) : value),
    );
    [...outputs, ...inputs].forEach(({ storage, dtype, offset }, k) => {
      if (k >= outputs.length) arrays.set(`a${k}`, bufferOf(storage.buffer).numbers(dtype));
      numbers.set(`f${k}`, offset);
      strides[k]?.forEach((stride, axis) => numbers.set(`d${k}_${axis}`, stride));
    });
    buffers.forEach(({ storage, dtype, offset }, k) => {
      arrays.set(`b${k}`, bufferOf(storage.buffer).numbers(dtype));
      numbers.set(`g${k}`, offset);
    });
    return { arrays, numbers };
  }
}
