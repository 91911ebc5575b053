import type { DType } from "../../../dtype.js";
import type { Shader } from "./elementwise.js";
import { loadFourSource, loadSource, ParameterLayout, storeSource, type Binding } from "./operands.js";
import type { Product, ProductMemory, ProductSource, ShaderParts } from "./product.js";
import { productByQuads, type QuadTiles } from "./quad-product.js";
import { shaderSource } from "./shader.js";
import type { Reading } from "./slice.js";
import { productByTiles, type ProductTiles } from "./tile-product.js";

/** How a product is computed. */
export type ProductMethod =
  | { readonly by: "tiles"; readonly tiles: ProductTiles; readonly a: Reading; readonly b: Reading }
  | { readonly by: "quads"; readonly tiles: QuadTiles; readonly exchange: boolean };

/** What else makes a different shader. */
export interface ProductVariant {
  readonly method: ProductMethod;
  /** Of all arrays; sums are float32. */
  readonly dtype: DType;
  /** Whether arrays are float16 and bound as such; see `Binding`. */
  readonly halves: boolean;
  readonly bias: boolean;
  /** Whether the depth falls into parts, whose sums {@link partsShader} adds up and stores. */
  readonly split: boolean;
}

/** The product. Bindings: out (or, if the depth is split, the sums of its parts), a, b and, if it is stored here, the bias. */
export function productShader(id: string, source: ProductSource, variant: ProductVariant): Shader {
  const { method, dtype, halves, bias, split } = variant;
  const operand = (fours: boolean): Binding => ({ dtype, written: false, atomic: false, fours, halves });
  const out: Binding = split ? { dtype: "float32", written: true, atomic: false } : outBinding(variant);
  const [aFours, bFours] = method.by === "quads" ? [false, false] : [method.a.fours, method.b.fours];
  const bindings = [out, operand(aFours), operand(bFours), ...(bias && !split ? [operand(false)] : [])];
  const product = source(memoryOf(bindings, { a: 1, b: 2, bias: 3 }));
  const stored = split ? { ...product, store: storePart } : product;
  const layout = new ParameterLayout();
  const { body, scope, workgroup } = partsOf(stored, method, bindings);
  const lines = [...parameterLines(layout, product, ["part", "parts"]), ...body];
  return { source: shaderSource(id, bindings, layout, lines, scope, workgroup), bindings, layout };
}

/** Adds up the sums of all parts, in order, and stores them. Bindings: out, the sums and, if there is one, the bias. */
export function partsShader(id: string, source: ProductSource, variant: ProductVariant): Shader {
  const { dtype, halves, bias } = variant;
  const sums: Binding = { dtype: "float32", written: false, atomic: false };
  const added: Binding[] = bias ? [{ dtype, written: false, atomic: false, halves }] : [];
  const bindings = [outBinding(variant), sums, ...added];
  const product = source(memoryOf(bindings, { a: 1, b: 1, bias: 2 }));
  const layout = new ParameterLayout();
  const body = [
    ...parameterLines(layout, product, ["parts"]),
    "let size = m * n * batches;",
    "if (global >= size) { return; }",
    "let batch = global / (m * n);",
    "let row = (global / n) % m;",
    "let column = global % n;",
    ...product.batch,
    "var sum = 0.0;",
    "for (var p = 0u; p < parts; p++) { sum += m1[p * size + global]; }",
    "{",
    ...product.store("row", "column", "sum"),
    "}",
  ];
  return { source: shaderSource(`${id}, sum of parts`, bindings, layout, body), bindings, layout };
}

function partsOf(product: Product, method: ProductMethod, [out, a]: readonly Binding[]): ShaderParts {
  switch (method.by) {
    case "tiles":
      return productByTiles(product, method.tiles, method.a, method.b, a?.halves === true);
    case "quads":
      return productByQuads(product, method.tiles, method.exchange, out?.atomic === true);
  }
}

/** Where sums of a part lie: matrix after matrix. */
function storePart(row: string, column: string, sum: string): string[] {
  return [`m0[(whole * m + ${row}) * n + ${column}] = ${sum};`];
}

/** Once: a parameter costs as much as a load wherever it is read. */
function parameterLines(layout: ParameterLayout, product: Product, more: readonly string[]): string[] {
  const names = ["m", "n", "depth", "batches", ...more, ...product.parameters];
  return names.map((name) => `let ${name} = ${layout.word(name)};`);
}

/** Two invocations store the halves of a word. */
function outBinding({ dtype, halves }: ProductVariant): Binding {
  return { dtype, written: true, atomic: dtype === "float16" && !halves, halves };
}

function memoryOf(
  bindings: readonly Binding[],
  at: { readonly a: number; readonly b: number; readonly bias: number },
): ProductMemory {
  const operand = (binding: number) => ({ binding, dtype: (bindings[binding] as Binding).dtype });
  const load = (binding: number) => (position: string) => loadSource(operand(binding), bindings, position);
  const loadFour = (binding: number) => (position: string) => loadFourSource(operand(binding), bindings, position);
  return {
    a: load(at.a),
    b: load(at.b),
    aFour: loadFour(at.a),
    bFour: loadFour(at.b),
    bias: load(at.bias),
    out: load(0),
    store: (position, value) =>
      bindings[0]?.halves === true ? `m0[${position}] = to_half(${value});` : storeSource(operand(0), position, value),
  };
}
