/** Plain JavaScript for a program: the readable reference that the other generators are tested against. */
import type { DType } from "../../dtype.js";
import type {
  CombineGraph,
  ElementwiseProgram,
  InputType,
  Node,
  Program,
  ReductionProgram,
  RowwiseProgram,
} from "../../kernel/program.js";
import { Emitter, type LeafSource } from "./expression.js";

/** Elements that are added up one after the other before partial results are combined pairwise. */
const blockSize = 128;

/**
 * Source of `function (arrays, offsets, buffers, bufferOffsets, scalars, shape, strides, $)`: `arrays` are the outputs
 * and array inputs as typed arrays over the storage, `offsets` the positions of their first elements.
 */
export function generateJavaScript(program: Program): string {
  const operands = program.outputs.length + arrayInputs(program.inputs).length;
  const head = [
    `// ${program.id}`,
    `return function ${identifier(program.name)}(arrays, offsets, buffers, bufferOffsets, scalars, shape, strides, $) {`,
  ];
  const lines: string[] = [];
  for (let k = 0; k < operands; k++) lines.push(`const a${k} = arrays[${k}];`);
  program.buffers.forEach((_, i) => lines.push(`const b${i} = buffers[${i}], bo${i} = bufferOffsets[${i}];`));
  program.scalars.forEach((type, i) =>
    lines.push(`const s${i} = ${type === "float32" ? `$.f(scalars[${i}])` : `scalars[${i}]`};`),
  );
  for (let axis = 0; axis < program.rank; axis++) {
    lines.push(`const n${axis} = shape[${axis}];`);
    for (let k = 0; k < operands; k++) lines.push(`const d${k}_${axis} = strides[${k}][${axis}];`);
  }
  switch (program.kind) {
    case "elementwise":
      lines.push(...elementwiseBody(program, operands));
      break;
    case "reduction":
      lines.push(...reductionBody(program, operands));
      break;
    case "rowwise":
      lines.push(...rowwiseBody(program, operands));
      break;
  }
  return [...head, ...indent(lines), "};"].join("\n");
}

function elementwiseBody(program: ElementwiseProgram, operands: number): string[] {
  const inner: string[] = [];
  const emitter = new Emitter(inner, leaves(program, `p`));
  const stores = program.body.map((node, i) =>
    storeSource(`a${i}`, `p${i}`, program.outputs[i]?.dtype, emitter.value(node)),
  );
  inner.push(...stores);
  if (program.usesIndex) inner.push("position++;");
  const lines = program.usesIndex ? ["let position = 0;"] : [];
  return [...lines, ...pointers(operands, "p"), ...loopNest(operands, 0, program.rank, inner)];
}

function reductionBody(program: ReductionProgram, operands: number): string[] {
  const { keptRank, rank, combine } = program;
  const components = combine.identity.map((_, c) => c);
  const element: string[] = [];
  const mapper = new Emitter(element, leaves(program, "p"));
  const mapped = program.map.map((node) => mapper.value(node));
  const combined = combineLines(
    combine,
    components.map((c) => `acc${c}`),
    mapped,
    element,
  );
  element.push(...components.map((c) => `acc${c} = ${combined[c]};`));
  if (program.usesIndex) element.push("position++;");
  element.push(
    `if (++pending === ${blockSize}) {`,
    `  partials.push([${components.map((c) => `acc${c}`).join(", ")}]);`,
    `  ${components.map((c) => `acc${c} = ${literal(combine.identity[c])};`).join(" ")}`,
    "  pending = 0;",
    "}",
  );
  const each: string[] = [
    "const partials = new $.PairwiseStack(combine);",
    `let pending = 0${program.usesIndex ? ", position = 0" : ""};`,
    `let ${components.map((c) => `acc${c} = ${literal(combine.identity[c])}`).join(", ")};`,
    ...pointersFrom(operands, "q", "p"),
    ...loopNest(operands, keptRank, rank, element),
    `partials.push([${components.map((c) => `acc${c}`).join(", ")}]);`,
    `const [${components.map((c) => `r${c}`).join(", ")}] = partials.total();`,
  ];
  const finisher = new Emitter(
    each,
    (node) => {
      if (node.kind === "parameter") return `r${node.index}`;
      return node.kind === "size" ? "size" : leafError(node);
    },
    null,
    "f",
  );
  each.push(
    ...program.finish.map((node, i) => storeSource(`a${i}`, `q${i}`, program.outputs[i]?.dtype, finisher.value(node))),
  );
  return [
    ...combineFunction(combine),
    `const size = ${product(keptRank, rank)};`,
    ...pointers(operands, "q"),
    ...loopNest(operands, 0, keptRank, each, "q"),
  ];
}

