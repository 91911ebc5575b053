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

/** Bytes that hold any structure of a layout (696 in version 2.6) and of an operation (5,976). */
const layoutSize = 1024;
const operationSize = 16384;

/** Version 2: a structure of a layout or of an operation is filled by a function, and an operation's is then handed over. */
export class Descriptors2 implements Descriptors {
  readonly #context: Context;
  readonly #functions: ReturnType<typeof functionsOf>;

  constructor(lib: LibraryHandle, context: Context) {
    this.#context = context;
    this.#functions = functionsOf(lib);
  }

  strided(shape: readonly number[], strides: readonly number[]): Layout {
    const layout = new Uint8Array(layoutSize);
    this.#functions.initLayoutByStrides(layout, shape.length, longs(shape), FLOAT32, longs(strides));
    return layout;
  }

  any(shape: readonly number[]): Layout {
    const layout = new Uint8Array(layoutSize);
    this.#functions.initLayoutByTag(layout, shape.length, longs(shape), FLOAT32, ANY_LAYOUT);
    return layout;
  }

  releaseLayouts(): void {
    // They are ours.
  }

  convolution({ source, weights, bias, destination }: ConvolutionLayouts, windows: Windows): Handle {
    const operation = new Uint8Array(operationSize);
    const layouts = [source, weights, bias, destination];
    this.#functions.initConvolution(operation, FORWARD_TRAINING, DIRECT_CONVOLUTION, ...layouts, ...sizesOf(windows));
    return this.#describe(operation, null);
  }

  convolutionBackwardData(
    { source, weights, destination }: ConvolutionLayouts,
    windows: Windows,
    forward: Handle,
  ): Handle {
    const operation = new Uint8Array(operationSize);
    const layouts = [source, weights, destination];
    this.#functions.initConvolutionBackwardData(operation, DIRECT_CONVOLUTION, ...layouts, ...sizesOf(windows));
    return this.#describe(operation, forward);
  }

  convolutionBackwardWeights(
    { source, weights, destination }: ConvolutionLayouts,
    windows: Windows,
    forward: Handle,
  ): Handle {
    const operation = new Uint8Array(operationSize);
    const layouts = [source, weights, null, destination];
    this.#functions.initConvolutionBackwardWeights(operation, DIRECT_CONVOLUTION, ...layouts, ...sizesOf(windows));
    return this.#describe(operation, forward);
  }

  #describe(operation: Uint8Array, forward: Handle | null): Handle {
    const { engine, attributes } = this.#context;
    return make(this.#functions.describe, operation, attributes, engine, forward);
  }
}

function functionsOf(lib: LibraryHandle) {
  return {
    initLayoutByStrides: checked(lib, "memory_desc_init_by_strides", "pipip"),
    initLayoutByTag: checked(lib, "memory_desc_init_by_tag", "pipii"),
    initConvolution: checked(lib, "dilated_convolution_forward_desc_init", "piipppppppp"),
    initConvolutionBackwardData: checked(lib, "dilated_convolution_backward_data_desc_init", "pippppppp"),
    initConvolutionBackwardWeights: checked(lib, "dilated_convolution_backward_weights_desc_init", "pipppppppp"),
    describe: checked(lib, "primitive_desc_create", "ppppp"),
  };
}
