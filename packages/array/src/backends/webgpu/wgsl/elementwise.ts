import type { ElementwiseProgram } from "../../../kernel/program.js";
import { WgslEmitter } from "./expression.js";
import {
  bindOperands,
  elementLeaves,
  elementsPerWord,
  packedBits,
  ParameterLayout,
  storeSource,
  type Binding,
} from "./operands.js";
import { layoutsOf, positionLines, shaderSource } from "./shader.js";

/** A shader and what has to be told to it. */
export interface Shader {
  readonly source: string;
  readonly bindings: readonly Binding[];
  readonly layout: ParameterLayout;
}

/** Elements that one invocation computes when outputs are packed and whole words can be written. */
export const elementsPerInvocation = 4;

/**
 * One invocation an element. With `words`, outputs that are packed (bool, uint8, float16) are contiguous and start at a
 * word: an invocation then computes four elements and writes whole words, keeping what lies beyond the end.
 */
export function elementwiseShader(program: ElementwiseProgram, memory: readonly number[], words: boolean): Shader {
  const { operands, bindings } = bindOperands(program, memory, !words);
  const layout = new ParameterLayout();
  const size = layout.word("size");
  const arrays = operands.length - program.buffers.length;
  const axes = Array.from({ length: program.rank }, (_, axis) => axis);
  const element: string[] = [...positionLines(layout, arrays, axes, "i", { layouts: layoutsOf(program) })];
  const emitter = new WgslEmitter(
    element,
    elementLeaves(program, operands, bindings, layout, { position: (k) => `p${k}`, index: "i32(i)", size }),
  );
  const values = program.body.map((node) => emitter.value(node));
  if (!words) {
    values.forEach((value, k) => element.push(storeSource(operands[k] as (typeof operands)[0], `p${k}`, value)));
    const body = ["let i = global;", `if (i >= ${size}) { return; }`, ...element];
    return { source: shaderSource(program.id, bindings, layout, body), bindings, layout };
  }
  const packed = values.flatMap((_, k) => (elementsPerWord(program.outputs[k]?.dtype ?? "float32") > 1 ? [k] : []));
  const slots = (k: number): number => elementsPerInvocation / elementsPerWord(operands[k]?.dtype ?? "float32");
  values.forEach((value, k) => {
    const operand = operands[k] as (typeof operands)[0];
    const perWord = elementsPerWord(operand.dtype);
    if (perWord === 1) {
      element.push(storeSource(operand, `p${k}`, value));
      return;
    }
    const bits = 32 / perWord;
    element.push(
      `let shift${k} = (j % ${perWord}u) * ${bits}u;`,
      `w${k}[j / ${perWord}u] = (w${k}[j / ${perWord}u] & ~(${perWord === 4 ? "0xffu" : "0xffffu"} << shift${k})) | (${packedBits(operand.dtype, value)} << shift${k});`,
    );
  });
  const body = [
    `let first = global * ${elementsPerInvocation}u;`,
    `if (first >= ${size}) { return; }`,
    ...packed.map(
      (k) =>
        `let word${k} = (${layout.word(`offset${k}`)} + first) / ${elementsPerWord(operands[k]?.dtype ?? "bool")}u;`,
    ),
    ...packed.map((k) => `var w${k}: array<u32, ${slots(k)}>;`),
    ...packed.flatMap((k) =>
      Array.from({ length: slots(k) }, (_, s) => `w${k}[${s}] = m${operands[k]?.binding}[word${k} + ${s}u];`),
    ),
    `for (var j = 0u; j < ${elementsPerInvocation}u; j++) {`,
    "  let i = first + j;",
    `  if (i < ${size}) {`,
    ...element.map((line) => `    ${line}`),
    "  }",
    "}",
    ...packed.flatMap((k) =>
      Array.from({ length: slots(k) }, (_, s) => `m${operands[k]?.binding}[word${k} + ${s}u] = w${k}[${s}];`),
    ),
  ];
  return { source: shaderSource(program.id, bindings, layout, body), bindings, layout };
}