function rowwiseBody(program: RowwiseProgram, operands: number): string[] {
  const last = program.rank - 1;
  const row: string[] = [`const size = n${last};`];
  const rowLeaf = (node: Node): string =>
    node.kind === "rowValue" ? `row${node.pass}_${node.component}` : leafError(node);
  const leaf = leaves(program, "p", rowLeaf);
  program.passes.forEach((pass, k) => {
    const components = pass.combine.identity.map((_, c) => c);
    const names = components.map((c) => `row${k}_${c}`);
    const element: string[] = [];
    const emitter = new Emitter(element, leaf);
    const values = pass.values.map((node) => emitter.value(node));
    const accumulators = components.map((c) => `acc${k}_${c}`);
    const combined = combineLines(pass.combine, accumulators, values, element);
    element.push(...accumulators.map((name, c) => `${name} = ${combined[c]};`));
    if (program.usesIndex) element.push("position++;");
    element.push(
      `if (++pending === ${blockSize}) {`,
      `  partials.push([${accumulators.join(", ")}]);`,
      `  ${accumulators.map((name, c) => `${name} = ${literal(pass.combine.identity[c])};`).join(" ")}`,
      "  pending = 0;",
      "}",
    );
    row.push(
      `let ${names.join(", ")};`,
      "{",
      ...indent([
        ...combineFunction(pass.combine),
        "const partials = new $.PairwiseStack(combine);",
        `let pending = 0${program.usesIndex ? ", position = 0" : ""};`,
        `let ${accumulators.map((name, c) => `${name} = ${literal(pass.combine.identity[c])}`).join(", ")};`,
        ...pointersFrom(operands, "q", "p"),
        ...loopNest(operands, last, program.rank, element),
        `partials.push([${accumulators.join(", ")}]);`,
        `[${names.join(", ")}] = partials.total();`,
      ]),
      "}",
    );
  });
  const perRow = program.per.flatMap((per, i) => (per === "row" ? [i] : []));
  const perElement = program.per.flatMap((per, i) => (per === "element" ? [i] : []));
  // What is stored per row may be an input that all elements read: it is computed before them, and stored after them.
  if (perRow.length > 0) {
    const block = pointersFrom(operands, "q", "p");
    if (program.usesIndex) block.push("const position = 0;");
    const emitter = new Emitter(block, leaf);
    for (const i of perRow) block.push(`result${i} = ${emitter.value(program.body[i] as Node)};`);
    row.push(`let ${perRow.map((i) => `result${i}`).join(", ")};`, "{", ...indent(block), "}");
  }
  if (perElement.length > 0) {
    const element: string[] = [];
    const emitter = new Emitter(element, leaf);
    const values = perElement.map((i) => emitter.value(program.body[i] as Node));
    element.push(
      ...perElement.map((i, n) => storeSource(`a${i}`, `p${i}`, program.outputs[i]?.dtype, values[n] as string)),
    );
    if (program.usesIndex) element.push("position++;");
    const position = program.usesIndex ? ["let position = 0;"] : [];
    row.push(
      "{",
      ...indent([...position, ...pointersFrom(operands, "q", "p"), ...loopNest(operands, last, program.rank, element)]),
      "}",
    );
  }
  row.push(...perRow.map((i) => storeSource(`a${i}`, `q${i}`, program.outputs[i]?.dtype, `result${i}`)));
  return [...pointers(operands, "q"), ...loopNest(operands, 0, last, row, "q")];
}

/** Nested loops over axes `from … to - 1`; `pointer`k moves by each operand's stride. */
function loopNest(operands: number, from: number, to: number, inner: string[], pointer = "p"): string[] {
  if (from === to) return ["{", ...indent(inner), "}"];
  const ks = Array.from({ length: operands }, (_, k) => k);
  const advance = ks.map((k) => `${pointer}${k} += d${k}_${from};`).join(" ");
  const rewind = ks.map((k) => `${pointer}${k} -= n${from} * d${k}_${from};`).join(" ");
  return [
    `for (let i${from} = 0; i${from} < n${from}; i${from}++) {`,
    ...indent(loopNest(operands, from + 1, to, inner, pointer)),
    `  ${advance}`,
    "}",
    rewind,
  ];
}

