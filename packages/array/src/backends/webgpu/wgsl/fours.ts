/** Four neighbours of an array at a time, which begin at a position that is a multiple of four. */
import { elementsPerWord, packedBits, wordType, type Operand } from "./operands.js";

const components = ["x", "y", "z", "w"] as const;

/** Lines that load the four at u32 position `position` into variables that start with `name`. */
export function loadFour({ dtype, binding }: Operand, name: string, position: string): string[] {
  if (dtype !== "float16") return [`let ${name} = m${binding}[${position} >> 2u];`];
  return [0, 1].map((i) => `let ${name}_${i} = unpack2x16float(m${binding}[(${position} >> 1u) + ${i}u]);`);
}

/** Element j of what {@link loadFour} loaded, as its compute type. */
export function elementOfFour({ dtype }: Operand, name: string, j: number): string {
  const byte = `((${name} >> ${8 * j}u) & 0xffu)`;
  switch (dtype) {
    case "bool":
      return `(${byte} != 0u)`;
    case "uint8":
      return `i32(${byte})`;
    case "float16":
      return `${name}_${j >> 1}.${components[j & 1]}`;
    default:
      return `${name}.${components[j]}`;
  }
}

/** Lines that store values as the four at `position`; `name` starts the names of their variables. */
export function storeFour(operand: Operand, name: string, position: string, values: readonly string[]): string[] {
  const { dtype, binding } = operand;
  if (elementsPerWord(dtype) === 1) {
    return [`m${binding}[${position} >> 2u] = vec4<${wordType(dtype)}>(${values.join(", ")});`];
  }
  return packed(operand, values).flatMap((word, i) => [
    `let ${name}_${i} = ${word};`,
    `m${binding}[${wordAt(operand, position, i)}] = ${name}_${i};`,
  ]);
}

/** As {@link storeFour}, but only the first `count` (u32, less than four) of them; what lies beyond stays. */
export function storeFewer(operand: Operand, position: string, values: readonly string[], count: string): string[] {
  const { dtype, binding } = operand;
  const perWord = elementsPerWord(dtype);
  if (perWord === 1) {
    return values
      .slice(0, 3)
      .map((value, j) => `if (${count} > ${j}u) { m${binding}[${position} >> 2u].${components[j]} = ${value}; }`);
  }
  const bits = 32 / perWord;
  return packed(operand, values).flatMap((word, i) => {
    const at = `m${binding}[${wordAt(operand, position, i)}]`;
    const here = `(${count} - ${i * perWord}u)`;
    const kept = `(0xffffffffu << (${here} * ${bits}u))`;
    const part = `${at} = (${word} & ~${kept}) | (${at} & ${kept});`;
    return [
      `if (${count} >= ${(i + 1) * perWord}u) { ${at} = ${word}; }`,
      `else if (${count} > ${i * perWord}u) { ${part} }`,
    ];
  });
}

function wordAt({ dtype }: Operand, position: string, i: number): string {
  return elementsPerWord(dtype) === 4 ? `${position} >> 2u` : `(${position} >> 1u) + ${i}u`;
}

/** The words that hold four values: one or two. */
function packed({ dtype }: Operand, values: readonly string[]): string[] {
  const perWord = elementsPerWord(dtype);
  return Array.from({ length: 4 / perWord }, (_, i) =>
    Array.from({ length: perWord }, (__, j) => {
      const bits = packedBits(dtype, values[i * perWord + j] as string);
      return j === 0 ? bits : `(${bits} << ${(j * 32) / perWord}u)`;
    }).join(" | "),
  ).map((word) => `(${word})`);
}
