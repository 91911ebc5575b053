import type { DType } from "../../../dtype.js";
import type { Shader } from "./elementwise.js";
import { elementsPerWord, loadSource, ParameterLayout, storeSource, type Binding } from "./operands.js";
import { shaderSource } from "./shader.js";

/**
 * `out[indices[i], c] += x[i, c]` in order of i, so that sums are the same every time: an invocation has one column of
 * a band of rows to itself, goes through all indices, and adds what falls into its band. Bindings: out, x, indices.
 */
export function scatterAddShader(dtype: DType): Shader {
  const layout = new ParameterLayout();
  const w = (name: string): string => layout.word(name);
  const bindings: Binding[] = [
    { dtype, written: true, atomic: elementsPerWord(dtype) > 1 },
    { dtype, written: false, atomic: false },
    { dtype: "int32", written: false, atomic: false },
  ];
  const [out, x] = [
    { dtype, binding: 0 },
    { dtype, binding: 1 },
  ];
  const sum = `${loadSource(out, bindings, "to")} + ${loadSource(x, bindings, "source")}`;
  const body = [
    `if (global >= ${w("width")} * ${w("bands")}) { return; }`,
    `let column = global % ${w("width")};`,
    `let first = (global / ${w("width")}) * ${w("band")};`,
    `for (var i = 0u; i < ${w("count")}; i++) {`,
    `  let row = u32(m2[${w("indicesOffset")} + i]) - first;`,
    `  if (row < ${w("band")}) {`,
    `    let to = ${w("outOffset")} + (first + row) * ${w("width")} + column;`,
    `    let source = ${w("xOffset")} + i * ${w("width")} + column;`,
    `    let sum = ${sum};`,
    `    ${storeSource(out, "to", "sum")}`,
    "  }",
    "}",
  ];
  return { source: shaderSource(`scatterAdd ${dtype}`, bindings, layout, body), bindings, layout };
}
