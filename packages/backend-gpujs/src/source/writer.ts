/** Kernels of gpu.js for the parts that programs are made of: a map over positions, and a fold of many values into one. */
import { inputSlots, type CombineGraph, type Node, type Program } from "@chain/array/backend";
import type { KernelSource } from "../gpu.js";
import { Emitter, literal, type Dialect } from "./expression.js";

/** How many values a fold combines one after the other. */
export const blockSize = 64;

/** How many of a program's axes are outer ones: those that are not walked for one result. */
export function outerAxes(program: Program): number {
  if (program.kind === "elementwise") return 0;
  return program.kind === "reduction" ? program.keptRank : program.rank - 1;
}

/**
 * Writes the kernels of one program. Positions along the outer axes are `o`, along the inner ones `i`, both in C order; names of
 * arrays and numbers say what they are: `a0` operand, `b0` buffer, `r0_0` value of rows, `p0` partial result; `n0` length of an
 * axis, `f0` first element of an operand, `d0_1` stride of operand 0 along axis 1, `g0` first element of a buffer, `s0` scalar.
 */
export class Writer {
  private readonly slots;
  private readonly split: number;

  constructor(
    private readonly program: Program,
    private readonly dialect: Dialect,
  ) {
    this.slots = inputSlots(program);
    this.split = outerAxes(program);
  }

  /** One result for every position along all axes. */
  map(body: Node): KernelSource {
    const lines = ["const t = this.thread.x;"];
    if (this.split === 0) lines.push("const o = 0;", "const i = t;");
    else lines.push("const o = quotient(t, size);", "const i = t - o * size;");
    lines.push(...this.axes("o", 0, this.split), ...this.axes("i", this.split, this.program.rank));
    const result = this.emitter(lines, "v").value(body);
    return kernelSource([...lines, `return ${result};`]);
  }

  /** One result for every position along the outer axes, at the start of the inner ones. */
  mapOuter(body: Node): KernelSource {
    const lines = ["const o = this.thread.x;", "const i = 0;"];
    lines.push(...this.axes("o", 0, this.split), ...this.axes("i", this.split, this.program.rank));
    const result = this.emitter(lines, "v").value(body);
    return kernelSource([...lines, `return ${result};`]);
  }

  /**
   * Maps the elements along the inner axes and combines them, `blockSize` of them for each of `blocks` results at every outer
   * position: component `c` of each, or what `finish` makes of all components.
   */
  fold(values: readonly Node[], combine: CombineGraph, result: Node | number): KernelSource {
    const body: string[] = ["const i = first + j;", ...this.axes("i", this.split, this.program.rank)];
    const emitter = this.emitter(body, "v");
    const mapped = values.map((node) => emitter.value(node));
    return this.folded([...this.axes("o", 0, this.split)], body, mapped, combine, result);
  }

  /** The same for partial results of a fold, which lie in `p0`, `p1`, … one after the other for every outer position. */
  refold(combine: CombineGraph, result: Node | number): KernelSource {
    const body: string[] = ["const q = o * size + first + j;"];
    const mapped = combine.identity.map((_, c) => {
      body.push(`const m${c} = p${c}[q];`);
      return `m${c}`;
    });
    return this.folded([], body, mapped, combine, result);
  }

  private folded(
    head: readonly string[],
    body: string[],
    mapped: readonly string[],
    { identity, body: combination }: CombineGraph,
    result: Node | number,
  ): KernelSource {
    const lines = [
      "const t = this.thread.x;",
      "const o = quotient(t, blocks);",
      `const first = (t - o * blocks) * ${blockSize};`,
      ...head,
      ...identity.map((value, c) => `let c${c} = ${literal(value)};`),
      `const count = Math.min(${blockSize}, size - first);`,
      "for (let j = 0; j < count; j++) {",
    ];
    const combiner = new Emitter(
      body,
      this.dialect,
      (node) => {
        const component = node.kind === "parameter" ? node.index : 0;
        return component < identity.length ? `c${component}` : (mapped[component - identity.length] as string);
      },
      "w",
    );
    const combined = combination.map((node) => combiner.value(node));
    body.push(...combined.map((value, c) => `c${c} = ${value};`));
    lines.push(...body.map((line) => `  ${line}`), "}");
    if (typeof result === "number") return kernelSource([...lines, `return c${result};`]);
    const finisher = new Emitter(
      lines,
      this.dialect,
      (node) => (node.kind === "parameter" ? `c${node.index}` : node.kind === "size" ? "whole" : `s${indexOf(node)}`),
      "z",
    );
    const finished = finisher.value(result);
    return kernelSource([...lines, `return ${finished};`]);
  }

  private emitter(lines: string[], prefix: string): Emitter {
    return new Emitter(
      lines,
      this.dialect,
      (node, args) => {
        switch (node.kind) {
          case "parameter": {
            const slot = this.slots[node.index];
            if (slot?.kind !== "array") return `s${slot?.scalar ?? 0}`;
            return `a${slot.operand}[${this.place(slot.operand)}]`;
          }
          case "scalar":
            return `s${node.index}`;
          case "index":
            return "i";
          case "size":
            return "size";
          case "rowValue":
            return `r${node.pass}_${node.component}[o]`;
          case "at":
            return `b${node.buffer}[g${node.buffer} + ${args[0]}]`;
          default:
            throw new Error(`unexpected ${node.kind}`);
        }
      },
      prefix,
    );
  }

  /** Where operand k is. */
  private place(k: number): string {
    const { outputs, inputs, rank } = this.program;
    const arrays = [...outputs, ...inputs.filter((input) => input.layout !== "number")];
    if (rank === 1 && arrays[k]?.layout !== "strided") {
      return arrays[k]?.layout === "broadcast" ? `f${k}` : `f${k} + x0`;
    }
    return [`f${k}`, ...Array.from({ length: rank }, (_, axis) => `x${axis} * d${k}_${axis}`)].join(" + ");
  }

  /** Positions along single axes out of the one along several. */
  private axes(position: string, from: number, to: number): string[] {
    const lines: string[] = [];
    let rest = position;
    for (let axis = to - 1; axis > from; axis--) {
      lines.push(`const q${axis} = quotient(${rest}, n${axis});`, `const x${axis} = ${rest} - q${axis} * n${axis};`);
      rest = `q${axis}`;
    }
    if (to > from) lines.push(`const x${from} = ${rest};`);
    return lines;
  }
}

function indexOf(node: Node): number {
  return "index" in node ? node.index : 0;
}

const arrayName = /\b(?:a\d+|b\d+|p\d+|r\d+_\d+)(?=\[)/g;
const numberName = /\b(?:n\d+|f\d+|d\d+_\d+|g\d+|s\d+|size|whole|blocks|depth|inf|nan)\b/g;

/** A kernel with what its lines mention as parameters. */
export function kernelSource(body: readonly string[]): KernelSource {
  const text = body.join("\n");
  const names = (pattern: RegExp): string[] => [...new Set(text.match(pattern) ?? [])];
  return { arrays: names(arrayName), numbers: names(numberName), body };
}

/** A kernel as gpu.js is given it. */
export function functionSource({ arrays, numbers, body }: KernelSource): string {
  return `function kernel(${[...arrays, ...numbers].join(", ")}) {\n${body.map((line) => `  ${line}\n`).join("")}}`;
}
