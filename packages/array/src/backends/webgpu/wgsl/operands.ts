/** How the arrays of a launch appear in a shader: bindings, loads and stores. */
import type { DType } from "../../../dtype.js";
import type { Node, Program } from "../../../kernel/program.js";
import { constantSource, wgslType, type LeafSource } from "./expression.js";

/** An array of a launch in the shader. Arrays that share memory share a binding. */
export interface Operand {
  readonly dtype: DType;
  readonly binding: number;
}

/** A storage binding. Elements narrower than a word are packed; stores into them are atomic where neighbours race. */
export interface Binding {
  readonly dtype: DType;
  readonly written: boolean;
  readonly atomic: boolean;
  /** Whether it is an array of fours: vectors of four elements that fill a word each, or pairs of words of halves. */
  readonly fours?: boolean;
  /** Whether float16 is an array of just that, which takes the extension f16, instead of two in a word. */
  readonly halves?: boolean;
}

type MutableBinding = { -readonly [Key in keyof Binding]: Binding[Key] };

/** Elements in a 32-bit word of storage. */
export function elementsPerWord(dtype: DType): number {
  if (dtype === "bool" || dtype === "uint8") return 4;
  return dtype === "float16" ? 2 : 1;
}

/** The operands of a program in order: outputs, array inputs, buffers. */
export function operandTypes(program: Program): DType[] {
  const inputs = program.inputs.filter((input) => input.layout !== "number");
  return [...program.outputs.map((o) => o.dtype), ...inputs.map((i) => i.dtype), ...program.buffers];
}

/** Groups operands by the memory they are in. `memory[k]` is equal for operands in one storage. */
export function bindOperands(
  program: Program,
  memory: readonly number[],
  atomic: boolean,
): { operands: Operand[]; bindings: MutableBinding[] } {
  const types = operandTypes(program);
  const bindings: MutableBinding[] = [];
  const operands = types.map((dtype, k) => {
    const binding = memory[k] as number;
    const written = k < program.outputs.length;
    bindings[binding] ??= { dtype, written: false, atomic: false };
    const bound = bindings[binding];
    if (bound !== undefined && written) {
      bound.written = true;
      bound.atomic ||= atomic && elementsPerWord(dtype) > 1;
    }
    return { dtype, binding };
  });
  return { operands, bindings };
}

/** Declarations of the parameters and of all bindings. */
export function declarations(bindings: readonly Binding[], parameterVectors: number): string {
  const lines = [`@group(0) @binding(0) var<uniform> params: array<vec4<u32>, ${parameterVectors}>;`];
  bindings.forEach((binding, i) => {
    const access = binding.written ? "read_write" : "read";
    lines.push(`@group(0) @binding(${i + 1}) var<storage, ${access}> m${i}: array<${elementType(binding)}>;`);
  });
  return lines.join("\n");
}

/** WGSL's type of what a binding is an array of. */
function elementType({ dtype, atomic, fours = false, halves = false }: Binding): string {
  if (halves) return fours ? "vec4<f16>" : "f16";
  const word = elementsPerWord(dtype) > 1 ? "u32" : wordType(dtype);
  if (atomic) return `atomic<${word}>`;
  return fours ? `vec${4 / elementsPerWord(dtype)}<${word}>` : word;
}

/** WGSL's type of an element that fills a word. */
export function wordType(dtype: DType): string {
  return dtype === "int32" ? "i32" : dtype === "uint32" ? "u32" : "f32";
}

/** The element at a u32 position, as its compute type. */
export function loadSource(operand: Operand, bindings: readonly Binding[], position: string): string {
  const name = `m${operand.binding}`;
  const { atomic, fours = false, halves = false } = bindings[operand.binding] as Binding;
  const word = (index: string): string => (atomic ? `atomicLoad(&${name}[${index}])` : `${name}[${index}]`);
  const inFour = `${name}[(${position}) >> 2u]`;
  switch (operand.dtype) {
    case "bool":
      return `(((${word(`(${position}) >> 2u`)} >> (((${position}) & 3u) * 8u)) & 0xffu) != 0u)`;
    case "uint8":
      return `i32((${word(`(${position}) >> 2u`)} >> (((${position}) & 3u) * 8u)) & 0xffu)`;
    case "float16": {
      if (halves) return `f32(${fours ? `${inFour}[(${position}) & 3u]` : `${name}[${position}]`})`;
      const pair = fours ? `${inFour}[((${position}) >> 1u) & 1u]` : word(`(${position}) >> 1u`);
      return `unpack2x16float(${pair} >> (((${position}) & 1u) * 16u)).x`;
    }
    default:
      return fours ? `${inFour}[(${position}) & 3u]` : `${name}[${position}]`;
  }
}

