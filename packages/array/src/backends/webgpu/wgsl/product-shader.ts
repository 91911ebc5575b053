import type { Shader } from "./elementwise.js";
import { ParameterLayout, type Binding } from "./operands.js";
import type { Product } from "./product.js";
import { productByQuads, type QuadTiles } from "./quad-product.js";
import { shaderSource } from "./shader.js";
import { productByTiles, type ProductTiles, type StagingOrder } from "./tile-product.js";

/** How a product is computed. */
export type ProductMethod =
  | { readonly by: "tiles"; readonly tiles: ProductTiles; readonly order: StagingOrder }
  | { readonly by: "quads"; readonly tiles: QuadTiles; readonly exchange: boolean };

/** A float32 product. Bindings: out, a, b and, if there is one, a bias. */
export function productShader(id: string, product: Product, bias: boolean, method: ProductMethod): Shader {
  const layout = new ParameterLayout();
  const binding = (written: boolean): Binding => ({ dtype: "float32", written, atomic: false });
  const bindings = [binding(true), binding(false), binding(false), ...(bias ? [binding(false)] : [])];
  const { body, scope, workgroup } =
    method.by === "tiles"
      ? productByTiles(product, method.tiles, method.order)
      : productByQuads(product, method.tiles, method.exchange);
  // Once: a parameter costs as much as a load wherever it is read.
  const parameters = ["m", "n", "depth", "batches", ...product.parameters].map(
    (name) => `let ${name} = ${layout.word(name)};`,
  );
  return { source: shaderSource(id, bindings, layout, [...parameters, ...body], scope, workgroup), bindings, layout };
}
