/** Source for the combining operation of reductions, and for combining many elements one after the other. */
import type { CombineGraph, ComputeType } from "../../../kernel/program.js";
import { constantSource, WgslEmitter, wgslType } from "./expression.js";

/** So many elements are added up by themselves, and so many of their sums, before they join the total. */
const [run, runs] = [64, 16];
/** Elements that are combined with each other before they join the others: one turn of a loop. */
const together = 8;

/** A component of a state as it is kept in memory; bools are words there. */
export function encodeState(type: ComputeType | undefined, value: string): string {
  return type === "bool" ? `select(0u, 1u, ${value})` : value;
}

/** The other way. */
export function decodeState(type: ComputeType | undefined, word: string): string {
  return type === "bool" ? `(${word} != 0u)` : word;
}

/** `var acc0: f32 = identity; …` */
function stateVariables(combine: CombineGraph, name: string): string[] {
  return combine.types.map(
    (type, c) => `var ${name}${c}: ${wgslType(type)} = ${constantSource(combine.identity[c] as number, type)};`,
  );
}

/** Emits what `combine(left, right)` takes into `lines`; returns the components. */
function combined(
  combine: CombineGraph,
  left: readonly string[],
  right: readonly string[],
  lines: string[],
  prefix: string,
): string[] {
  const operands = [...left, ...right];
  const emitter = new WgslEmitter(
    lines,
    (node) => (node.kind === "parameter" ? (operands[node.index] as string) : constantSource(0, "int32")),
    prefix,
  );
  return combine.body.map((node) => emitter.value(node));
}

/** Emits `acc = combine(acc, values)` into `lines`; returns the assignments. */
export function combineInto(
  combine: CombineGraph,
  name: string,
  values: readonly string[],
  lines: string[],
  prefix = "c",
): string[] {
  const own = combine.types.map((_, c) => `${name}${c}`);
  return combined(combine, own, values, lines, prefix).map((result, c) => `${own[c]} = ${result};`);
}

/** The elements that an invocation combines. */
export interface Elements {
  /** A u32 loop variable, where it starts, the bound, and how far it is from one element to the next. */
  readonly variable: string;
  readonly begin: string;
  readonly end: string;
  readonly step: number;
  /** Lines that work out the mapped element at a position, and its components; names begin with `prefix`. */
  readonly at: (position: string, prefix: string) => { readonly lines: readonly string[]; readonly values: string[] };
  /** Whether these lines are few: several elements are then combined in one turn of the loop. */
  readonly short: boolean;
}

/**
 * Combines elements and leaves their total in `total…`. Runs of elements, and runs of such runs, are combined by
 * themselves first: what rounding costs a sum then hardly grows with its length.
 */
export function inRuns(combine: CombineGraph, suffix: string, elements: Elements): string[] {
  const { variable, begin, end, step } = elements;
  const [acc, sum, total] = ["acc", "sum", "total"].map((level) => `${level}${suffix}`) as [string, string, string];
  const count = `count${suffix}`;
  const turn = elements.short ? together : 1;
  const body = turnOf(combine, acc, elements, turn);
  return [
    ...[acc, sum, total].flatMap((level) => stateVariables(combine, level)),
    `var ${count} = 0u;`,
    `var ${variable} = ${begin};`,
    `for (; ${turn === 1 ? variable : `${variable} + ${(turn - 1) * step}u`} < ${end}; ${variable} += ${turn * step}u) {`,
    ...body,
    `  ${count}++;`,
    `  if (${count} % ${run / turn}u == 0u) {`,
    ...fold(combine, acc, sum),
    `    if (${count} % ${(run / turn) * runs}u == 0u) {`,
    ...fold(combine, sum, total),
    "    }",
    "  }",
    "}",
    ...(turn === 1
      ? []
      : [`for (; ${variable} < ${end}; ${variable} += ${step}u) {`, ...turnOf(combine, acc, elements, 1), "}"]),
    ...fold(combine, acc, sum),
    ...fold(combine, sum, total),
  ];
}

/** Lines that combine `count` elements pairwise, and the result with `acc`. */
function turnOf(combine: CombineGraph, acc: string, { variable, step, at }: Elements, count: number): string[] {
  const lines: string[] = [];
  let values = Array.from({ length: count }, (_, j) => {
    const element = at(j === 0 ? variable : `(${variable} + ${j * step}u)`, `e${j}_`);
    lines.push(...element.lines);
    return element.values;
  });
  for (let level = 0; values.length > 1; level++) {
    const pairs = values;
    values = Array.from({ length: pairs.length / 2 }, (_, i) =>
      combined(combine, pairs[2 * i] as string[], pairs[2 * i + 1] as string[], lines, `l${level}_${i}_`),
    );
  }
  const assignments = combineInto(combine, acc, values[0] as string[], lines);
  return [...lines, ...assignments].map((line) => `  ${line}`);
}

/** Adds what `from` holds to `to` and starts another. */
function fold(combine: CombineGraph, from: string, to: string): string[] {
  const lines: string[] = ["{"];
  const values = combine.types.map((_, c) => `${from}${c}`);
  lines.push(...combineInto(combine, to, values, lines, "t"));
  lines.push(
    ...combine.types.map((type, c) => `${from}${c} = ${constantSource(combine.identity[c] as number, type)};`),
    "}",
  );
  return lines;
}
