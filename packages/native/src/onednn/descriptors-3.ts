import type { LibraryHandle } from "koffi";
import {
  ANY_LAYOUT,
  DIRECT_CONVOLUTION,
  FLOAT32,
  FORWARD_TRAINING,
  longs,
  sizesOf,
  type Context,
  type ConvolutionLayouts,
  type Descriptors,
  type Layout,
  type Windows,
} from "./descriptors.js";
import { checked, make, type Handle } from "./functions.js";

/** Version 3: layouts are objects of the library's, which are to be given back, and one call describes an operation. */
export class Descriptors3 implements Descriptors {
  readonly #context: Context;
  readonly #functions: ReturnType<typeof functionsOf>;
  #layouts: Handle[] = [];

  constructor(lib: LibraryHandle, context: Context) {
    this.#context = context;
    this.#functions = functionsOf(lib);
  }

  strided(shape: readonly number[], strides: readonly number[]): Layout {
    return this.#keep(make(this.#functions.createLayoutByStrides, shape.length, longs(shape), FLOAT32, longs(strides)));
  }

  any(shape: readonly number[]): Layout {
    return this.#keep(make(this.#functions.createLayoutByTag, shape.length, longs(shape), FLOAT32, ANY_LAYOUT));
  }

  releaseLayouts(): void {
    for (const layout of this.#layouts) this.#functions.releaseLayout(layout);
    this.#layouts = [];
  }

  convolution({ source, weights, bias, destination }: ConvolutionLayouts, windows: Windows): Handle {
    const { engine, attributes } = this.#context;
    const operands = [FORWARD_TRAINING, DIRECT_CONVOLUTION, source, weights, bias, destination];
    return make(this.#functions.describeConvolution, engine, ...operands, ...sizesOf(windows), attributes);
  }

  convolutionBackwardData(
    { source, weights, destination }: ConvolutionLayouts,
    windows: Windows,
    forward: Handle,
  ): Handle {
    const { engine, attributes } = this.#context;
    const operands = [DIRECT_CONVOLUTION, source, weights, destination, ...sizesOf(windows)];
    return make(this.#functions.describeConvolutionBackwardData, engine, ...operands, forward, attributes);
  }

  convolutionBackwardWeights(
    { source, weights, destination }: ConvolutionLayouts,
    windows: Windows,
    forward: Handle,
  ): Handle {
    const { engine, attributes } = this.#context;
    const operands = [DIRECT_CONVOLUTION, source, weights, null, destination, ...sizesOf(windows)];
    return make(this.#functions.describeConvolutionBackwardWeights, engine, ...operands, forward, attributes);
  }

  #keep(layout: Handle): Layout {
    this.#layouts.push(layout);
    return layout;
  }
}

function functionsOf(lib: LibraryHandle) {
  return {
    createLayoutByStrides: checked(lib, "memory_desc_create_with_strides", "pipip"),
    createLayoutByTag: checked(lib, "memory_desc_create_with_tag", "pipii"),
    releaseLayout: checked(lib, "memory_desc_destroy", "p"),
    describeConvolution: checked(lib, "convolution_forward_primitive_desc_create", "ppiippppppppp"),
    describeConvolutionBackwardData: checked(lib, "convolution_backward_data_primitive_desc_create", "ppippppppppp"),
    describeConvolutionBackwardWeights: checked(
      lib,
      "convolution_backward_weights_primitive_desc_create",
      "ppipppppppppp",
    ),
  };
}
