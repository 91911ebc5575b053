import type { Shader } from "./elementwise.js";
import { ParameterLayout, type Binding } from "./operands.js";
import { shaderSource } from "./shader.js";

/** `out[i] = Σ parts[p, i]` in order of p, float32. Bindings: out, parts. */
export function sumPartsShader(): Shader {
  const layout = new ParameterLayout();
  const w = (name: string): string => layout.word(name);
  const bindings: Binding[] = [
    { dtype: "float32", written: true, atomic: false },
    { dtype: "float32", written: false, atomic: false },
  ];
  const body = [
    `if (global >= ${w("size")}) { return; }`,
    "var sum = 0.0;",
    `for (var p = 0u; p < ${w("parts")}; p++) { sum += m1[p * ${w("size")} + global]; }`,
    `m0[${w("outOffset")} + global] = sum;`,
  ];
  return { source: shaderSource("sum of parts", bindings, layout, body), bindings, layout };
}
