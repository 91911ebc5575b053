import type { ElementwiseProgram, InputType, Node } from "../../../kernel/program.js";
import { WgslEmitter, wgslType, type LeafSource } from "./expression.js";
import { elementOfFour, loadFour, storeFewer, storeFour } from "./fours.js";
import {
  bindOperands,
  elementLeaves,
  elementsPerWord,
  ParameterLayout,
  storeSource,
  type Binding,
  type Operand,
} from "./operands.js";
import { layoutsOf, positionLines, shaderSource, stepSource } from "./shader.js";

/** A shader and what has to be told to it. */
export interface Shader {
  readonly source: string;
  readonly bindings: readonly Binding[];
  readonly layout: ParameterLayout;
}

/** One invocation an element. */
export function elementwiseShader(program: ElementwiseProgram, memory: readonly number[]): Shader {
  const { operands, bindings } = bindOperands(program, memory, true);
  const layout = new ParameterLayout();
  const size = layout.word("size");
  const element = positionsOf(program, layout, operands.length, "i");
  const names = { position: (k: number) => `p${k}`, index: "i32(i)", size };
  const emitter = new WgslEmitter(element, elementLeaves(program, operands, bindings, layout, names));
  const values = program.body.map((node) => emitter.value(node));
  values.forEach((value, k) => element.push(storeSource(operands[k] as Operand, `p${k}`, value)));
  const body = ["let i = global;", `if (i >= ${size}) { return; }`, ...element];
  return { source: shaderSource(program.id, bindings, layout, body), bindings, layout };
}

/** Elements that an invocation of {@link fourwiseShader} computes. */
export const fourWide = 4;

/** How {@link fourwiseShader} goes about its four elements. */
export interface FourwiseOptions {
  /** Whether operand k (outputs, then inputs) is made of fours that begin at multiples of four; outputs are. */
  readonly whole: readonly boolean[];
  /** Whether the body is written out four times: faster, and more to compile. */
  readonly unrolled: boolean;
  /** Whether the last four may be fewer. */
  readonly rest: boolean;
}

/**
 * One invocation for four neighbours along the last axis, which an axis before it never parts. Outputs are stored whole, as
 * vectors or packed into words, and so are inputs loaded if the body is unrolled.
 */
export function fourwiseShader(
  program: ElementwiseProgram,
  memory: readonly number[],
  { whole, unrolled, rest }: FourwiseOptions,
): Shader {
  const { operands, bindings } = bindOperands(program, memory, false);
  operands.forEach(({ dtype, binding }, k) => {
    const bound = bindings[binding];
    if (bound !== undefined && whole[k] === true && elementsPerWord(dtype) === 1) bound.fours = true;
  });
  const layout = new ParameterLayout();
  const size = layout.word("size");
  const layouts = layoutsOf(program);
  const lines = positionsOf(program, layout, operands.length, "first");
  const isLoaded = (k: number): boolean => unrolled && whole[k] === true;
  layouts.forEach((_, k) => {
    if (k >= program.outputs.length && isLoaded(k)) {
      lines.push(...loadFour(operands[k] as Operand, `four${k}`, `p${k}`));
    }
  });
  const leavesAt = (j: string, loaded: (k: number) => string | null): LeafSource => {
    const position = (k: number): string => {
      const step = stepSource(layout, k, program.rank - 1, j, layouts[k]);
      return step === null ? `p${k}` : `p${k} + ${step}`;
    };
    const names = { position, loaded, index: `i32(first + ${j})`, size };
    return elementLeaves(program, operands, bindings, layout, names);
  };
  const shared = {
    has: (node: Node) => node.kind === "scalar" || (node.kind === "parameter" && !moves(program.inputs[node.index])),
    emitter: new WgslEmitter(
      lines,
      leavesAt("0u", () => null),
      "s",
    ),
  };
  const four = [0, 1, 2, 3] as const;
  // values[k][j] is element j of output k.
  let values: readonly (readonly string[])[];
  if (unrolled) {
    const elements = four.map((j) => {
      const loaded = (k: number): string | null =>
        isLoaded(k) ? elementOfFour(operands[k] as Operand, `four${k}`, j) : null;
      const emitter = new WgslEmitter(lines, leavesAt(`${j}u`, loaded), `v${j}_`, shared);
      return program.body.map((node) => emitter.value(node));
    });
    values = program.outputs.map((_, k) => elements.map((element) => element[k] as string));
  } else {
    const inner: string[] = [];
    const emitter = new WgslEmitter(
      inner,
      leavesAt("j", () => null),
      "v",
      shared,
    );
    program.body.forEach((node, k) => inner.push(`values${k}[j] = ${emitter.value(node)};`));
    program.body.forEach(({ type }, k) => lines.push(`var values${k}: array<${wgslType(type)}, ${fourWide}>;`));
    lines.push(`for (var j = 0u; j < ${fourWide}u; j++) {`, ...inner.map((line) => `  ${line}`), "}");
    values = program.outputs.map((_, k) => four.map((j) => `values${k}[${j}]`));
  }
  const stores = (store: (operand: Operand, k: number) => string[]): string[] =>
    program.outputs.flatMap((_, k) => store(operands[k] as Operand, k));
  const storeAll = stores((operand, k) => storeFour(operand, `word${k}`, `p${k}`, values[k] ?? []));
  const storeRest = stores((operand, k) => storeFewer(operand, `p${k}`, values[k] ?? [], "count"));
  const body = [
    `let first = global * ${fourWide}u;`,
    `if (first >= ${size}) { return; }`,
    ...lines,
    ...(rest
      ? [`let count = ${size} - first;`, `if (count >= ${fourWide}u) {`, ...storeAll, "} else {", ...storeRest, "}"]
      : storeAll),
  ];
  return { source: shaderSource(program.id, bindings, layout, body), bindings, layout };
}

/** Whether an input differs from element to element of a four. */
function moves(input: InputType | undefined): boolean {
  return input?.layout === "contiguous" || input?.layout === "strided";
}

/** Lines for where each array's element lies at position `linear` of the loop: `p0`, `p1`, … */
function positionsOf(program: ElementwiseProgram, layout: ParameterLayout, operands: number, linear: string): string[] {
  const axes = Array.from({ length: program.rank }, (_, axis) => axis);
  return positionLines(layout, operands - program.buffers.length, axes, linear, { layouts: layoutsOf(program) });
}
