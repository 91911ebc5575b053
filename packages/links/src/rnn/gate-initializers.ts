import { concatenate, copyto, empty, scope, slice, type NdArray, type Shape } from "@chain/array";
import type { Initializer as InitializerInterface } from "@chain/autograd";
import { Initializer, type GenerateOptions } from "../initializers/initializer.js";

/** First weights of several gates in one matrix: the initializer makes equal blocks of rows, one for each gate. */
export class BlocksInitializer extends Initializer {
  constructor(
    private readonly inner: InitializerInterface,
    private readonly blocks: number,
  ) {
    super({ dtype: inner.dtype });
  }

  override generate(shape: Shape, options: GenerateOptions): NdArray {
    const { inner, blocks } = this;
    const part = shape.with(0, (shape[0] as number) / blocks);
    return scope(() =>
      concatenate(
        Array.from({ length: blocks }, () => inner.generate(part, options)),
        { axis: 0 },
      ),
    );
  }
}

/** First biases of gates that lie side by side for every unit, an initializer for each gate. */
export class InterleavedInitializer extends Initializer {
  constructor(private readonly gates: readonly [InitializerInterface, ...InitializerInterface[]]) {
    super({ dtype: gates[0].dtype });
  }

  override generate(shape: Shape, options: GenerateOptions): NdArray {
    const { gates } = this;
    const units = (shape[0] as number) / gates.length;
    const result = empty(shape, options);
    scope(() => {
      gates.forEach((gate, i) => {
        // Initializers that look at the shape want two axes at least.
        const values = gate.generate([1, units, 1], options).reshape([units]);
        copyto(result.get(slice(i, null, gates.length)), values);
      });
    });
    return result;
  }
}