function pointers(operands: number, name: string): string[] {
  return Array.from({ length: operands }, (_, k) => `let ${name}${k} = offsets[${k}];`);
}

function pointersFrom(operands: number, from: string, name: string): string[] {
  return Array.from({ length: operands }, (_, k) => `let ${name}${k} = ${from}${k};`);
}

/** Sources of parameters, scalars, positions and buffer reads. */
function leaves(program: Program, pointer: string, other: (node: Node) => string = leafError): LeafSource {
  const slots = inputSlots(program);
  return (node, args) => {
    switch (node.kind) {
      case "parameter": {
        const slot = slots[node.index] as InputSlot;
        if (slot.kind === "number") return `s${slot.scalar}`;
        return loadSource(`a${slot.operand}`, `${pointer}${slot.operand}`, slot.dtype);
      }
      case "scalar":
        return `s${node.index}`;
      case "index":
        return "position";
      case "size":
        return "size";
      case "at":
        return loadSource(`b${node.buffer}`, `bo${node.buffer} + ${args[0]}`, program.buffers[node.buffer] as DType);
      default:
        return other(node);
    }
  };
}

/** Where an input's elements come from: operand k of a launch (outputs come first), or scalar k. */
export type InputSlot =
  | { readonly kind: "array"; readonly operand: number; readonly dtype: DType }
  | { readonly kind: "number"; readonly scalar: number };

/** Where each input is found: the operand that loads it, or the scalar that holds it. */
export function inputSlots(program: Program): InputSlot[] {
  let operand = program.outputs.length;
  let scalar = program.scalars.length - program.inputs.filter((input) => input.layout === "number").length;
  return program.inputs.map((input): InputSlot =>
    input.layout === "number"
      ? { kind: "number", scalar: scalar++ }
      : { kind: "array", operand: operand++, dtype: input.dtype },
  );
}

export function arrayInputs(inputs: readonly InputType[]): InputType[] {
  return inputs.filter((input) => input.layout !== "number");
}

/** An element as its compute type. */
export function loadSource(array: string, position: string, dtype: DType): string {
  const element = `${array}[${position}]`;
  if (dtype === "float16") return `$.halfToNumber(${element})`;
  return element;
}

function storeSource(array: string, position: string, dtype: DType | undefined, value: string): string {
  return `${array}[${position}] = ${dtype === "float16" ? `$.numberToHalf(${value})` : value};`;
}

function combineLines(
  combine: CombineGraph,
  left: readonly string[],
  right: readonly string[],
  lines: string[],
): string[] {
  const emitter = new Emitter(
    lines,
    (node) => {
      if (node.kind !== "parameter") return leafError(node);
      const n = combine.identity.length;
      return (node.index < n ? left[node.index] : right[node.index - n]) as string;
    },
    null,
    "c",
  );
  return combine.body.map((node) => emitter.value(node));
}

/** The combination of two partial results, as a function of its own. */
function combineFunction(combine: CombineGraph): string[] {
  const lines: string[] = [];
  const components = combine.identity.map((_, c) => c);
  const result = combineLines(
    combine,
    components.map((c) => `x[${c}]`),
    components.map((c) => `y[${c}]`),
    lines,
  );
  return ["const combine = (x, y) => {", ...indent(lines), `  return [${result.join(", ")}];`, "};"];
}

function product(from: number, to: number): string {
  return Array.from({ length: to - from }, (_, i) => `n${from + i}`).join(" * ") || "1";
}

function literal(value: number | undefined): string {
  return Object.is(value, -0) ? "-0" : String(value);
}

/** A function's name; the prefix keeps reserved words (`var`) and leading digits apart from it. */
function identifier(name: string): string {
  return `kernel_${name.replace(/\W/g, "_")}`;
}

function indent(lines: readonly string[]): string[] {
  return lines.map((line) => `  ${line}`);
}

function leafError(node: Node): never {
  throw new Error(`unexpected ${node.kind} in a generated kernel`);
}
