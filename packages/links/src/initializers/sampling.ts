import { array, ValueError, type NdArray, type Shape } from "@chain/array";
import { Initializer, type GenerateOptions, type InitializerOptions } from "./initializer.js";

/** How pixels between pixels are computed. */
export interface SamplingOptions extends InitializerOptions {
  readonly interpolation?: "linear";
}

/**
 * Filters that interpolate images: channel i of the output sees channel i of the input alone, through a filter that
 * falls off linearly from its centre (Long et al. 2015, "Fully Convolutional Networks").
 */
abstract class SamplingFilter extends Initializer {
  readonly interpolation: "linear";

  constructor(options: SamplingOptions) {
    super(options);
    this.interpolation = options.interpolation ?? "linear";
    if (this.interpolation !== "linear") {
      throw new ValueError(`interpolation is "linear", got ${String(this.interpolation)}`);
    }
  }

  /** Whether the filter's elements sum to 1. */
  protected abstract readonly normalized: boolean;

  override generate(shape: Shape, options: GenerateOptions): NdArray {
    const [inputs = 0, outputs = 0, ...kernel] = shape;
    const size = kernel[0] ?? 1;
    const fits = shape.length >= 2 && (inputs === outputs || outputs === 1) && kernel.every((k) => k === size);
    if (!fits) {
      throw new ValueError(
        `${this.constructor.name} takes a shape (channels, channels or 1, k, k, …), got (${shape.join(", ")})`,
      );
    }
    const filter = linearFilter(size, kernel.length, this.normalized);
    const data = new Float64Array(inputs * outputs * filter.length);
    for (let i = 0; i < inputs; i++) data.set(filter, (i * outputs + (outputs === 1 ? 0 : i)) * filter.length);
    return array(data, options).reshape(shape);
  }
}

/** For a deconvolution that enlarges images; its stride should be `floor((ksize + 1) / 2)`. */
export class UpsamplingDeconvFilter extends SamplingFilter {
  protected override readonly normalized = false;

  constructor(options: SamplingOptions = {}) {
    super(options);
  }
}

/** For a convolution that shrinks images; its stride should be `floor((ksize + 1) / 2)`. */
export class DownsamplingConvFilter extends SamplingFilter {
  protected override readonly normalized = true;

  constructor(options: SamplingOptions = {}) {
    super(options);
  }
}

function linearFilter(size: number, ndim: number, normalized: boolean): Float64Array {
  const factor = Math.floor((size + 1) / 2);
  const center = size % 2 === 1 ? factor - 1 : factor - 0.5;
  const line = Array.from({ length: size }, (_, i) => 1 - Math.abs(i - center) / factor);
  let filter = [1];
  for (let axis = 0; axis < ndim; axis++) filter = filter.flatMap((value) => line.map((weight) => value * weight));
  const sum = normalized ? filter.reduce((a, b) => a + b, 0) : 1;
  return Float64Array.from(filter, (value) => value / sum);
}
