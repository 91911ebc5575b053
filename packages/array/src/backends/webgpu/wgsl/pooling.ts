/** Pooling and its gradients: an invocation for every result, which looks at all that it is made of. */
import type { DType } from "../../../dtype.js";
import type { Shader } from "./elementwise.js";
import { elementsPerWord, loadSource, ParameterLayout, storeSource, type Binding } from "./operands.js";
import { shaderSource } from "./shader.js";

/** Which of the four routines. */
export type PoolingPass = "max" | "maxGrad" | "sum" | "sumGrad";

/** Everything that makes a different shader. */
export interface PoolingVariant {
  readonly pass: PoolingPass;
  readonly dtype: DType;
  /** Along every axis of windows. */
  readonly size: readonly number[];
  readonly stride: readonly number[];
}

/** So many things that a result is made of are written out; more are in loops. */
const mostWrittenOut = 16;

/**
 * Bindings: y, places, x (max); gx, gy, places (maxGrad); y, x (sum); gx, gy (sumGrad). Positions are u32: what lies before
 * an axis is far behind its end.
 */
export function poolingShader(variant: PoolingVariant): Shader {
  const { pass, dtype, size, stride } = variant;
  const layout = new ParameterLayout();
  const w = (name: string): string => layout.word(name);
  const axes = size.map((_, i) => i);
  const backwards = pass === "maxGrad" || pass === "sumGrad";
  const out: Binding = { dtype, written: true, atomic: elementsPerWord(dtype) > 1 };
  const read: Binding = { dtype, written: false, atomic: false };
  const places = (written: boolean): Binding => ({ dtype: "int32", written, atomic: false });
  const bindings = {
    max: [out, places(true), read],
    maxGrad: [out, read, places(false)],
    sum: [out, read],
    sumGrad: [out, read],
  }[pass];
  const operand = pass === "max" ? 2 : 1;
  const load = (position: string): string => loadSource({ dtype, binding: operand }, bindings, position);
  const linear = (name: string): string =>
    axes.reduce((sum, i) => (i === 0 ? `${name}0` : `(${sum} * ${w(`from${i}`)} + ${name}${i})`), "");

  // Every element of a window, or every window that an element may lie in; `t` says which along each axis.
  const counts = axes.map((i) =>
    backwards ? Math.ceil((size[i] as number) / (stride[i] as number)) : (size[i] as number),
  );
  const look = (t: readonly string[]): string[] => {
    const [here, inside, place] = [
      backwards ? (i: number) => `nearest${i} - ${t[i]}` : (i: number) => `begin${i} + ${t[i]}`,
      backwards
        ? (i: number) => `(h${i} < ${w(`from${i}`)}) & (c${i} + ${w(`pad${i}`)} - h${i} * ${stride[i]}u < ${size[i]}u)`
        : (i: number) => `(h${i} < ${w(`from${i}`)})`,
      backwards ? (i: number) => `(c${i} + ${w(`pad${i}`)} - h${i} * ${stride[i]}u)` : (i: number) => `${t[i]}`,
    ];
    const flat = axes.reduce((sum, i) => (i === 0 ? place(0) : `(${sum} * ${size[i]}u + ${place(i)})`), "");
    return [
      "{",
      ...axes.map((i) => `  let h${i} = ${here(i)};`),
      `  let inside = ${axes.map(inside).join(" & ")};`,
      `  let at = start + ${linear("h")};`,
      ...combine[pass](flat).map((line) => `  ${line}`),
      "}",
    ];
  };
  const combine: Record<PoolingPass, (place: string) => string[]> = {
    // The first of equals, and the first NaN before all.
    max: (place) => [
      `let x = ${load(`${w("aOffset")} + at`)};`,
      "let better = inside & ((x > best) | (is_nan(x) & !is_nan(best)));",
      "best = select(best, x, better);",
      `found = select(found, ${place}, better);`,
    ],
    maxGrad: (place) => [
      `let here = inside & (u32(m2[${w("placesOffset")} + at]) == ${place});`,
      `sum += select(0.0, ${load(`${w("aOffset")} + at`)}, here);`,
    ],
    sum: () => [`sum += select(0.0, ${load(`${w("aOffset")} + at`)}, inside);`],
    sumGrad: () => [`sum += select(0.0, ${load(`${w("aOffset")} + at`)}, inside);`],
  };
  const all = counts.reduce((product, count) => product * count, 1);
  const store = (value: string): string => storeSource({ dtype, binding: 0 }, `${w("outOffset")} + global`, value);
  const body = [
    `if (global >= ${w("total")}) { return; }`,
    "var rest = global;",
    ...axes.toReversed().flatMap((i) => [`let c${i} = rest % ${w(`to${i}`)};`, `rest = rest / ${w(`to${i}`)};`]),
    `let start = rest * ${w("fromSize")};`,
    ...axes.map((i) =>
      backwards
        ? `let nearest${i} = (c${i} + ${w(`pad${i}`)}) / ${stride[i]}u;`
        : `let begin${i} = c${i} * ${stride[i]}u - ${w(`pad${i}`)};`,
    ),
    ...(pass === "max" ? ["var best = -infinity();", "var found = 0u;"] : ["var sum = 0.0;"]),
    ...(all <= mostWrittenOut ? combinations(counts).flatMap(look) : loops(counts, look)),
    ...(pass === "max"
      ? [store("best"), `m1[${w("placesOffset")} + global] = i32(found);`]
      : [store(pass === "maxGrad" ? "sum" : `(sum * bitcast<f32>(${w("scale")}))`)]),
  ];
  const id = `pooling ${JSON.stringify(variant)}`;
  return { source: shaderSource(id, bindings, layout, body), bindings, layout };
}

/** Every combination of numbers below `counts`, as constants. */
function combinations(counts: readonly number[]): string[][] {
  return counts.reduce<string[][]>(
    (lists, count) => lists.flatMap((list) => Array.from({ length: count }, (_, t) => [...list, `${t}u`])),
    [[]],
  );
}

/** The same in loops, one for each axis. */
function loops(counts: readonly number[], body: (t: readonly string[]) => readonly string[]): string[] {
  return [
    ...counts.map((count, i) => `for (var t${i} = 0u; t${i} < ${count}u; t${i}++) {`),
    ...body(counts.map((_, i) => `t${i}`)),
    ...counts.map(() => "}"),
  ];
}