/** The four floats that begin at a u32 position, a multiple of four, of a binding of fours: `vec4<f32>`. */
export function loadFourSource({ binding, dtype }: Operand, bindings: readonly Binding[], position: string): string {
  const four = `m${binding}[(${position}) >> 2u]`;
  if (dtype !== "float16") return four;
  return bindings[binding]?.halves === true ? `vec4<f32>(${four})` : `four_halves(${four})`;
}

/** The bits of a value that is stored packed. */
export function packedBits(dtype: DType, value: string): string {
  if (dtype === "bool") return `select(0u, 1u, ${value})`;
  return dtype === "uint8" ? `(u32(${value}) & 0xffu)` : `half_bits(${value})`;
}

/** Stores a value of the compute type at a u32 position. */
export function storeSource(operand: Operand, position: string, value: string): string {
  const name = `m${operand.binding}`;
  const perWord = elementsPerWord(operand.dtype);
  if (perWord === 1) return `${name}[${position}] = ${value};`;
  const [shiftBits, mask, log] = perWord === 4 ? [8, "0xffu", 2] : [16, "0xffffu", 1];
  return [
    "{",
    `  let shift = ((${position}) & ${perWord - 1}u) * ${shiftBits}u;`,
    `  atomicAnd(&${name}[(${position}) >> ${log}u], ~(${mask} << shift));`,
    `  atomicOr(&${name}[(${position}) >> ${log}u], ${packedBits(operand.dtype, value)} << shift);`,
    "}",
  ].join("\n");
}

/** Names and positions of 32-bit parameters; `params[0]` is taken by the constants of the library. */
export class ParameterLayout {
  private readonly slots = new Map<string, number>();

  /** The source that reads a parameter as u32, allotting it at first mention. */
  word(name: string): string {
    let slot = this.slots.get(name);
    if (slot === undefined) {
      slot = this.slots.size + 4;
      this.slots.set(name, slot);
    }
    return `params[${slot >> 2}].${"xyzw"[slot & 3]}`;
  }

  /** A parameter as i32. */
  signed(name: string): string {
    return `bitcast<i32>(${this.word(name)})`;
  }

  /** Number of vec4s. */
  get vectors(): number {
    return Math.ceil((this.slots.size + 4) / 4);
  }

  /** Names in the order of their words. */
  names(): string[] {
    return [...this.slots.keys()];
  }
}

/** How a map over elements speaks of the element that it is at. */
export interface ElementNames {
  /** Where operand k's element lies. */
  readonly position: (operand: number) => string;
  /** Operand k's element, if it has been loaded. */
  readonly loaded?: (operand: number) => string | null;
  readonly index: string;
  readonly size: string;
}

/** Sources of the leaves of a map over elements. */
export function elementLeaves(
  program: Program,
  operands: readonly Operand[],
  bindings: readonly Binding[],
  layout: ParameterLayout,
  names: ElementNames,
  other: (node: Node) => string = () => constantSource(0, "int32"),
): LeafSource {
  let nextArray = program.outputs.length;
  let nextNumber = program.scalars.length - program.inputs.filter((i) => i.layout === "number").length;
  const slots = program.inputs.map((input) =>
    input.layout === "number" ? { scalar: nextNumber++ } : { operand: nextArray++ },
  );
  const scalar = (index: number): string => {
    const type = program.scalars[index] ?? "float32";
    const word = layout.word(`scalar${index}`);
    if (type === "bool") return `(${word} != 0u)`;
    return type === "uint32" ? word : `bitcast<${wgslType(type)}>(${word})`;
  };
  return (node, args) => {
    switch (node.kind) {
      case "parameter": {
        const slot = slots[node.index] as { scalar: number } | { operand: number };
        if ("scalar" in slot) return scalar(slot.scalar);
        const loaded = names.loaded?.(slot.operand) ?? null;
        return loaded ?? loadSource(operands[slot.operand] as Operand, bindings, names.position(slot.operand));
      }
      case "scalar":
        return scalar(node.index);
      case "index":
        return names.index;
      case "size":
        return names.size;
      case "at": {
        const operand = operands[operands.length - program.buffers.length + node.buffer] as Operand;
        const base = layout.word(`offset${operands.length - program.buffers.length + node.buffer}`);
        return loadSource(operand, bindings, `${base} + u32(${args[0]})`);
      }
      default:
        return other(node);
    }
  };
}
