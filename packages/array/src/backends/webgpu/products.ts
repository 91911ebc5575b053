import type { DType } from "../../dtype.js";
import type { PooledBuffer } from "./buffer-pool.js";
import { HandWritten } from "./hand-written.js";
import type { GpuContext } from "./launcher.js";
import { chooseProduct, workgroupsOf, type ProductSize, type ProductTraits } from "./product-method.js";
import type { ProductSource } from "./wgsl/product.js";
import { partsShader, productShader } from "./wgsl/product-shader.js";
import { workgroupSize } from "./wgsl/shader.js";

/** A product to be computed. */
export interface ProductTask extends ProductTraits {
  /** Of everything that makes its source. */
  readonly name: string;
  readonly source: () => ProductSource;
  readonly dtype: DType;
  readonly size: ProductSize;
  readonly parameters: Readonly<Record<string, number>>;
  readonly out: PooledBuffer;
  readonly operands: readonly [a: PooledBuffer, b: PooledBuffer];
  readonly bias: PooledBuffer | null;
}

/** Runs matrix products and what is computed like them; a shader is compiled for each way and layout. */
export class Products {
  private readonly shaders: HandWritten;

  /** @param choose - how the way is chosen: by the tables, unless a test has its own idea */
  constructor(
    private readonly context: GpuContext,
    private readonly choose: typeof chooseProduct = chooseProduct,
  ) {
    this.shaders = new HandWritten(context);
  }

  run({ name, source, dtype, size, parameters, out, operands, bias, ...traits }: ProductTask): void {
    const { pool, adapter } = this.context;
    const { method, parts, part } = this.choose(adapter, size, traits);
    const variant = { method, dtype, halves: dtype === "float16" && adapter.halves, bias: bias !== null };
    const values = { ...parameters, ...size, parts, part };
    const id = `${name} ${JSON.stringify(variant)}`;
    const groups = workgroupsOf(method, size) * parts;
    const added = bias === null ? [] : [bias];
    if (parts === 1) {
      const make = () => productShader(id, source(), { ...variant, split: false });
      this.shaders.runOn(id, make, [out, ...operands, ...added], values, groups);
      return;
    }
    const elements = size.m * size.n * size.batches;
    const sums = pool.take(parts * elements * 4);
    const make = () => productShader(`${id}, in parts`, source(), { ...variant, split: true });
    this.shaders.runOn(`${id}, in parts`, make, [sums, ...operands], values, groups);
    const makeSum = () => partsShader(id, source(), { ...variant, split: true });
    this.shaders.runOn(`${id}, sum`, makeSum, [out, sums, ...added], values, Math.ceil(elements / workgroupSize));
    pool.give(sums);
  }
}
